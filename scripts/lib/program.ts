import { createHash } from 'node:crypto'
import { access, readdir, readFile, rename, rm, stat, utimes } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin, stop } from 'esbuild'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const CACHE = join(ROOT, '.cache', 'programs')
/** Processes that run may load parts of what they were started from, so that it stays for a day. */
const KEPT_MS = 86_400_000

/** What cannot be joined: native code, and packages that start threads of files of their own. */
const EXTERNAL = [
  'classic-level',
  'esbuild',
  'fastify',
  '@fastify/static',
  'node-av',
  'pino',
  'pino-pretty',
]

/** CommonJS inside expects a `require`. */
const BANNER = `import { createRequire as requireOf } from 'node:module';const require = requireOf(${'import.meta'}.url);`

const made = new Map<string, Promise<string>>()

/**
 * A program of this repository, joined with its packages into a few files: a node of several hundred
 * modules starts in a fifth of the time that it takes from source.
 *
 * Invariant: what is returned is made of the present source. It is named after the hash of all that
 * goes into it, and made anew when that changes.
 * @param entry path of a TypeScript file, from the root of the repository
 * @returns path of what Node can run
 */
export function programOf(entry: string): Promise<string> {
  const known = made.get(entry)
  if (known !== undefined) return known
  const making = make(entry)
  made.set(entry, making)
  return making
}

async function make(entry: string): Promise<string> {
  const rooms = entry.startsWith('src/') ? ['src'] : ['src', 'scripts', 'test']
  const directory = join(CACHE, await hashOf(entry, rooms))
  const program = join(directory, 'main.js')
  if (await exists(program)) {
    await utimes(directory, new Date(), new Date())
    return program
  }
  const fresh = `${directory}.${process.pid}`
  await build({
    entryPoints: [
      { in: join(ROOT, entry), out: 'main' },
      { in: join(ROOT, 'src/media/worker/main.ts'), out: 'worker/main' },
    ],
    outdir: fresh,
    external: EXTERNAL,
    banner: { js: BANNER },
    plugins: [scriptsStayInPlace],
    ...{ bundle: true, splitting: true, format: 'esm', platform: 'node', target: 'node20' },
    ...{ keepNames: true, legalComments: 'none', logLevel: 'error' },
  })
  await stop()
  await rename(fresh, directory).catch(async (error: unknown) => {
    // Somebody else was faster.
    if (!(await exists(program))) throw error
    await rm(fresh, { recursive: true, force: true })
  })
  await prune()
  return program
}

/** Scripts and tests find files by where they themselves are; they go on doing so. */
const scriptsStayInPlace: Plugin = {
  name: 'scripts-stay-in-place',
  setup({ onLoad }) {
    onLoad({ filter: /[/\\](scripts|test)[/\\].*\.ts$/ }, async ({ path }) => {
      if (!/^(scripts|test)\b/.test(relative(ROOT, path))) return undefined
      const url = JSON.stringify(pathToFileURL(path).href)
      const contents = (await readFile(path, 'utf8')).replaceAll('import.meta.url', url)
      return { contents, loader: 'ts' }
    })
  },
}

async function hashOf(entry: string, rooms: readonly string[]): Promise<string> {
  const hash = createHash('sha256').update(entry)
  const own = fileURLToPath(import.meta.url)
  const files = [own, join(ROOT, 'package-lock.json')]
  for (const room of rooms) {
    const names = await readdir(join(ROOT, room), { recursive: true })
    const sources = names.filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    files.push(...sources.sort().map((name) => join(ROOT, room, name)))
  }
  for (const file of files) hash.update(relative(ROOT, file)).update(await readFile(file))
  return hash.digest('hex').slice(0, 16)
}

async function prune(): Promise<void> {
  for (const name of await readdir(CACHE)) {
    const path = join(CACHE, name)
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }))
    if (Date.now() - mtimeMs > KEPT_MS) await rm(path, { recursive: true, force: true })
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
