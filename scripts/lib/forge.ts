import { spawn } from 'node:child_process'
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { bondingManagerBytecode } from '../../src/chain/abi/bonding-manager.ts'
import { mediaExchangeBytecode } from '../../src/chain/abi/media-exchange.ts'
import { paymentChannelsBytecode } from '../../src/chain/abi/payment-channels.ts'
import { roundsManagerBytecode } from '../../src/chain/abi/rounds-manager.ts'
import { ticketBrokerBytecode } from '../../src/chain/abi/ticket-broker.ts'
import { userRegistryBytecode } from '../../src/chain/abi/user-registry.ts'
import { videoRegistryBytecode } from '../../src/chain/abi/video-registry.ts'
import { workTokenBytecode } from '../../src/chain/abi/work-token.ts'
import { MillraceError } from '../../src/lib/errors.ts'

/** How the contracts' own tests run. */
export interface ForgeInit {
  /** `default` is long, `short` is what `npm test` runs. */
  readonly profile?: 'default' | 'short'
  /** Root of the project with `foundry.toml`. Default: this one. */
  readonly root?: string
  /** Further arguments of `forge test`. */
  readonly args?: readonly string[]
  /** Default: print. */
  readonly output?: 'print' | 'keep'
}

/** What a run came to. */
export interface ForgeRun {
  readonly code: number
  /** Everything it said, when it was kept. */
  readonly output: string
}

const creationCode = {
  BondingManager: bondingManagerBytecode,
  MediaExchange: mediaExchangeBytecode,
  PaymentChannels: paymentChannelsBytecode,
  RoundsManager: roundsManagerBytecode,
  TicketBroker: ticketBrokerBytecode,
  UserRegistry: userRegistryBytecode,
  VideoRegistry: videoRegistryBytecode,
  WorkToken: workTokenBytecode,
}
const projectRoot = fileURLToPath(new URL('../..', import.meta.url))
const compiler = fileURLToPath(new URL('forge-solc.mjs', import.meta.url))

/**
 * Runs the fuzz and invariant tests of the contracts, without the network.
 *
 * @throws `FORGE_MISSING` when npm installed no binary for this platform
 */
export async function runForge(init: ForgeInit = {}): Promise<ForgeRun> {
  const { profile = 'default', root = projectRoot, args = [], output = 'print' } = init
  await writeCreationCode(join(root, '.cache', 'forge', 'code'))
  const { promise, resolve, reject } = Promise.withResolvers<ForgeRun>()
  const child = spawn(forgeBinary(), ['test', '--root', root, ...args], {
    stdio: output === 'print' ? 'inherit' : ['ignore', 'pipe', 'pipe'],
    env: {
      ...process.env,
      FOUNDRY_PROFILE: profile,
      FOUNDRY_SOLC: compiler,
      FOUNDRY_DISABLE_NIGHTLY_WARNING: '1',
    },
  })
  let said = ''
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()))
  child.once('error', reject)
  child.once('close', (code) => resolve({ code: code ?? 1, output: said }))
  return promise
}

/** What the node deploys is what the tests deploy. */
async function writeCreationCode(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const [name, object] of Object.entries(creationCode)) {
    await writeFile(join(directory, `${name}.json`), JSON.stringify({ bytecode: { object } }))
  }
}

function forgeBinary(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const name = `@foundry-rs/forge-${process.platform}-${arch}`
  const require = createRequire(import.meta.url)
  try {
    // The platform package is a dependency of the wrapper: look from there.
    const wrapper = createRequire(require.resolve('@foundry-rs/forge/package.json'))
    const manifest = wrapper.resolve(`${name}/package.json`)
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'forge.exe' : 'forge')
  } catch (cause) {
    throw new MillraceError('FORGE_MISSING', `the package ${name} is not installed`, {
      cause,
      hint: 'Install with optional dependencies on a platform that Foundry supports',
    })
  }
}
