/**
 * Makes `protocols/<name>/<version>/vectors.json` by the node's own functions, from fixed keys and
 * fixed inputs.
 *
 *     tsx scripts/build-vectors.ts           write what has changed
 *     tsx scripts/build-vectors.ts --check   write nothing, exit 1 when a file has drifted
 */
import '../src/lib/polyfill.ts'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildAdvertVectors } from './vectors/advert.ts'
import { buildChannelVectors } from './vectors/channel.ts'
import { buildBidVectors, buildExchangeVectors, buildHelloVectors } from './vectors/media.ts'
import { buildAgentVectors, buildHostingVectors } from './vectors/media-finding.ts'
import { buildNegotiateVectors } from './vectors/negotiate.ts'
import { buildRedeemVectors } from './vectors/redeem.ts'
import { buildSegmentVectors } from './vectors/segment.ts'
import { buildTicketVectors } from './vectors/ticket.ts'
import { buildTranscodeVectors } from './vectors/transcode.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** The vectors of each protocol, by the file they belong in. */
const builders = {
  'protocols/agent/1.0.0/vectors.json': buildAgentVectors,
  'protocols/advert/1.0.0/vectors.json': buildAdvertVectors,
  'protocols/channel/1.0.0/vectors.json': buildChannelVectors,
  'protocols/bid/1.0.0/vectors.json': buildBidVectors,
  'protocols/exchange/1.0.0/vectors.json': buildExchangeVectors,
  'protocols/hello/1.0.0/vectors.json': buildHelloVectors,
  'protocols/hosting/1.0.0/vectors.json': buildHostingVectors,
  'protocols/negotiate/1.0.0/vectors.json': buildNegotiateVectors,
  'protocols/redeem/1.0.0/vectors.json': buildRedeemVectors,
  'protocols/segment/1.0.0/vectors.json': buildSegmentVectors,
  'protocols/ticket/1.0.0/vectors.json': buildTicketVectors,
  'protocols/transcode/1.0.0/vectors.json': buildTranscodeVectors,
}

/** Builds all vectors and returns the files whose checked-in text differs. */
export async function findVectorDrift(base: string = root): Promise<ReadonlyMap<string, string>> {
  const drifted = new Map<string, string>()
  for (const [path, build] of Object.entries(builders)) {
    const file = join(base, path)
    const text = `${JSON.stringify(await build(), null, 2)}\n`
    const current = await readFile(file, 'utf8').catch(() => null)
    if (current !== text) drifted.set(file, text)
  }
  return drifted
}

async function main(): Promise<void> {
  const check = process.argv.includes('--check')
  const drifted = await findVectorDrift()
  for (const [file, text] of drifted) {
    if (!check) await writeFile(file, text)
    process.stdout.write(`${check ? 'drifted' : 'wrote'} ${relative(root, file)}\n`)
  }
  if (check && drifted.size > 0) {
    process.stderr.write('run `tsx scripts/build-vectors.ts` and commit the result\n')
    process.exitCode = 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
