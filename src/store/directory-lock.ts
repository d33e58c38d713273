import { open, readFile, realpath, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { MillraceError } from '../lib/errors.ts'

/** The hold of this process on a directory. */
export interface DirectoryLock {
  release(): Promise<void>
}

const held = new Set<string>()

/**
 * Takes a directory for this process alone, through a pid file made exclusively and a map of what
 * this process holds.
 *
 * LevelDB's own lock is not enough: a refused second open within one process closes a descriptor
 * and thereby drops the POSIX lock of the first, after which another process can open the database
 * and acknowledged writes vanish. So LevelDB is never asked unless this lock is held.
 *
 * @throws `STORE_LOCKED` naming the directory and the process that holds it
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  const path = join(await realpath(directory), 'millrace.pid')
  if (held.has(path)) throw locked(directory, process.pid)
  held.add(path)
  try {
    await createPidFile(directory, path)
  } catch (error) {
    held.delete(path)
    throw error
  }
  return {
    async release() {
      if (!held.has(path)) return
      await rm(path, { force: true })
      held.delete(path)
    },
  }
}

async function createPidFile(directory: string, path: string): Promise<void> {
  const self = `${process.pid} ${await startTimeOf(process.pid)}`
  for (let attempt = 0; attempt < 3; attempt += 1) {
    try {
      const file = await open(path, 'wx')
      await file.writeFile(self)
      await file.close()
      return
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    }
    const owner = await readOwner(path)
    if (owner !== null && (await isAlive(owner))) throw locked(directory, owner.pid)
    await rm(path, { force: true })
  }
  throw locked(directory, undefined)
}

interface Owner {
  readonly pid: number
  readonly startTime: string
}

async function readOwner(path: string): Promise<Owner | null> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const [pid = '', startTime = ''] = text.trim().split(' ')
  return /^\d+$/.test(pid) ? { pid: Number(pid), startTime } : null
}

async function isAlive(owner: Owner): Promise<boolean> {
  try {
    process.kill(owner.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  // A pid alone may have been given to another program since; with its start time it is unique.
  return owner.startTime === '' || owner.startTime === (await startTimeOf(owner.pid))
}

/** Start time in clock ticks since boot on Linux, empty elsewhere. */
async function startTimeOf(pid: number): Promise<string> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function locked(directory: string, pid: number | undefined): MillraceError {
  const owner = pid === undefined ? 'another process' : `process ${pid}`
  return new MillraceError(
    'STORE_LOCKED',
    `the data directory ${directory} is in use by ${owner}`,
    {
      hint: 'Stop that process, or give this one a data directory of its own',
      meta: { directory, pid },
    },
  )
}
