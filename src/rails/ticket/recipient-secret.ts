import { createHmac } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { concatBytes, u64, u256, utf8 } from '../../lib/bytes.ts'
import { type Address, addressBytes } from '../../lib/crypto/address.ts'
import { randBytes } from '../../lib/crypto/random.ts'
import { versionedCodec } from '../../store/codec.ts'
import type { Store } from '../../store/store.ts'
import type { TicketParams } from './ticket.ts'

/** The recipient's secret, from which every recipientRand follows. */
export interface RecipientSecret {
  /** Whether the secret is new, so that params given out before are void. */
  readonly isFresh: boolean
  /** The 32-byte recipientRand of params, taken from all of their fields but the hash itself. */
  recipientRand(params: Omit<TicketParams, 'recipientRandHash'>, sender: Address): Uint8Array
}

interface StoredSecret {
  readonly secret: Uint8Array
  readonly bootId: string
}

const DOMAIN = utf8('millrace/recipient-rand/1\n')
const KEY = 'current'

const codec = versionedCodec<StoredSecret>({
  name: 'recipient secret',
  version: 1,
  parse(value) {
    const { secret, bootId } = value as Partial<StoredSecret>
    if (secret instanceof Uint8Array && secret.byteLength === 32 && typeof bootId === 'string') {
      return { secret, bootId }
    }
    throw new TypeError('not a recipient secret')
  },
})

/**
 * The secret of this boot of the machine: kept across a crash of the process, since what was
 * written then survives in the kernel's page cache together with the nonces, and drawn anew after
 * a reboot, since then nonces may be missing.
 *
 * Invariant: a secret is never in use with fewer nonces than were admitted under it.
 */
export async function openRecipientSecret(store: Store): Promise<RecipientSecret> {
  const table = store.table('recipient-secret', codec)
  const bootId = await readBootId()
  const stored = await table.get(KEY)
  const isFresh = stored === undefined || bootId === '' || stored.bootId !== bootId
  const secret = isFresh ? randBytes(32) : stored.secret
  if (isFresh) await table.put(KEY, { secret, bootId }, { sync: true })
  return { isFresh, recipientRand: (params, sender) => derive(secret, params, sender) }
}

/** A recipient secret given by the caller, for instance one shared by a fleet. */
export function recipientSecretFrom(secret: Uint8Array): RecipientSecret {
  if (secret.byteLength !== 32) throw new RangeError('a recipient secret is 32 bytes')
  return { isFresh: false, recipientRand: (params, sender) => derive(secret, params, sender) }
}

/** All fields at fixed width behind a domain tag, so that no two sets of params share an input. */
function derive(
  secret: Uint8Array,
  params: Omit<TicketParams, 'recipientRandHash'>,
  sender: Address,
): Uint8Array {
  const input = concatBytes(
    DOMAIN,
    params.seed,
    addressBytes(params.recipient),
    addressBytes(sender),
    u256(params.faceValue),
    u256(params.winProb),
    u64(params.expirationBlock),
    u64(params.expirationParams.creationRound),
    params.expirationParams.creationRoundBlockHash,
  )
  return new Uint8Array(createHmac('sha256', secret).update(input).digest())
}

/** Changes with every boot of the machine; empty where the system has no such id. */
async function readBootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => '')).trim()
}
