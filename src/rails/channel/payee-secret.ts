import { createHmac } from 'node:crypto'
import { concatBytes, u64, utf8 } from '../../lib/bytes.ts'
import { type Address, addressBytes } from '../../lib/crypto/address.ts'
import { hash160 } from '../../lib/crypto/hash160.ts'
import { randBytes } from '../../lib/crypto/random.ts'
import { versionedCodec } from '../../store/codec.ts'
import type { Store } from '../../store/store.ts'

/** A payee's secrets: all of them follow from one, so that none is kept for each offer. */
export interface PayeeSecret {
  /** The spend secret of the channel of a payer and a seed, 32 bytes. */
  spendSecret(payer: Address, seed: Uint8Array): Uint8Array
  /** The revoke secret of its commit of this number, 32 bytes. */
  revokeSecret(payer: Address, seed: Uint8Array, index: number): Uint8Array
  /** The hash of that. */
  revokeHash(payer: Address, seed: Uint8Array, index: number): Uint8Array
}

const codec = versionedCodec<Uint8Array>({
  name: 'channel secret',
  version: 1,
  parse(value) {
    if (value instanceof Uint8Array && value.byteLength === 32) return value
    throw new TypeError('not a channel secret')
  },
})

/** The secret of a store; drawn once, on disk before it is used. */
export async function openPayeeSecret(store: Store): Promise<PayeeSecret> {
  const table = store.table('channel-secret', codec)
  let secret = await table.get('current')
  if (secret === undefined) {
    secret = randBytes(32)
    await table.put('current', secret, { sync: true })
  }
  return payeeSecretFrom(secret)
}

/** Secrets that follow from one of the caller's. */
export function payeeSecretFrom(secret: Uint8Array): PayeeSecret {
  const derive = (what: string, payer: Address, seed: Uint8Array, index: number): Uint8Array => {
    const input = concatBytes(utf8(`millrace/channel-${what}/1\n`), addressBytes(payer), seed)
    return new Uint8Array(createHmac('sha256', secret).update(input).update(u64(index)).digest())
  }
  const revokeSecret: PayeeSecret['revokeSecret'] = (payer, seed, index) =>
    derive('revoke', payer, seed, index)
  return {
    spendSecret: (payer, seed) => derive('spend', payer, seed, 0),
    revokeSecret,
    revokeHash: (payer, seed, index) => hash160(revokeSecret(payer, seed, index)),
  }
}
