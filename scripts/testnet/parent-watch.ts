import { readFileSync } from 'node:fs'

const POLL_MS = 250
/** Programs that only stand between npm and what it runs. */
const SHELLS = new Set(['sh', 'bash', 'dash', 'ash', 'zsh', 'busybox'])

/**
 * Calls back once npm is gone, if npm started this process: killed with SIGKILL it can pass on
 * nothing. npm runs a script in a shell, which may or may not have replaced itself by us.
 */
export function watchNpm(onGone: () => void): void {
  if (process.env['npm_lifecycle_event'] === undefined) return
  const parent = process.ppid
  const shell = readProcess(parent)
  const npm = shell !== null && SHELLS.has(shell.name) ? shell.ppid : null
  const timer = setInterval(() => {
    const hasParent = process.ppid === parent
    if (hasParent && (npm === null || readProcess(parent)?.ppid === npm)) return
    clearInterval(timer)
    onGone()
  }, POLL_MS)
  timer.unref()
}

/** Name and parent of a process, where the system shows them under /proc; elsewhere null. */
export function readProcess(pid: number): { readonly name: string; readonly ppid: number } | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const match = /^\d+ \((.*)\) \S (\d+) /s.exec(stat)
    return match === null ? null : { name: match[1] as string, ppid: Number(match[2]) }
  } catch {
    return null
  }
}
