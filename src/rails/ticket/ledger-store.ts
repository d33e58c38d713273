import type { Address } from '../../lib/crypto/address.ts'
import type { Wei } from '../../lib/wei.ts'
import { versionedCodec } from '../../store/codec.ts'
import type { Store, Table, WriteOp } from '../../store/store.ts'
import {
  accountTickets,
  addWins,
  emptyLedgerAccount,
  type LedgerAccount,
  type LedgerSide,
} from './ledger.ts'
import type { TicketParams } from './ticket.ts'

/** A ticket that won, as the chain tells of it. */
export interface ChainWin {
  readonly recipient: Address
  readonly faceValueWei: Wei
}

/** What the chain told of a sender's wins between two blocks. */
export interface ChainWins {
  readonly wins: readonly ChainWin[]
  /** What was moved for them, by recipient. */
  readonly paid: readonly { readonly recipient: Address; readonly amountWei: Wei }[]
}

/**
 * The durable account of expected and real value, for each counterparty.
 *
 * Invariant: what is written here goes in one batch with what it is about, so the ledger agrees
 * with credit, nonces and the part of the chain that was read, after any crash.
 */
export interface Ledger {
  /** The writes that account for tickets sent; those of one recipient take turns. */
  sentWrites(params: TicketParams, tickets: number): Promise<readonly WriteOp[]>
  /** The writes that account for tickets credited; those of one sender take turns. */
  receivedWrites(
    sender: Address,
    params: TicketParams,
    counts: { readonly tickets: number; readonly won: number },
  ): Promise<readonly WriteOp[]>
  /** First block whose wins are not accounted for; undefined before anything was read. */
  nextBlock(): Promise<bigint | undefined>
  /** Accounts for what the chain told of the blocks before `nextBlock`. */
  bookChain(wins: ChainWins, nextBlock: bigint): Promise<void>
  /** The accounts of one side. */
  accounts(side: LedgerSide): AsyncIterable<readonly [Address, LedgerAccount]>
}

const big = (value: unknown): bigint => BigInt(value as bigint | number)

const accountCodec = versionedCodec<LedgerAccount>({
  name: 'ledger account',
  version: 1,
  parse(value) {
    const { sums, won, paidWei } = value as LedgerAccount
    return {
      sums: {
        tickets: sums.tickets,
        evWei: big(sums.evWei),
        expectedWins: big(sums.expectedWins),
        winVariance: big(sums.winVariance),
        valueVariance: big(sums.valueVariance),
      },
      won: { count: won.count, faceValueWei: big(won.faceValueWei) },
      paidWei: big(paidWei),
    }
  },
})

const blockCodec = versionedCodec<bigint>({
  name: 'next block of the ledger',
  version: 1,
  parse: big,
})

const CURSOR = 'wins'

/** A ledger in the store. */
export function createLedger(store: Store): Ledger {
  const tables = {
    sent: store.table('ledger-sent', accountCodec),
    received: store.table('ledger-received', accountCodec),
    // Apart from what was sent: the chain and the sender write at times of their own.
    wins: store.table('ledger-wins', accountCodec),
  }
  const cursor = store.table('ledger-cursor', blockCodec)
  return {
    async sentWrites(params, tickets) {
      const before = await accountIn(tables.sent, params.recipient)
      const after = accountTickets(before, params, { tickets, won: 0 })
      return [tables.sent.putOp(params.recipient, after)]
    },
    async receivedWrites(sender, params, counts) {
      if (counts.tickets === 0) return []
      const before = await accountIn(tables.received, sender)
      return [tables.received.putOp(sender, accountTickets(before, params, counts))]
    },
    nextBlock: () => cursor.get(CURSOR),
    async bookChain(wins, nextBlock) {
      const changed = await bookWins(tables.wins, wins)
      const writes = [...changed].map(([recipient, account]) =>
        tables.wins.putOp(recipient, account),
      )
      await store.batch([...writes, cursor.putOp(CURSOR, nextBlock)])
    },
    async *accounts(side) {
      for await (const [address, account] of tables[side].entries()) {
        const { won, paidWei } =
          side === 'sent' ? await accountIn(tables.wins, address as Address) : account
        yield [address as Address, { ...account, won, paidWei }] as const
      }
    },
  }
}

async function accountIn(table: Table<LedgerAccount>, address: Address): Promise<LedgerAccount> {
  return (await table.get(address)) ?? emptyLedgerAccount
}

async function bookWins(
  table: Table<LedgerAccount>,
  { wins, paid }: ChainWins,
): Promise<ReadonlyMap<Address, LedgerAccount>> {
  const changed = new Map<Address, LedgerAccount>()
  const of = async (recipient: Address): Promise<LedgerAccount> =>
    changed.get(recipient) ?? accountIn(table, recipient)
  for (const { recipient, faceValueWei } of wins) {
    const account = await of(recipient)
    changed.set(recipient, { ...account, won: addWins(account.won, 1, faceValueWei) })
  }
  for (const { recipient, amountWei } of paid) {
    const account = await of(recipient)
    changed.set(recipient, { ...account, paidWei: account.paidWei + amountWei })
  }
  return changed
}
