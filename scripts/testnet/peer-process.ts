import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { sleep } from '../../src/lib/abort.ts'
import { programOf } from '../lib/program.ts'

/** What a node prints once it is up. */
export interface Ready {
  readonly http: string
  readonly peerId: string
  readonly address: string
  readonly addresses: readonly string[]
}

/** A node running as a process of its own. */
export interface PeerProcess {
  readonly name: string
  readonly role: string
  readonly pid: number
  readonly ready: Ready
  readonly logFile: string
  isRunning(): boolean
  /** The node's own account of itself; null when it does not answer. */
  status<T>(): Promise<T | null>
  stop(): Promise<void>
  kill(signal: NodeJS.Signals): void
}

const READY_TIMEOUT_MS = 60_000
const STOP_TIMEOUT_MS = 4_500

/** Starts `millrace start` on a config file and waits until it is up. */
export async function startPeer(init: {
  readonly name: string
  readonly role: string
  readonly configFile: string
  readonly logFile: string
  readonly signal: AbortSignal
}): Promise<PeerProcess> {
  const main = await programOf('src/cli/main.ts')
  init.signal.throwIfAborted()
  const log = openSync(init.logFile, 'a')
  const argv = [main, 'start', '--config', init.configFile, '--exit-with-parent']
  const child = spawn(process.execPath, argv, { stdio: ['pipe', 'pipe', log] })
  closeSync(log)
  const ready = await waitForReady(child, init).catch(async (error: unknown) => {
    await stopChild(child)
    throw error
  })
  return {
    name: init.name,
    role: init.role,
    pid: child.pid as number,
    ready,
    logFile: init.logFile,
    isRunning: () => child.exitCode === null && child.signalCode === null,
    async status<T>() {
      try {
        const signal = AbortSignal.timeout(5_000)
        return (await (await fetch(`${ready.http}/v1/status`, { signal })).json()) as T
      } catch {
        return null
      }
    },
    stop: () => stopChild(child),
    kill: (signal) => void child.kill(signal),
  }
}

async function waitForReady(
  child: ChildProcess,
  { name, logFile, signal }: { name: string; logFile: string; signal: AbortSignal },
): Promise<Ready> {
  const bounded = AbortSignal.any([signal, AbortSignal.timeout(READY_TIMEOUT_MS)])
  return new Promise((resolve, reject) => {
    const fail = (why: string): void => {
      const tail = readFileSync(logFile, 'utf8').split('\n').slice(-15).join('\n')
      reject(new Error(`${name} did not start: ${why}\n${tail}`))
    }
    const onExit = (): void => fail(`exit code ${child.exitCode ?? child.signalCode}`)
    const onAbort = (): void =>
      signal.aborted ? reject(signal.reason as Error) : fail('no answer in time')
    child.once('exit', onExit)
    bounded.addEventListener('abort', onAbort, { once: true })
    const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream })
    lines.once('line', (line) => {
      child.off('exit', onExit)
      bounded.removeEventListener('abort', onAbort)
      resolve(JSON.parse(line) as Ready)
    })
  })
}

/** SIGTERM, and SIGKILL for one that does not heed it. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const late = new AbortController()
  await Promise.race([
    gone,
    sleep(STOP_TIMEOUT_MS, { signal: late.signal })
      .then(() => void child.kill('SIGKILL'))
      .catch(() => {}),
  ])
  late.abort()
  await gone
}

/** The most memory a process has held, in bytes; 0 when it cannot be told. */
export function maxRssBytes(pid: number): number {
  try {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
    return match === null ? 0 : Number(match[1]) * 1024
  } catch {
    return 0
  }
}
