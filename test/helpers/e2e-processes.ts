import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { programOf } from '../../scripts/lib/program.ts'
import type { Cleanup } from './fixtures.ts'

/** Root of the repository. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url))

/** A process that cannot be mistaken for another one that gets its id later. */
export interface ProcessRef {
  readonly pid: number
  readonly command: string
  readonly startTime: string
}

/** Every process below one, found through /proc. */
export function descendantsOf(pid: number): ProcessRef[] {
  const children = new Map<number, ProcessRef[]>()
  for (const name of readdirSync('/proc').filter((entry) => /^\d+$/.test(entry))) {
    const found = readStat(Number(name))
    if (found === null) continue
    children.set(found.ppid, [...(children.get(found.ppid) ?? []), found.ref])
  }
  const below = (parent: number): ProcessRef[] =>
    (children.get(parent) ?? []).flatMap((child) => [child, ...below(child.pid)])
  return below(pid)
}

/** Whether a process still runs; one that ended and was not yet collected does not. */
export function isRunning({ pid, startTime }: ProcessRef): boolean {
  return readStat(pid)?.ref.startTime === startTime
}

/** Those of some processes that still run. */
export function stillRunning(processes: readonly ProcessRef[]): ProcessRef[] {
  return processes.filter(isRunning)
}

function readStat(pid: number): { readonly ppid: number; readonly ref: ProcessRef } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const rest = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (rest[0] === 'Z' || rest[0] === 'X') return null
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
    return { ppid: Number(rest[1]), ref: { pid, command, startTime: rest[19] ?? '' } }
  } catch {
    return null
  }
}

/** A program under test, with all it has said. */
export interface Program {
  readonly child: ChildProcess
  readonly pid: number
  stdout(): string
  stderr(): string
  /** Resolves when standard output matches; rejects when the program ends without it. */
  says(pattern: RegExp): Promise<RegExpExecArray>
  /** Exit code, or the name of the signal. */
  readonly exited: Promise<number | string>
}

/** Starts a program; whatever is left of it is killed when the test ends. */
export function startProgram(
  cleanup: Cleanup,
  command: string,
  args: readonly string[],
  options: { readonly env?: NodeJS.ProcessEnv; readonly cwd?: string } = {},
): Program {
  const env = { ...process.env, ...options.env }
  const stdio: ['pipe', 'pipe', 'pipe'] = ['pipe', 'pipe', 'pipe']
  const child = spawn(command, args, { cwd: options.cwd ?? ROOT, env, stdio })
  const said = { out: '', err: '' }
  const listeners = new Set<() => void>()
  const exited = once(child, 'close').then(() => child.exitCode ?? child.signalCode ?? 'unknown')
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text
    for (const listener of listeners) listener()
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text
  })
  cleanup.add(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
    await exited
  })
  return {
    child,
    pid: child.pid as number,
    stdout: () => said.out,
    stderr: () => said.err,
    exited,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const match = pattern.exec(said.out)
          if (match === null) return
          listeners.delete(look)
          resolve(match)
        }
        listeners.add(look)
        void exited.then((code) =>
          reject(new Error(`ended with ${code}, not ${pattern}:\n${said.out}\n${said.err}`)),
        )
        look()
      }),
  }
}

/** Arguments that run a program of this repository. */
export async function script(path: string, ...args: readonly string[]): Promise<string[]> {
  return [await programOf(path), ...args]
}
