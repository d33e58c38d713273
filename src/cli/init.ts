import { randomBytes } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { toHex } from '../lib/bytes.ts'
import { MillraceError } from '../lib/errors.ts'
import type { Role } from '../node/config.ts'
import { configTemplate } from '../node/config-template.ts'

/** Writes a commented config and, beside it, a new wallet key when there is none. */
export async function init(options: {
  readonly role: Role
  readonly config: string
  readonly force?: boolean
}): Promise<void> {
  const path = resolve(options.config)
  await mkdir(dirname(path), { recursive: true })
  try {
    await writeFile(path, configTemplate(options.role), {
      flag: options.force === true ? 'w' : 'wx',
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    throw new MillraceError('CONFIG_EXISTS', `${path} exists`, {
      hint: 'Name another file with --config, or overwrite it with --force',
    })
  }
  process.stdout.write(`wrote ${path}\n`)
  // It takes no part in the market, so it has no account.
  if (options.role === 'transcoder') return
  const keyFile = join(dirname(path), 'wallet.key')
  if (await createKeyFile(keyFile))
    process.stdout.write(`wrote ${keyFile}: keep it secret, keep a copy\n`)
}

async function createKeyFile(path: string): Promise<boolean> {
  try {
    await writeFile(path, `${toHex(randomBytes(32))}\n`, { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
