import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { mnemonicToAccount } from 'viem/accounts'
import { type AbortOptions, anySignal, raceSignal } from '../../src/lib/abort.ts'
import { MillraceError } from '../../src/lib/errors.ts'

/** How a local EVM is to behave. */
export interface AnvilInit {
  /** Default 31337. */
  readonly chainId?: number
  /** Seconds between blocks; without it a block is mined for every transaction. */
  readonly blockTimeSeconds?: number
  /** How many funded accounts there are. Default 10. */
  readonly accounts?: number
  /** Ether in each of them. Default 10000. */
  readonly balanceEther?: number
  readonly gasPriceWei?: bigint
  readonly baseFeeWei?: bigint
  /** Mines only when asked to. */
  readonly noMining?: boolean
  /** Default: any free port. */
  readonly port?: number
}

/** A funded account of a local EVM. */
export interface AnvilAccount {
  readonly address: `0x${string}`
  readonly privateKey: Uint8Array
}

/** A running local EVM. */
export interface Anvil {
  readonly port: number
  readonly chainId: number
  readonly rpcUrl: string
  readonly wsUrl: string
  readonly pid: number
  readonly watchdogPid: number
  /** Settles when the EVM has exited, for whatever reason. */
  readonly exited: Promise<void>
  /** A funded account, by its index. */
  account(index: number): AnvilAccount
  /** Ends both processes; resolves when they are gone. Safe to call twice. */
  stop(): Promise<void>
}

const startTimeoutMs = 20_000
const stopTimeoutMs = 1500
const keptErrorChars = 2000
const mnemonic = 'test test test test test test test test test test test junk'
const watchdogPath = fileURLToPath(new URL('anvil-watchdog.mjs', import.meta.url))

/**
 * Starts a local EVM on loopback that ends with this process, even when this process is killed.
 *
 * The platform's binary is spawned by a watchdog that holds a pipe to this process; both are in a
 * process group of their own, so that Ctrl-C in a terminal lets the nodes finish before the chain.
 *
 * @throws `ANVIL_MISSING` when npm installed no binary for this platform
 * @throws `ANVIL_FAILED` when it does not start, with what it said
 */
export async function startAnvil(init: AnvilInit = {}, options: AbortOptions = {}): Promise<Anvil> {
  options.signal?.throwIfAborted()
  const watchdog = spawn(process.execPath, [watchdogPath, anvilBinary(), ...argumentsOf(init)], {
    stdio: ['pipe', 'pipe', 'pipe'],
    detached: true,
  })
  const exited = once(watchdog, 'exit').then(() => undefined)
  const handle: { pid?: number } = {}
  const stop = (): Promise<void> => stopWatchdog(watchdog, handle, exited)
  try {
    const signal = anySignal([options.signal], startTimeoutMs)
    const { pid, port } = await raceSignal(readiness(watchdog, handle, exited), { signal })
    return {
      port,
      pid,
      chainId: init.chainId ?? 31337,
      rpcUrl: `http://127.0.0.1:${port}`,
      wsUrl: `ws://127.0.0.1:${port}`,
      watchdogPid: watchdog.pid as number,
      exited,
      account: accountAt,
      stop,
    }
  } catch (error) {
    await stop()
    throw error
  }
}

/** The path of the binary that npm installed for this platform. */
export function anvilBinary(): string {
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  const name = `@foundry-rs/anvil-${process.platform}-${arch}`
  // The platform package is a dependency of the wrapper: look from there.
  const require = createRequire(import.meta.url)
  try {
    const wrapper = createRequire(require.resolve('@foundry-rs/anvil/package.json'))
    const manifest = wrapper.resolve(`${name}/package.json`)
    return join(dirname(manifest), 'bin', process.platform === 'win32' ? 'anvil.exe' : 'anvil')
  } catch (error) {
    throw new MillraceError('ANVIL_MISSING', `the package ${name} is not installed`, {
      cause: error,
      hint: 'Install with optional dependencies on a platform that Foundry supports',
    })
  }
}

function argumentsOf(init: AnvilInit): string[] {
  const flag = (name: string, value: string | number | bigint | undefined): string[] =>
    value === undefined ? [] : [`--${name}`, String(value)]
  return [
    ...flag('host', '127.0.0.1'),
    ...flag('port', init.port ?? 0),
    ...flag('color', 'never'),
    ...flag('mnemonic', mnemonic),
    // Keeps states in memory alone, and mining from slowing down with the height.
    ...flag('prune-history', 256),
    ...flag('chain-id', init.chainId),
    ...flag('block-time', init.blockTimeSeconds),
    ...flag('accounts', init.accounts),
    ...flag('balance', init.balanceEther),
    ...flag('gas-price', init.gasPriceWei),
    ...flag('block-base-fee-per-gas', init.baseFeeWei),
    ...(init.noMining === true ? ['--no-mining'] : []),
  ]
}

async function readiness(
  watchdog: ChildProcess,
  handle: { pid?: number },
  exited: Promise<void>,
): Promise<{ pid: number; port: number }> {
  let errors = ''
  watchdog.stderr?.setEncoding('utf8').on('data', (text: string) => {
    errors = (errors + text).slice(-keptErrorChars)
  })
  const listening = new Promise<{ pid: number; port: number }>((resolve, reject) => {
    let said = ''
    watchdog.once('error', reject)
    watchdog.stdout?.setEncoding('utf8').on('data', (text: string) => {
      // After the start the pipe is only drained: a full one would stop the EVM.
      if (said === 'ready') return
      said += text
      const pid = /^watching (\d+)$/m.exec(said)?.[1]
      const port = /^Listening on [\d.]+:(\d+)$/m.exec(said)?.[1]
      if (pid !== undefined) handle.pid = Number(pid)
      if (pid === undefined || port === undefined) return
      said = 'ready'
      resolve({ pid: Number(pid), port: Number(port) })
    })
  })
  const early = exited.then(() => {
    throw new MillraceError('ANVIL_FAILED', 'the local EVM did not start', {
      meta: { stderr: errors },
    })
  })
  return Promise.race([listening, early])
}

async function stopWatchdog(
  watchdog: ChildProcess,
  handle: { pid?: number },
  exited: Promise<void>,
): Promise<void> {
  watchdog.stdin?.on('error', () => {}).end()
  if (watchdog.pid === undefined) return
  try {
    await raceSignal(exited, { signal: AbortSignal.timeout(stopTimeoutMs) })
  } catch {
    for (const pid of [watchdog.pid, handle.pid]) {
      try {
        if (pid !== undefined) process.kill(pid, 'SIGKILL')
      } catch {
        // It is gone already, which is what was wanted.
      }
    }
    await exited
  }
}

function accountAt(index: number): AnvilAccount {
  const account = mnemonicToAccount(mnemonic, { addressIndex: index })
  const privateKey = account.getHdKey().privateKey
  if (privateKey === null) throw new RangeError('the derivation gave no private key')
  return { address: account.address, privateKey }
}
