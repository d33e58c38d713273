import { type ChildProcess, fork } from 'node:child_process'
import { mkdtemp, rmdir } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { MillraceError } from '../lib/errors.ts'
import { WORKER_START_TIMEOUT_MS } from './limits.ts'
import type { WorkerKind } from './worker/protocol.ts'

/** How a media process ended. */
export interface ChildExit {
  readonly code: number | null
  readonly signal: string | null
  /** The end of what it wrote to stderr. */
  readonly stderr: string
}

/** A media process: messages in, messages out, and its end. */
export interface MediaChild<Request, Reply> {
  readonly pid: number
  send(request: Request): void
  onReply(listener: (reply: Reply) => void): void
  /** Settles when the process is gone, however it went. */
  readonly exited: Promise<ChildExit>
  /** Ends it at once: native code can be stopped in no other way. */
  kill(): void
}

const MAX_STDERR_CHARS = 2_000

const FROM_SOURCE = import.meta.url.endsWith('.ts')

/** A loader for TypeScript when the parent itself runs from source, nothing when it is compiled. */
function loaderArgs(): string[] {
  if (!FROM_SOURCE) return []
  const loader = createRequire(import.meta.url).resolve('tsx')
  return ['--import', pathToFileURL(loader).href]
}

/** An environment without the parent's secrets; Windows cannot start a process without the one. */
function cleanEnvironment(): NodeJS.ProcessEnv {
  const root = process.env['SystemRoot']
  return root === undefined ? {} : { SystemRoot: root }
}

/** An empty directory for media processes to run in. Release it when they are gone. */
export async function createWorkingDirectory(): Promise<{
  path: string
  release(): Promise<void>
}> {
  const path = await mkdtemp(join(tmpdir(), 'millrace-media-'))
  return { path, release: async () => rmdir(path).catch(() => {}) }
}

/** Forks a media process. Nothing of the parent is inherited but the message channel. */
export function forkMediaChild<Request extends object, Reply extends object>(
  kind: WorkerKind,
  workingDirectory: string,
): MediaChild<Request, Reply> {
  const entry = new URL(FROM_SOURCE ? './worker/main.ts' : './worker/main.js', import.meta.url)
  const child: ChildProcess = fork(fileURLToPath(entry), [kind], {
    cwd: workingDirectory,
    env: cleanEnvironment(),
    execArgv: loaderArgs(),
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  })
  let stderr = ''
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    stderr = (stderr + text).slice(-MAX_STDERR_CHARS)
  })
  const exited = new Promise<ChildExit>((resolve) => {
    child.once('error', () => resolve({ code: null, signal: null, stderr }))
    child.once('close', (code, signal) => resolve({ code, signal, stderr }))
  })
  // Without a listener a failed write to a dead child would be thrown; `exited` tells the story.
  child.on('error', () => {})
  return {
    pid: child.pid ?? -1,
    send(request) {
      if (child.connected) child.send(request, () => {})
    },
    onReply: (listener) => void child.on('message', (reply) => listener(reply as Reply)),
    exited,
    kill: () => void child.kill('SIGKILL'),
  }
}

/** Waits for a fresh process's first word. Kills it and throws when that does not come in time. */
export async function untilReady<Reply extends { readonly type: string }>(
  child: MediaChild<never, Reply>,
  signal?: AbortSignal,
): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const fail = (code: string, message: string, meta: Record<string, unknown>): void => {
      finish()
      child.kill()
      reject(new MillraceError(code, message, { meta }))
    }
    const onAbort = (): void => {
      finish()
      child.kill()
      reject(signal?.reason as Error)
    }
    const timer = setTimeout(
      () => fail('WORKER_START_TIMEOUT', 'a media process did not start', {}),
      WORKER_START_TIMEOUT_MS,
    )
    const finish = (): void => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    if (signal?.aborted === true) return onAbort()
    signal?.addEventListener('abort', onAbort, { once: true })
    child.onReply((reply) => {
      finish()
      resolve(reply)
    })
    void child.exited.then((exit) =>
      fail('WORKER_START_FAILED', 'a media process ended while it started', { ...exit }),
    )
  })
}
