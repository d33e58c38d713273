import { assert } from '../lib/errors.ts'
import { maxBig, type Wei } from '../lib/wei.ts'
import { exchangeLimits } from './limits.ts'

/**
 * The money side of one order, as its provider keeps it.
 *
 * Invariant: credit = credited − debited, and a segment index is charged at most once.
 */
export interface Account {
  /** Sum of all payments' worth. */
  readonly credited: Wei
  /** Sum of all charges. */
  readonly debited: Wei
  readonly segments: number
  readonly units: bigint
  /** The indexes charged last. */
  readonly charged: readonly bigint[]
  /** The newest of them with what they were charged for, so that a lost result can be made again. */
  readonly recent: readonly Charge[]
}

/** A charge: the index, and the sha256 of the segment. */
export interface Charge {
  readonly index: bigint
  readonly inputHash: Uint8Array
}

/** What happens to an account. */
export type AccountEvent =
  | { readonly type: 'paid'; readonly amount: Wei }
  | (Charge & { readonly type: 'charged'; readonly fee: Wei; readonly units: bigint })

/** An account in which nothing has happened. */
export const emptyAccount: Account = {
  credited: 0n,
  debited: 0n,
  segments: 0,
  units: 0n,
  charged: [],
  recent: [],
}

/** Unspent payment. */
export function creditOf(account: Account): Wei {
  return account.credited - account.debited
}

/** Whether a segment index was charged. */
export function isCharged(account: Account, index: bigint): boolean {
  return account.charged.includes(index)
}

/** Advances an account. Pure; the caller stores the result before it acknowledges anything. */
export function stepAccount(account: Account, event: AccountEvent): Account {
  if (event.type === 'paid') {
    assert(event.amount >= 0n, 'a payment is not negative')
    return { ...account, credited: account.credited + event.amount }
  }
  assert(!isCharged(account, event.index), 'an index is charged once')
  assert(creditOf(account) >= event.fee, 'a charge is covered by the credit')
  return {
    credited: account.credited,
    debited: account.debited + event.fee,
    segments: account.segments + 1,
    units: account.units + event.units,
    charged: [...account.charged, event.index].slice(-exchangeLimits.maxRememberedIndexes),
    recent: [...account.recent, { index: event.index, inputHash: event.inputHash }].slice(
      -exchangeLimits.maxRecentCharges,
    ),
  }
}

/** What must still be paid so that `fee` is covered beside what is reserved for work in flight. */
export function shortfall(credit: Wei, reserved: Wei, fee: Wei): Wei {
  return maxBig(fee - (credit - reserved), 0n)
}
