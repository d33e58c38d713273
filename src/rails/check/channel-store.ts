import type { Address } from '../../lib/crypto/address.ts'
import { MillraceError } from '../../lib/errors.ts'
import { versionedCodec } from '../../store/codec.ts'
import type { Store, Table } from '../../store/store.ts'
import { encodeBid, parseBid, type SignedBid } from './bid.ts'

/**
 * How far a channel is, as its payee knows it: `opening` before the transaction is mined, or
 * after it was reorganised away, `cashing`
 * from the decision to cash on, `closed` for good.
 */
export type EarnState = 'opening' | 'open' | 'cashing' | 'closed'

/** A channel that earns. */
export interface EarnRecord {
  readonly orderId: string
  readonly payer: Address
  readonly bid: SignedBid
  readonly state: EarnState
  /** Segments of the highest check. */
  readonly balance: number
  /** The wallet's signature of it; no bytes before the first. */
  readonly checkSignature: Uint8Array
  /** Times that the chain refused to open it anew after a reorganisation. */
  readonly tries?: number
}

/** A channel that pays. `bid`: signed, and perhaps not opened; `over`: never again. */
export interface PayRecord {
  readonly orderId: string
  readonly bid: SignedBid
  readonly state: 'bid' | 'open' | 'over'
  /** Segments of the highest check signed. */
  readonly balance: number
}

type Stored<T> = Omit<T, 'bid'> & { readonly bid: Uint8Array }

/** The payee's channels, by hex of the digest. */
export function earnTable(store: Store): Table<EarnRecord> {
  return store.table('check-earn', recordCodec<EarnRecord>('earning channel'))
}

/** The payer's channels, by hex of the digest. */
export function payTable(store: Store): Table<PayRecord> {
  return store.table('check-pay', recordCodec<PayRecord>('paying channel'))
}

function recordCodec<T extends { readonly bid: SignedBid }>(name: string) {
  const codec = versionedCodec<Stored<T>>({
    name,
    version: 1,
    parse: (value) => value as Stored<T>,
  })
  return {
    encode: (record: T) => codec.encode({ ...record, bid: encodeBid(record.bid) }),
    decode(bytes: Uint8Array): T {
      const stored = codec.decode(bytes)
      const bid = parseBid(stored.bid)
      if (!bid.ok) throw new MillraceError('STORE_CORRUPT', `the bid of a ${name} cannot be read`)
      return { ...stored, bid: bid.value } as unknown as T
    },
  }
}
