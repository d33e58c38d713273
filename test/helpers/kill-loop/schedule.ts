import type { Random } from './random.ts'
import type { Side } from './settings.ts'

/** When and whom to kill next. */
export interface Strike {
  readonly victims: readonly Side[]
  /**
   * - `starting`: after a part of the time that the victims' start takes, opening and replay included
   * - `loaded`: once payments flow again, and so many milliseconds more
   */
  readonly moment: { readonly type: 'starting'; readonly part: number } | Loaded
}

interface Loaded {
  readonly type: 'loaded'
  readonly afterMs: number
}

const LOADED_WITHIN_MS = 900

/**
 * The next strike. One in four falls on whoever was started last, while it starts; the others fall
 * under load, on either side or on both.
 *
 * @param last - who was started last
 */
export function nextStrike(random: Random, last: readonly Side[]): Strike {
  if (last.length > 0 && random.next() < 0.25) {
    return { victims: last, moment: { type: 'starting', part: 0.3 + 0.8 * random.next() } }
  }
  const draw = random.next()
  const victims: readonly Side[] =
    draw < 0.45 ? ['provider'] : draw < 0.9 ? ['payer'] : ['payer', 'provider']
  return { victims, moment: { type: 'loaded', afterMs: random.below(LOADED_WITHIN_MS) } }
}
