import type { Address } from '../../lib/crypto/address.ts'
import { versionedCodec } from '../../store/codec.ts'
import type { Store, Table, WriteOp } from '../../store/store.ts'
import { transferredAmount } from './settlement.ts'
import { type ChannelState, openState } from './state.ts'
import {
  bareBytes,
  bareHex,
  type ChannelDomain,
  channelIdOf,
  parseTerms,
  type Terms,
} from './terms.ts'

/** A channel as its payee keeps it. */
export interface PayeeRecord {
  /** Without the requests, which change at other times. */
  readonly state: ChannelState
  /** 32 bytes; with the payer it yields the channel's secrets. */
  readonly seed: Uint8Array
  /** Block in which a payment was last credited. */
  readonly paidAt: bigint
  /**
   * What was credited to orders; the rest of the highest commit is of payments on their way. Absent
   * in records of before it was kept: all of it.
   */
  readonly credited?: bigint
}

/** Revoke hashes given out of one channel. */
export interface PayeeRequests {
  /** Numbers below this one were given out. */
  readonly issued: number
  /** Hex; given out and not used. */
  readonly requested: readonly string[]
}

/** How far a channel is on its way to the chain, beyond what the chain itself says. */
export interface PayeeSettlement {
  /** Set when it is to be closed whatever is left of it. */
  readonly closing: boolean
  /** Set when nothing is left to be done. */
  readonly over: boolean
}

/** A payee's channel in memory. */
export interface PayeeChannel {
  readonly id: Uint8Array
  /** Hex of the id. */
  readonly key: string
  readonly terms: Terms
  readonly seed: Uint8Array
  /** With the requests. */
  state: ChannelState
  issued: number
  paidAt: bigint
  /** What was credited to orders. */
  credited: bigint
  settlement: PayeeSettlement
}

/** The channels of a payee, in the store and in memory. */
export interface PayeeStore {
  get(id: Uint8Array): PayeeChannel | undefined
  /** The channels of one payer that are not over, the one last paid on first. */
  ofPayer(payer: Address): readonly PayeeChannel[]
  all(): readonly PayeeChannel[]
  /** Takes a channel up that is not in the store yet. */
  add(channel: PayeeChannel): void
  /** The writes of a payment; the channel in memory is changed by the caller once they are made. */
  paymentOps(
    channel: PayeeChannel,
    paid: Required<Pick<PayeeRecord, 'state' | 'paidAt' | 'credited'>>,
  ): readonly WriteOp[]
  putRequests(channel: PayeeChannel): Promise<void>
  putSettlement(channel: PayeeChannel, settlement: PayeeSettlement): Promise<void>
}

const recordCodec = versionedCodec<PayeeRecord>({
  name: 'channel of a payee',
  version: 1,
  parse(value) {
    const { state, seed, paidAt, credited } = value as PayeeRecord
    if (seed instanceof Uint8Array && seed.byteLength === 32 && typeof state === 'object') {
      const known = credited === undefined ? {} : { credited: BigInt(credited) }
      return { state, seed, paidAt: BigInt(paidAt), ...known }
    }
    throw new TypeError('not a channel')
  },
})

const requestsCodec = versionedCodec<PayeeRequests>({
  name: 'requests of a channel',
  version: 1,
  parse(value) {
    const { issued, requested } = value as PayeeRequests
    if (Number.isSafeInteger(issued) && Array.isArray(requested)) return { issued, requested }
    throw new TypeError('not the requests of a channel')
  },
})

const settlementCodec = versionedCodec<PayeeSettlement>({
  name: 'settlement of a channel',
  version: 1,
  parse(value) {
    const { closing, over } = value as PayeeSettlement
    if (typeof closing === 'boolean' && typeof over === 'boolean') return { closing, over }
    throw new TypeError('not the settlement of a channel')
  },
})

const fresh: PayeeSettlement = { closing: false, over: false }

/** Loads the channels of a payee. */
export async function openPayeeStore(store: Store, domain: ChannelDomain): Promise<PayeeStore> {
  const records = store.table('channel-payee', recordCodec)
  const requests = store.table('channel-requests', requestsCodec)
  const settlements = store.table('channel-settlement', settlementCodec)
  const channels = new Map<string, PayeeChannel>()
  for await (const [key, record] of records.entries()) {
    const asked = (await requests.get(key)) ?? { issued: 0, requested: [] }
    const settlement = (await settlements.get(key)) ?? fresh
    const channel = channelOf(domain, record, asked, settlement)
    channels.set(channel.key, channel)
  }
  return createPayeeStore(channels, { records, requests, settlements })
}

function createPayeeStore(
  channels: Map<string, PayeeChannel>,
  tables: {
    readonly records: Table<PayeeRecord>
    readonly requests: Table<PayeeRequests>
    readonly settlements: Table<PayeeSettlement>
  },
): PayeeStore {
  const { records, requests, settlements } = tables
  const requestsOf = ({ issued }: PayeeChannel, state: ChannelState): PayeeRequests => ({
    issued,
    requested: state.commits_requested,
  })
  return {
    get: (id) => channels.get(bareHex(id)),
    ofPayer: (payer) =>
      [...channels.values()]
        .filter(({ terms, settlement }) => terms.payer === payer && !settlement.over)
        .sort((a, b) => Number(b.paidAt - a.paidAt)),
    all: () => [...channels.values()],
    add: (channel) => void channels.set(channel.key, channel),
    paymentOps(channel, { state, ...paid }) {
      const record = { state: { ...state, commits_requested: [] }, seed: channel.seed, ...paid }
      return [
        records.putOp(channel.key, record),
        requests.putOp(channel.key, requestsOf(channel, state)),
      ]
    },
    async putRequests(channel) {
      await requests.put(channel.key, requestsOf(channel, channel.state))
    },
    async putSettlement(channel, settlement) {
      await settlements.put(channel.key, settlement, { sync: true })
      channel.settlement = settlement
    },
  }
}

/** A channel that is not in the store yet. */
export function newPayeeChannel(
  domain: ChannelDomain,
  state: ChannelState,
  seed: Uint8Array,
  issued: number,
): PayeeChannel {
  return channelOf(
    domain,
    { state, seed, paidAt: 0n, credited: 0n },
    { issued, requested: state.commits_requested },
    fresh,
  )
}

function channelOf(
  domain: ChannelDomain,
  { state, seed, paidAt, credited = transferredAmount(domain, state) }: PayeeRecord,
  { issued, requested }: PayeeRequests,
  settlement: PayeeSettlement,
): PayeeChannel {
  const whole = { ...state, commits_requested: requested }
  openState(domain, whole)
  const terms = parseTerms(bareBytes(state.deposit_script)) as Terms
  const id = channelIdOf(domain, terms)
  return { id, key: bareHex(id), terms, seed, state: whole, issued, paidAt, credited, settlement }
}
