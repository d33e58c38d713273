/** An amount in wei; always a bigint. */
export type Wei = bigint

/** A price or probability as a fraction of two bigints; `den` is positive. */
export interface Ratio {
  readonly num: bigint
  readonly den: bigint
}

const GWEI = 1_000_000_000n
const ETHER = 1_000_000_000_000_000_000n

const UNITS: ReadonlyMap<string, bigint> = new Map([
  ['wei', 1n],
  ['gwei', GWEI],
  ['ether', ETHER],
  ['eth', ETHER],
])

const AMOUNT = /^(\d+)(?:\.(\d+))?\s*([a-z]*)$/

/**
 * Parses `"12"`, `"8gwei"`, `"0.5 ether"` into wei; null when it is malformed, has an unknown
 * unit or is finer than one wei.
 */
export function parseWei(text: string): Wei | null {
  const match = AMOUNT.exec(text.trim().toLowerCase())
  if (match === null) return null
  const [, whole = '', fraction = '', unitName = ''] = match
  const unit = UNITS.get(unitName === '' ? 'wei' : unitName)
  if (unit === undefined) return null
  const scale = 10n ** BigInt(fraction.length)
  const scaled = BigInt(whole + fraction) * unit
  return scaled % scale === 0n ? scaled / scale : null
}

/** Formats wei in the largest unit that keeps it readable, exactly. */
export function formatWei(amount: Wei): string {
  const sign = amount < 0n ? '-' : ''
  const magnitude = amount < 0n ? -amount : amount
  if (magnitude >= ETHER / 10_000n) return `${sign}${decimal(magnitude, ETHER, 18)} ETH`
  if (magnitude >= GWEI / 100n) return `${sign}${decimal(magnitude, GWEI, 9)} gwei`
  return `${sign}${magnitude} wei`
}

function decimal(amount: bigint, unit: bigint, digits: number): string {
  const fraction = (amount % unit).toString().padStart(digits, '0').replace(/0+$/, '')
  return fraction === '' ? `${amount / unit}` : `${amount / unit}.${fraction}`
}

/** a / b rounded up, for non-negative a and positive b. */
export function ceilDiv(a: bigint, b: bigint): bigint {
  return (a + b - 1n) / b
}

/** The smaller of two bigints. */
export function minBig(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

/** The larger of two bigints. */
export function maxBig(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

/** `units × price`, rounded up to a whole wei: what is owed for so many units. */
export function priceOf(units: bigint, price: Ratio): Wei {
  return ceilDiv(units * price.num, price.den)
}

/** Negative, zero or positive as a is below, equal to or above b. */
export function compareRatio(a: Ratio, b: Ratio): number {
  const left = a.num * b.den
  const right = b.num * a.den
  return left < right ? -1 : left > right ? 1 : 0
}

/** A fraction in lowest terms. */
export function reduceRatio(ratio: Ratio): Ratio {
  let a = ratio.num < 0n ? -ratio.num : ratio.num
  let b = ratio.den
  while (b !== 0n) [a, b] = [b, a % b]
  return a === 0n ? { num: 0n, den: 1n } : { num: ratio.num / a, den: ratio.den / a }
}

/** `"3/2"`, `"1500"` or `"0.25"` as a ratio; null when malformed, negative or over zero. */
export function parseRatio(text: string): Ratio | null {
  const fraction = /^\s*(\d+)\s*\/\s*(\d+)\s*$/.exec(text)
  if (fraction !== null) {
    const den = BigInt(fraction[2] as string)
    return den === 0n ? null : reduceRatio({ num: BigInt(fraction[1] as string), den })
  }
  const number = /^\s*(\d+)(?:\.(\d+))?\s*$/.exec(text)
  if (number === null) return null
  const digits = number[2] ?? ''
  return reduceRatio({
    num: BigInt((number[1] as string) + digits),
    den: 10n ** BigInt(digits.length),
  })
}

/** `"3/2"` or `"1500"`. */
export function formatRatio(ratio: Ratio): string {
  return ratio.den === 1n ? `${ratio.num}` : `${ratio.num}/${ratio.den}`
}
