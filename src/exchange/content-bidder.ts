import type { AbortOptions } from '../lib/abort.ts'
import { toHex } from '../lib/bytes.ts'
import type { Clock } from '../lib/clock.ts'
import { randHash } from '../lib/crypto/random.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { formatWei, type Wei } from '../lib/wei.ts'
import type { PeerTarget } from '../net/lanes.ts'
import {
  type Bid,
  type BidSigners,
  digestOfBid,
  type SignedBid,
  signBid,
} from '../rails/check/bid.ts'
import { checkLimits } from '../rails/check/limits.ts'
import type { PaySession } from '../rails/rail.ts'
import type { Store, Table } from '../store/store.ts'
import { type MediaFault, type MediaIdentity, sendBid } from './content-client.ts'
import {
  contextOf,
  type MediaKind,
  type MediaOrder,
  newMediaOrder,
  type SeparatorOf,
  type SpendRail,
} from './content-order.ts'

/** What whoever bids works with. */
export interface BidderComponents {
  readonly identity: MediaIdentity
  readonly signers: BidSigners
  readonly store: Store
  readonly table: Table<MediaOrder>
  readonly clock: Clock
  /** Rails to pay on, by their names. */
  readonly rails: ReadonlyMap<string, SpendRail>
  readonly separatorOf: SeparatorOf
  /** Most of one bid, in units of its asset. */
  readonly maxEscrow: Wei
}

/** What is bid for, and from whom. */
export interface BidPlan {
  readonly kind: MediaKind
  readonly peer: PeerTarget
  readonly rail: string
  readonly terms: Omit<Bid, 'nonce' | 'key' | 'expiration'>
  /** Content: segments that are not wanted, by index. */
  readonly skip?: readonly number[]
}

/** An order that was agreed on, and how it is paid. */
export interface AgreedOrder {
  readonly order: MediaOrder
  readonly session: PaySession
}

/** Bids until the bid is taken or there is no use in it; a nonce that was wrong is put right once. */
export async function agree(
  components: BidderComponents,
  plan: BidPlan,
  options: AbortOptions = {},
): Promise<Result<AgreedOrder, MediaFault>> {
  const rail = components.rails.get(plan.rail)
  if (rail === undefined) return err({ code: 'RAIL_UNKNOWN', detail: `no rail ${plan.rail} here` })
  for (let attempt = 0; ; attempt += 1) {
    const signed = await makeBid(components, rail, plan, { ...options, fresh: attempt > 0 })
    if (!signed.ok) return signed
    const { identity, signers } = components
    const separator = components.separatorOf(plan.rail)
    const request = {
      ...{ bid: signed.value, binding: identity.binding, rail: plan.rail },
      addresses: identity.host.addresses().slice(0, 16),
      skip: plan.skip ?? [],
    }
    const reply = await sendBid(identity, plan.peer, request, separator, options)
    if (reply.type === 'reject') {
      if (reply.code === 'NONCE_MISMATCH' && attempt === 0) continue
      return err({ code: reply.code, detail: reply.detail })
    }
    const order = newMediaOrder({
      kind: plan.kind,
      side: plan.kind === 'content' ? 'viewer' : 'owner',
      channel: toHex(digestOfBid(signed.value.bid, separator)),
      bid: signed.value,
      rail: plan.rail,
      payer: signers.wallet.address,
      addresses: plan.peer.addresses ?? [],
      withheld: reply.withheld,
      atMs: components.clock.now(),
    })
    return begin(components, order, reply.offer)
  }
}

/**
 * Goes on under an order of before. A rail that pays from the bid itself needs nobody for that; of
 * another the owner is asked for a new offer.
 */
export async function rejoin(
  components: BidderComponents,
  order: MediaOrder,
  peer: PeerTarget,
  options: AbortOptions = {},
): Promise<Result<AgreedOrder, MediaFault>> {
  const rail = components.rails.get(order.rail)
  if (rail === undefined) return err({ code: 'RAIL_UNKNOWN', detail: `no rail ${order.rail} here` })
  if (rail.bid !== undefined) {
    const session = await rail.rail.openPay(contextOf(order), null)
    return session.ok ? ok({ order, session: session.value }) : session
  }
  const { identity, separatorOf } = components
  const request = {
    ...{ bid: order.bid, binding: identity.binding, rail: order.rail, skip: [] },
    addresses: identity.host.addresses().slice(0, 16),
  }
  const reply = await sendBid(identity, peer, request, separatorOf(order.rail), options)
  if (reply.type === 'reject') return err({ code: reply.code, detail: reply.detail })
  return begin(components, order, reply.offer)
}

/** Stores an agreed order and opens the rail under it. */
async function begin(
  { rails, table }: BidderComponents,
  order: MediaOrder,
  offer: Uint8Array,
): Promise<Result<AgreedOrder, MediaFault>> {
  const rail = rails.get(order.rail)?.rail
  if (rail === undefined) return err({ code: 'RAIL_UNKNOWN', detail: order.rail })
  if (offer.byteLength > 0) {
    const judged = await rail.judge(offer, order.bid.bid.payee)
    if (!judged.ok) return judged
  }
  await table.put(order.channel, order)
  const session = await rail.openPay(contextOf(order), offer.byteLength > 0 ? offer : null)
  return session.ok ? ok({ order, session: session.value }) : session
}

async function makeBid(
  { signers, clock, separatorOf, maxEscrow }: BidderComponents,
  rail: SpendRail,
  { terms, rail: name }: BidPlan,
  options: AbortOptions & { readonly fresh: boolean },
): Promise<Result<SignedBid, MediaFault>> {
  if (rail.bid !== undefined) return rail.bid(terms, options)
  const price = terms.bid * BigInt(terms.duration)
  if (price > maxEscrow) {
    const detail = `${formatWei(price)} is more than ${formatWei(maxEscrow)}`
    return err({ code: 'ESCROW_TOO_HIGH', detail })
  }
  const now = Math.ceil(clock.now() / 1000)
  const expiration = now + terms.duration + 2 * checkLimits.expirationMarginSeconds
  const bid = { ...terms, nonce: randHash(), expiration, key: signers.key.peerId }
  return ok(signBid(bid, { ...signers, separator: separatorOf(name) }))
}
