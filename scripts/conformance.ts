import '../src/lib/polyfill.ts'
import { readFile } from 'node:fs/promises'
import pLimit from 'p-limit'
import { messageOf } from '../src/lib/errors.ts'
import { checkVector, renderReport } from './lib/conformance.ts'
import { parseVectorFile } from './lib/conformance-file.ts'

const usage = `usage: npm run conformance -- tickets FILE

Checks this node against ticket redemptions that were recorded on a chain: hashes, signatures and
draws are recomputed, and each ticket is redeemed with our contracts on a local chain of its own.
Exits with 0 when all pass, 1 when one fails, 2 when the file cannot be used.`

/** One local chain for each processor of a small machine. */
const concurrency = 2

async function tickets(path: string): Promise<number> {
  const vectors = parseVectorFile(await readFile(path, 'utf8'))
  const limit = pLimit(concurrency)
  const reports = vectors.map((vector) => limit(() => checkVector(vector)))
  let failed = 0
  for (const pending of reports) {
    const report = await pending
    if (report.faults.length > 0) failed += 1
    console.log(renderReport(report))
  }
  console.log(`${vectors.length - failed} passed, ${failed} failed`)
  return failed === 0 ? 0 : 1
}

const [subject, path, ...rest] = process.argv.slice(2)
if (subject !== 'tickets' || path === undefined || rest.length > 0) {
  console.error(usage)
  process.exitCode = 2
} else {
  try {
    process.exitCode = await tickets(path)
  } catch (error) {
    console.error(`${path}: ${messageOf(error)}`)
    process.exitCode = 2
  }
}
