import { readFile } from 'node:fs/promises'
import { MillraceError } from '../lib/errors.ts'
import { poolLimits } from '../pool/limits.ts'

/**
 * The secret of a pool, from the config or a file; null when there is none.
 *
 * @throws `POOL_SECRET_UNREADABLE`; the secret itself is never part of a message
 */
export async function loadPoolSecret({
  secret,
  secretFile,
}: {
  readonly secret?: string | undefined
  readonly secretFile?: string | undefined
}): Promise<string | null> {
  if (secretFile === undefined) return secret ?? null
  let text: string
  try {
    text = (await readFile(secretFile, 'utf8')).trim()
  } catch (cause) {
    throw new MillraceError('POOL_SECRET_UNREADABLE', `cannot read the secret in ${secretFile}`, {
      cause,
      hint: 'Put the same random text into this file on the orchestrator and on its transcoders',
    })
  }
  const { minSecretLength } = poolLimits
  if (text.length >= minSecretLength) return text
  throw new MillraceError('POOL_SECRET_UNREADABLE', `the secret in ${secretFile} is too short`, {
    hint: `It needs ${minSecretLength} characters or more`,
  })
}
