import { toHex } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import type { Wei } from '../../lib/wei.ts'
import type { Store } from '../../store/store.ts'
import { ticketLimits } from './limits.ts'
import type { Decision, WaitCode } from './redemption-policy.ts'
import { ticketHash } from './ticket.ts'
import type { OperatorOrder, WinnerOrders } from './winner-orders.ts'
import { isPending, type Winner, type WinnerState } from './winner-record.ts'
import type { WinnerStore } from './winner-store.ts'

/** A winner as the operator sees it. */
export interface WinnerView {
  /** Of the ticket, in hex. */
  readonly hash: string
  readonly sender: Address
  readonly faceValueWei: Wei
  readonly state: WinnerState
  readonly creationRound: bigint
  readonly paramsExpirationBlock: bigint
  readonly attempts: number
  readonly order?: OperatorOrder
  /** Why it is not being sent, while it is pending. */
  readonly waiting?: WaitCode
  /** The same in words; of a settled one, why the chain did not pay it. */
  readonly reason?: string
  /** The block at which it is looked at again, where one is known. */
  readonly nextTryBlock?: bigint
  readonly transactionHash?: string
  readonly gasUsed?: bigint
}

/** Which winners an order is for. */
export type WinnerSelection =
  | { readonly hash: Uint8Array }
  | { readonly sender: Address }
  | { readonly all: true }

/** An order, or that there is none any more. */
export type DeskOrder = OperatorOrder | 'release'

/** Why an order was not taken. */
export interface DeskRefusal {
  readonly code: 'WINNER_UNKNOWN' | 'WINNER_NOT_WAITING'
  readonly message: string
}

/** The operator's view of winners, and hand on them. */
export interface RedemptionDesk {
  /** Pending ones without a state; the newest are left out past the limit. */
  list(filter?: { readonly state?: WinnerState; readonly limit?: number }): Promise<WinnerView[]>
  /**
   * Orders for winners, durable when it resolves; how many it was for. What is submitted is past any
   * order. A failed winner that is named is tried once more by an order to redeem.
   */
  give(order: DeskOrder, selection: WinnerSelection): Promise<Result<number, DeskRefusal>>
}

/** A desk over the winners of one redemption. */
export function createRedemptionDesk(components: {
  readonly store: Store
  readonly winners: WinnerStore
  orders(): Promise<WinnerOrders>
  decide(winner: Winner): Decision
  /** Looks at all winners again. */
  wake(): void
}): RedemptionDesk {
  const { store, winners, decide, wake } = components
  const select = async (selection: WinnerSelection): Promise<Result<Winner[], DeskRefusal>> => {
    if ('hash' in selection) {
      const winner = await winners.findByHash(selection.hash)
      if (winner !== undefined) return ok([winner])
      return err({ code: 'WINNER_UNKNOWN', message: 'there is no winner of this hash' })
    }
    const pending = winners.pending().filter(({ state }) => state === 'waiting')
    if ('all' in selection) return ok(pending)
    return ok(pending.filter(({ ticket }) => ticket.sender === selection.sender))
  }
  const giveTo = async (order: DeskOrder, chosen: readonly Winner[]): Promise<void> => {
    const orders = await components.orders()
    const tickets = chosen.map(({ ticket }) => ticket)
    await orders.give(tickets, order === 'release' ? undefined : order)
    if (order === 'release' || order === 'hold') return
    const ready = chosen.map((winner): Winner => {
      return { ...winner, state: 'waiting', notBeforeBlock: 0n }
    })
    await store.batch(
      ready.map((winner) => winners.updateOp(winner)),
      { sync: true },
    )
    ready.forEach((winner, index) => winners.updated(winner, chosen[index]))
  }
  return {
    async list({ state, limit = ticketLimits.maxShownWinners } = {}) {
      const orders = await components.orders()
      const most = Math.min(limit, ticketLimits.maxShownWinners)
      const found: Winner[] = []
      for await (const winner of source(winners, state)) {
        if (state === undefined ? isPending(winner) : winner.state === state) found.push(winner)
        if (found.length >= most) break
      }
      return found.map((winner) => viewOf(winner, decide(winner), orders.of(winner.ticket)))
    },
    async give(order, selection) {
      const selected = await select(selection)
      if (!selected.ok) return selected
      const isOrderable = ({ state }: Winner): boolean =>
        state === 'waiting' || (state === 'failed' && order !== 'hold' && order !== 'release')
      const chosen = selected.value.filter(isOrderable)
      const [first] = selected.value
      if ('hash' in selection && chosen.length === 0 && first !== undefined) {
        return err({ code: 'WINNER_NOT_WAITING', message: `the winner is ${first.state}` })
      }
      await giveTo(order, chosen)
      wake()
      return ok(chosen.length)
    },
  }
}

async function* source(
  winners: WinnerStore,
  state: WinnerState | undefined,
): AsyncIterable<Winner> {
  const pending = state === undefined || state === 'waiting' || state === 'submitted'
  if (pending) yield* winners.pending()
  else yield* winners.all()
}

function viewOf(
  { ticket, ...winner }: Winner,
  decision: Decision,
  order: OperatorOrder | undefined,
): WinnerView {
  const why = 'why' in decision ? decision.why : undefined
  const reason =
    why?.code === 'IN_FLIGHT' ? (winner.reason ?? why.text) : (why?.text ?? winner.reason)
  return {
    hash: toHex(ticketHash(ticket)),
    sender: ticket.sender,
    faceValueWei: ticket.faceValue,
    state: winner.state,
    creationRound: ticket.creationRound,
    paramsExpirationBlock: ticket.paramsExpirationBlock,
    attempts: winner.attempts,
    ...(order === undefined ? {} : { order }),
    ...(why === undefined ? {} : { waiting: why.code }),
    ...(reason === undefined ? {} : { reason }),
    ...(why?.untilBlock === undefined ? {} : { nextTryBlock: why.untilBlock }),
    ...(winner.transactionHash === undefined ? {} : { transactionHash: winner.transactionHash }),
    ...(winner.gasUsed === undefined ? {} : { gasUsed: winner.gasUsed }),
  }
}
