/**
 * Compiles `protocols/<name>/<version>/<name>.proto` into `src/net/wire/<name>.ts`.
 *
 *     tsx scripts/build-wire.ts           write what has changed
 *     tsx scripts/build-wire.ts --check   write nothing, exit 1 when a file has drifted
 */
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { generate } from 'protons'
import { toErasable } from './wire/to-erasable.ts'

const root = dirname(dirname(fileURLToPath(import.meta.url)))

/** One wire contract: where it is specified and where its codec goes. */
interface WireSource {
  readonly proto: string
  readonly output: string
}

/** Every contract below `protocols/`. The first major version owns the plain name. */
export async function listWireSources(base: string = root): Promise<readonly WireSource[]> {
  const sources = new Map<string, WireSource>()
  for (const name of await subdirectories(join(base, 'protocols'))) {
    for (const version of await subdirectories(join(base, 'protocols', name))) {
      const directory = join(base, 'protocols', name, version)
      const protos = (await readdir(directory)).filter((file) => file.endsWith('.proto')).sort()
      for (const file of protos) {
        const major = Number.parseInt(version, 10)
        const stem = file.slice(0, -'.proto'.length) + (major > 1 ? `-v${major}` : '')
        const output = join(base, 'src/net/wire', `${stem}.ts`)
        const earlier = sources.get(output)
        if (earlier !== undefined) {
          throw new Error(`${earlier.proto} and ${join(directory, file)} both compile to ${output}`)
        }
        sources.set(output, { proto: join(directory, file), output })
      }
    }
  }
  return [...sources.values()]
}

/** The TypeScript codec of one `.proto` file. */
export async function compileWire(proto: string, label: string): Promise<string> {
  const work = await mkdtemp(join(tmpdir(), 'millrace-wire-'))
  try {
    // protons fails on a package statement; the name of a package is not on the wire.
    const text = (await readFile(proto, 'utf8')).replace(/^package\s+[\w.]+;\s*$/m, '')
    await writeFile(join(work, 'wire.proto'), text)
    await generate(join(work, 'wire.proto'), { output: work, strict: true })
    return toErasable(await readFile(join(work, 'wire.ts'), 'utf8'), label)
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

/** Compiles every contract and returns the outputs whose checked-in text differs. */
export async function findDrift(base: string = root): Promise<ReadonlyMap<string, string>> {
  const drifted = new Map<string, string>()
  for (const { proto, output } of await listWireSources(base)) {
    const compiled = await compileWire(proto, relative(base, proto))
    const current = await readFile(output, 'utf8').catch(() => null)
    if (current !== compiled) drifted.set(output, compiled)
  }
  return drifted
}

async function subdirectories(directory: string): Promise<readonly string[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

async function main(): Promise<void> {
  const check = process.argv.includes('--check')
  const drifted = await findDrift()
  for (const [output, compiled] of drifted) {
    if (!check) {
      await mkdir(dirname(output), { recursive: true })
      await writeFile(output, compiled)
    }
    process.stdout.write(`${check ? 'drifted' : 'wrote'} ${relative(root, output)}\n`)
  }
  if (check && drifted.size > 0) {
    process.stderr.write('run `tsx scripts/build-wire.ts` and commit the result\n')
    process.exitCode = 1
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await main()
