import type { Clock } from '../lib/clock.ts'
import type { Address } from '../lib/crypto/address.ts'
import { createSerial } from '../lib/serial.ts'
import { maxBig, type Ratio, type Wei } from '../lib/wei.ts'
import { versionedCodec } from '../store/codec.ts'
import type { Store } from '../store/store.ts'

/** What a worker did and is owed, over all times it was in the pool. Amounts in wei. */
export interface WorkerAccount {
  readonly peerId: string
  readonly account: Address | null
  readonly segments: bigint
  readonly pixels: bigint
  /** Segments of it that were worked again here and compared. */
  readonly checked: bigint
  /** Its share of what its segments cost. */
  readonly earned: Wei
  /** What it lost when it was ejected; part of `earned`. */
  readonly withheld: Wei
  /** The value of the payments made to it, those under way included. */
  readonly paid: Wei
  readonly ejectedAtMs: number | null
  readonly ejectedFor: string
}

/** A payment on its way: stored before it is sent, forgotten once it was answered. */
export interface PendingPay {
  readonly proof: Uint8Array
  readonly value: Wei
}

/** The durable accounts of a pool's workers. */
export interface WorkerAccounts {
  find(peerId: string): WorkerAccount | undefined
  all(): readonly WorkerAccount[]
  /** Why a worker may not join: it, or the account that answers for it, was ejected. */
  ejection(peerId: string, account: Address | null): string | null
  /** Books a segment; durable when it resolves. What the worker earned with it. */
  worked(worker: Identity, segment: { pixels: bigint; checked: boolean }): Promise<Wei>
  /** Ejects for good and withholds what was not paid; durable when it resolves. */
  eject(worker: Identity, why: string): Promise<Wei>
  /** What is to be paid now; not below 0. */
  due(peerId: string): Wei
  /** Books a payment before it is sent. */
  paying(peerId: string, payment: PendingPay): Promise<void>
  /** The payment that was booked and never answered. */
  pending(peerId: string): PendingPay | undefined
  /** The payment was answered. */
  answered(peerId: string): Promise<void>
}

/** Who a worker is. */
export interface Identity {
  readonly id: string
  readonly account: Address | null
}

/** What a worker is paid. */
export interface WorkerPay {
  /** Wei per pixel that the orders pay. */
  readonly price: Ratio
  /** The workers' share of it. */
  readonly sharePercent: number
}

interface Stored extends WorkerAccount {
  readonly pending: PendingPay | null
}

const accountCodec = versionedCodec<Stored>({
  name: 'pool worker',
  version: 1,
  parse(value) {
    const record = value as Record<string, unknown>
    if (typeof record['peerId'] !== 'string') throw new TypeError('not a pool worker')
    const amounts = ['segments', 'pixels', 'checked', 'earned', 'withheld', 'paid'].map(
      (key) => [key, BigInt(record[key] as bigint | number)] as const,
    )
    const pending = record['pending'] as { proof: Uint8Array; value: bigint | number } | null
    return {
      ...(record as unknown as Stored),
      ...Object.fromEntries(amounts),
      pending: pending === null ? null : { ...pending, value: BigInt(pending.value) },
    }
  },
})

/** Loads the accounts of all workers there ever were. */
export async function openWorkerAccounts(
  { store, clock }: { readonly store: Store; readonly clock: Clock },
  pay: WorkerPay,
): Promise<WorkerAccounts> {
  const table = store.table('pool-workers', accountCodec)
  const accounts = new Map<string, Stored>()
  for await (const [key, account] of table.entries()) accounts.set(key, account)
  const saving = createSerial()
  const change = async (
    { id, account }: Identity,
    step: (before: Stored) => Stored,
    sync = false,
  ): Promise<Stored> =>
    saving(async () => {
      const before = accounts.get(id) ?? emptyAccount(id, account)
      const after = step({ ...before, account: account ?? before.account })
      await table.put(id, after, { sync })
      accounts.set(id, after)
      return after
    })
  const known = (peerId: string): Identity => ({
    id: peerId,
    account: accounts.get(peerId)?.account ?? null,
  })
  return {
    find: (peerId) => accounts.get(peerId),
    all: () => [...accounts.values()],
    ejection(peerId, account) {
      for (const { peerId: id, account: other, ejectedAtMs, ejectedFor } of accounts.values()) {
        const isSame = id === peerId || (account !== null && other === account)
        if (isSame && ejectedAtMs !== null) return ejectedFor
      }
      return null
    },
    async worked(worker, { pixels, checked }) {
      const fee = worker.account === null ? 0n : shareOf(pixels, pay)
      await change(worker, (before) => afterWork(before, { pixels, checked, fee }))
      return fee
    },
    async eject(worker, why) {
      const nowMs = clock.now()
      const after = await change(worker, (before) => afterEjection(before, why, nowMs), true)
      return after.withheld
    },
    due(peerId) {
      const account = accounts.get(peerId)
      return account === undefined ? 0n : owed(account)
    },
    async paying(peerId, payment) {
      await change(known(peerId), (before) => afterPaying(before, payment), true)
    },
    pending: (peerId) => accounts.get(peerId)?.pending ?? undefined,
    async answered(peerId) {
      await change(known(peerId), (before) => ({ ...before, pending: null }))
    },
  }
}

function afterWork<T extends WorkerAccount>(
  before: T,
  {
    pixels,
    checked,
    fee,
  }: { readonly pixels: bigint; readonly checked: boolean; readonly fee: Wei },
): T {
  return {
    ...before,
    segments: before.segments + 1n,
    pixels: before.pixels + pixels,
    checked: before.checked + (checked ? 1n : 0n),
    earned: before.earned + fee,
    // What was under way when it was ejected may still turn out good; it is not paid all the same.
    withheld: before.withheld + (before.ejectedAtMs === null ? 0n : fee),
  }
}

function afterEjection<T extends WorkerAccount>(before: T, why: string, nowMs: number): T {
  return {
    ...before,
    withheld: before.withheld + owed(before),
    ejectedAtMs: before.ejectedAtMs ?? nowMs,
    ejectedFor: before.ejectedAtMs === null ? why : before.ejectedFor,
  }
}

function afterPaying(before: Stored, pending: PendingPay): Stored {
  return { ...before, paid: before.paid + pending.value, pending }
}

function emptyAccount(peerId: string, account: Address | null): Stored {
  const none = { segments: 0n, pixels: 0n, checked: 0n, earned: 0n, withheld: 0n, paid: 0n }
  return { peerId, account, ...none, ejectedAtMs: null, ejectedFor: '', pending: null }
}

function owed({ earned, withheld, paid }: WorkerAccount): Wei {
  return maxBig(earned - withheld - paid, 0n)
}

/** A worker's share of what so many pixels cost, rounded down. Pure. */
export function shareOf(pixels: bigint, { price, sharePercent }: WorkerPay): Wei {
  return (pixels * price.num * BigInt(sharePercent)) / (price.den * 100n)
}
