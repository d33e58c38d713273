import type { Address } from '../../lib/crypto/address.ts'
import { versionedCodec } from '../../store/codec.ts'
import type { Store, WriteOp } from '../../store/store.ts'
import type { OnChain } from './facts.ts'
import { type ChannelState, openState } from './state.ts'
import {
  bareBytes,
  bareHex,
  type ChannelDomain,
  channelIdOf,
  parseTerms,
  type Terms,
} from './terms.ts'

/**
 * - `opening`: the deposit is decided on, and perhaps sent
 * - `open`: it is on the chain
 * - `over`: nothing of it is left
 */
export type PayerStage = 'opening' | 'open' | 'over'

/** A channel as its payer keeps it. */
export interface PayerRecord {
  readonly state: ChannelState
  /** The payee's, given back with every payment. */
  readonly seed: Uint8Array
  readonly stage: PayerStage
  /** What was deposited at first, and then in all. */
  readonly deposit: bigint
  readonly deposited: bigint
  readonly topUps: number
  readonly confirmations: number
  /** Of its commits, in blocks. */
  readonly delay: number
  /** Revoke hashes to be used, hex. */
  readonly hashes: readonly string[]
  /** Set when a closing was signed: nothing more is paid on it. */
  readonly isClosing?: true
}

/** A payer's channel in memory. */
export interface PayerChannel {
  readonly id: Uint8Array
  /** Hex of the id. */
  readonly key: string
  readonly terms: Terms
  record: PayerRecord
  /** What the payee is known to have credited, or will with what is under way. */
  base: bigint
  /** What the chain last said. */
  seen: OnChain | null
}

/** The channels of a payer, in the store and in memory. */
export interface PayerStore {
  get(id: Uint8Array): PayerChannel | undefined
  /** Those with one payee that are not over. */
  withPayee(payee: Address): readonly PayerChannel[]
  all(): readonly PayerChannel[]
  /** A new channel, on disk before anything of it is sent. */
  begin(record: PayerRecord): Promise<PayerChannel>
  /** Stores another record; in memory once it is stored. */
  put(channel: PayerChannel, record: PayerRecord, sync?: boolean): Promise<void>
  /** Stores another record and what belongs to it at once, on the disk. */
  putWith(channel: PayerChannel, record: PayerRecord, writes: readonly WriteOp[]): Promise<void>
  putOp(channel: PayerChannel, record: PayerRecord): WriteOp
}

const codec = versionedCodec<PayerRecord>({
  name: 'channel of a payer',
  version: 1,
  parse(value) {
    const { deposit, deposited, seed, ...rest } = value as PayerRecord
    if (!(seed instanceof Uint8Array) || seed.byteLength !== 32 || !Array.isArray(rest.hashes)) {
      throw new TypeError('not a channel')
    }
    return { ...rest, seed, deposit: BigInt(deposit), deposited: BigInt(deposited) }
  },
})

/** Loads the channels of a payer. */
export async function openPayerStore(store: Store, domain: ChannelDomain): Promise<PayerStore> {
  const table = store.table('channel-payer', codec)
  const channels = new Map<string, PayerChannel>()
  for await (const [, record] of table.entries()) {
    const channel = channelOf(domain, record)
    channels.set(channel.key, channel)
  }
  return {
    get: (id) => channels.get(bareHex(id)),
    withPayee: (payee) =>
      [...channels.values()].filter(
        ({ terms, record }) => terms.payee === payee && record.stage !== 'over',
      ),
    all: () => [...channels.values()],
    async begin(record) {
      const channel = channelOf(domain, record)
      await table.put(channel.key, record, { sync: true })
      channels.set(channel.key, channel)
      return channel
    },
    async put(channel, record, sync = false) {
      await table.put(channel.key, record, { sync })
      channel.record = record
    },
    async putWith(channel, record, writes) {
      await store.batch([table.putOp(channel.key, record), ...writes], { sync: true })
      channel.record = record
    },
    putOp: (channel, record) => table.putOp(channel.key, record),
  }
}

function channelOf(domain: ChannelDomain, record: PayerRecord): PayerChannel {
  const { active } = openState(domain, record.state)
  const terms = parseTerms(bareBytes(record.state.deposit_script)) as Terms
  const id = channelIdOf(domain, terms)
  const base = active.at(-1)?.quantity ?? 0n
  return { id, key: bareHex(id), terms, record, base, seen: null }
}
