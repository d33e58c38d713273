/** A point in the plane of price and latency; both better when less. */
export interface Bid {
  readonly price: number
  readonly latencyMs: number
}

/** Less than this much better, as a share, is the same: measured times are never twice alike. */
export const PARETO_TOLERANCE = 0.05

/** Whether a is no worse than b in both and clearly better in one. */
export function dominates(a: Bid, b: Bid, tolerance = PARETO_TOLERANCE): boolean {
  if (a.price > b.price || a.latencyMs > b.latencyMs) return false
  const factor = 1 + tolerance
  return (
    (a.price < b.price && a.price * factor <= b.price) ||
    (a.latencyMs < b.latencyMs && a.latencyMs * factor <= b.latencyMs)
  )
}

/**
 * Which of the bids nobody beats: for each, whether no other is as cheap and as fast and clearly
 * better in one. At least one is always left.
 *
 * One sort and one sweep, O(n log n).
 */
export function paretoFront(bids: readonly Bid[], tolerance = PARETO_TOLERANCE): boolean[] {
  const order = Array.from(bids.keys()).sort((a, b) => priceAt(bids, a) - priceAt(bids, b))
  const factor = 1 + tolerance
  const front = Array.from(bids, () => true)
  // The least latency among those as cheap, and among those clearly cheaper.
  let asCheap = Number.POSITIVE_INFINITY
  let cheaper = Number.POSITIVE_INFINITY
  let next = 0
  for (let at = 0; at < order.length; ) {
    const price = priceAt(bids, order[at] as number)
    let end = at
    for (; end < order.length; end += 1) {
      const bid = bids[order[end] as number] as Bid
      if (bid.price !== price) break
      asCheap = Math.min(asCheap, bid.latencyMs)
    }
    for (; next < order.length; next += 1) {
      const bid = bids[order[next] as number] as Bid
      if (!(bid.price < price && bid.price * factor <= price)) break
      cheaper = Math.min(cheaper, bid.latencyMs)
    }
    for (; at < end; at += 1) {
      const index = order[at] as number
      const { latencyMs: latency } = bids[index] as Bid
      const isSlower = asCheap < latency && asCheap * factor <= latency
      front[index] = !(isSlower || cheaper <= latency)
    }
  }
  return front
}

function priceAt(bids: readonly Bid[], index: number): number {
  return (bids[index] as Bid).price
}
