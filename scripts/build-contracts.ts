import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The file a contract's interface is generated into, and its text. */
export interface GeneratedFile {
  readonly path: string
  readonly text: string
}

/** The contracts whose interfaces the node uses. */
export const contractNames = [
  'BondingManager',
  'MediaExchange',
  'PaymentChannels',
  'RoundsManager',
  'ServiceRegistry',
  'TicketBroker',
  'UserRegistry',
  'VideoRegistry',
  'WorkToken',
] as const

const root = fileURLToPath(new URL('..', import.meta.url))
const sourceDirectory = join(root, 'contracts')
const abiDirectory = join(root, 'src', 'chain', 'abi')
const cacheDirectory = join(root, '.cache', 'contracts')

interface CompilerMessage {
  readonly severity: string
  readonly formattedMessage: string
}

interface CompiledContract {
  readonly abi: readonly unknown[]
  readonly evm: { readonly bytecode: { readonly object: string } }
}

interface CompilerOutput {
  readonly errors?: readonly CompilerMessage[]
  readonly contracts?: Readonly<Record<string, Readonly<Record<string, CompiledContract>>>>
}

/** Every Solidity file but the tests, by its path below `contracts/`. */
async function readSources(): Promise<Record<string, { content: string }>> {
  const paths = await readdir(sourceDirectory, { recursive: true })
  const sources: Record<string, { content: string }> = {}
  for (const path of paths.filter((name) => /^(?!test\b).*\.sol$/.test(name)).sort()) {
    const content = await readFile(join(sourceDirectory, path), 'utf8')
    sources[path.replaceAll('\\', '/')] = { content: content.replaceAll('\r\n', '\n') }
  }
  return sources
}

/** Compiler settings. The metadata hash is left out, so a comment does not change the bytecode. */
const settings = {
  evmVersion: 'cancun',
  viaIR: true,
  optimizer: { enabled: true, runs: 2_000 },
  metadata: { appendCBOR: false, bytecodeHash: 'none' },
  outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
}

/**
 * Compiles the contracts and renders the generated files, without touching the disk.
 *
 * @throws Error with the compiler's messages; a warning counts as an error
 */
export async function generateContracts(): Promise<readonly GeneratedFile[]> {
  const input = { language: 'Solidity', sources: await readSources(), settings }
  const output = JSON.parse(await compile(JSON.stringify(input))) as CompilerOutput
  const faults = (output.errors ?? []).filter(({ severity }) => severity !== 'info')
  if (faults.length > 0) {
    throw new Error(faults.map(({ formattedMessage }) => formattedMessage).join('\n'))
  }
  return contractNames.map((name) => {
    const contract = output.contracts?.[`${name}.sol`]?.[name]
    if (contract === undefined) throw new Error(`no contract ${name} in ${name}.sol`)
    return { path: join(abiDirectory, `${kebab(name)}.ts`), text: render(name, contract) }
  })
}

/** The compiler's answer; it takes half a minute, so that the one to the same question is kept. */
async function compile(input: string): Promise<string> {
  const require = createRequire(import.meta.url)
  const { version } = require('solc/package.json') as { readonly version: string }
  const hash = createHash('sha256').update(`${version}\n${input}`).digest('hex')
  const file = join(cacheDirectory, `${hash.slice(0, 32)}.json`)
  const known = await readFile(file, 'utf8').catch(() => null)
  if (known !== null) return known
  const solc = require('solc') as { compile(input: string): string }
  const output = solc.compile(input)
  await rm(cacheDirectory, { recursive: true, force: true })
  await mkdir(cacheDirectory, { recursive: true })
  await writeFile(`${file}.${process.pid}`, output)
  await rename(`${file}.${process.pid}`, file)
  return output
}

function kebab(name: string): string {
  return name.replace(/(?<=[a-z])[A-Z]/g, (letter) => `-${letter}`).toLowerCase()
}

function render(name: string, contract: CompiledContract): string {
  const variable = (name[0] as string).toLowerCase() + name.slice(1)
  return [
    '// Generated from contracts/ by scripts/build-contracts.ts. Do not edit.',
    "import type { Hex } from '../../lib/bytes.ts'",
    '',
    `/** Interface of ${name}.sol. */`,
    `export const ${variable}Abi = ${literal(contract.abi, '')} as const`,
    '',
    `/** Creation code of ${name}.sol. */`,
    `export const ${variable}Bytecode: Hex =`,
    `  '0x${contract.evm.bytecode.object}'`,
    '',
  ].join('\n')
}

function literal(value: unknown, indent: string): string {
  const inner = `${indent}  `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    const items = value.map((item) => `${inner}${literal(item, inner)},\n`)
    return `[\n${items.join('')}${indent}]`
  }
  if (typeof value === 'object' && value !== null) {
    const fields = Object.entries(value)
      .filter(([key]) => key !== 'internalType')
      .map(([key, field]) => `${inner}${key}: ${literal(field, inner)},\n`)
    return `{\n${fields.join('')}${indent}}`
  }
  return typeof value === 'string' ? `'${value}'` : String(value)
}

/** Paths of generated files that are missing, different, or should not be there. */
export async function findDrift(): Promise<readonly string[]> {
  const files = await generateContracts()
  const drifted: string[] = []
  for (const { path, text } of files) {
    const existing = await readFile(path, 'utf8').catch(() => '')
    if (existing.replaceAll('\r\n', '\n') !== text) drifted.push(path)
  }
  return [...drifted, ...(await strayFiles(files))]
}

async function strayFiles(files: readonly GeneratedFile[]): Promise<readonly string[]> {
  const expected = new Set(files.map(({ path }) => path))
  const names = await readdir(abiDirectory)
  return names.map((name) => join(abiDirectory, name)).filter((path) => !expected.has(path))
}

async function main(check: boolean): Promise<number> {
  if (check) {
    const drifted = await findDrift()
    for (const path of drifted) process.stderr.write(`differs from its contract: ${path}\n`)
    return drifted.length === 0 ? 0 : 1
  }
  const files = await generateContracts()
  await mkdir(abiDirectory, { recursive: true })
  for (const { path, text } of files) await writeFile(path, text)
  for (const path of await strayFiles(files)) await rm(path)
  return 0
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  process.exitCode = await main(process.argv.includes('--check'))
}
