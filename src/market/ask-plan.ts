import { marketLimits } from './limits.ts'

/** Someone who could be asked for a quote, and how things stand with it. */
export interface Prospect {
  readonly peerId: string
  readonly isPreferred: boolean
  readonly isSuspended: boolean
  /** What it is likely to be worth, lower is better; null when nothing is known. */
  readonly hint: number | null
  /** When it was asked last; 0 for never. */
  readonly askedAtMs: number
  /** Not to be asked before. */
  readonly retryAtMs: number
  /** When the request under way was sent; null when there is none. */
  readonly askingSinceMs: number | null
  /** When the quote at hand came, and until when it is good; null when there is none. */
  readonly quote: { readonly sinceMs: number; readonly untilMs: number } | null
}

/** How asking is paced. */
export interface AskPlanInit {
  /** How many quotes are wanted at hand. */
  readonly size: number
  /** A quote is asked for anew after so long, or when it is about to end. */
  readonly refreshMs: number
  /** An answer is late after so long, and the next one is asked beside it. */
  readonly hedgeMs: number
}

/** Whom to ask now, and when to look again. */
export interface AskPlan {
  readonly ask: readonly string[]
  readonly nextAtMs: number
}

/** Of the life of a quote, the share that it is used for. */
const USED_LIFE = 0.7
/** Of the quotes wanted, one in so many is from someone of whom nothing is known. */
const UNKNOWN_SHARE = 4

/**
 * Whom to ask for a quote. Pure.
 *
 * The best `size` are asked at once. Whoever refuses, is silent or is late does not count, so that
 * the next takes the place. Nobody is asked before its pause is over.
 */
export function planAsks(
  prospects: readonly Prospect[],
  init: AskPlanInit,
  nowMs: number,
): AskPlan {
  const ask: string[] = []
  let nextAtMs = Number.POSITIVE_INFINITY
  let counted = 0
  for (const prospect of askOrder(prospects, init.size)) {
    const { peerId, quote, askingSinceMs, retryAtMs } = prospect
    const goodUntilMs = quote === null ? 0 : quote.untilMs - marketLimits.minQuoteLifeMs
    if (quote !== null && goodUntilMs > nowMs) {
      if (counted >= init.size) continue
      counted += 1
      const lifeMs = quote.untilMs - quote.sinceMs
      const dueAtMs = quote.sinceMs + Math.min(init.refreshMs, lifeMs * USED_LIFE)
      const startAtMs = Math.max(dueAtMs, retryAtMs)
      if (askingSinceMs !== null) continue
      if (startAtMs <= nowMs) ask.push(peerId)
      else nextAtMs = Math.min(nextAtMs, startAtMs)
    } else if (askingSinceMs !== null) {
      const lateAtMs = askingSinceMs + init.hedgeMs
      if (nowMs >= lateAtMs) continue
      counted += 1
      nextAtMs = Math.min(nextAtMs, lateAtMs)
    } else if (retryAtMs > nowMs) {
      nextAtMs = Math.min(nextAtMs, retryAtMs)
    } else if (counted < init.size) {
      counted += 1
      ask.push(peerId)
    }
  }
  return { ask, nextAtMs }
}

/**
 * The owner's own first, then those known to be good and some of whom nothing is known, then the
 * rest; whoever is suspended only when there is nobody else.
 */
function askOrder(prospects: readonly Prospect[], size: number): Prospect[] {
  const free = prospects.filter(({ isSuspended }) => !isSuspended)
  const considered = free.length > 0 ? free : [...prospects]
  const preferred = considered.filter(({ isPreferred }) => isPreferred)
  const others = considered.filter(({ isPreferred }) => !isPreferred)
  const known = others
    .filter(({ hint }) => hint !== null)
    .sort((a, b) => (a.hint ?? 0) - (b.hint ?? 0))
  const unknown = others
    .filter(({ hint }) => hint === null)
    .sort((a, b) => a.askedAtMs - b.askedAtMs)
  const places = Math.max(0, size - preferred.length)
  const forKnown = Math.max(0, places - Math.ceil(places / UNKNOWN_SHARE))
  const first = known.splice(0, Math.max(forKnown, places - unknown.length))
  return [...preferred, ...first, ...unknown, ...known]
}
