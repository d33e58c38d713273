/** Width of the small grey pictures that are compared. */
export const THUMB_WIDTH = 160
/** Height of the small grey pictures that are compared. */
export const THUMB_HEIGHT = 90

/** How alike two segments look, measured on small grey pictures of their frames in order. */
export interface Likeness {
  /** Pairs of frames that were compared. */
  readonly frames: number
  /** Whether one had more frames than the other. */
  readonly sameFrames: boolean
  /** Mean structural similarity, −1 to 1. */
  readonly similarity: number
  /** Similarity of the worst pair. */
  readonly worst: number
  /** Mean absolute difference of brightness, 0 to 255. */
  readonly difference: number
  /** How much the second moves for each bit that the first moves; 1 where the first stands still. */
  readonly motion: number
}

/** Below this mean similarity two segments do not show the same; honest encoders stay above 0.86. */
export const LEAST_SIMILARITY = 0.7
/** Pictures with almost no structure differ in structure for no reason; then brightness decides. */
export const FLAT_DIFFERENCE = 4
/** A segment that moves less than this share of the other has frames that were not encoded. */
export const LEAST_MOTION = 0.5

const BLOCK = 10
const C1 = (0.01 * 255) ** 2
const C2 = (0.03 * 255) ** 2

/** Mean structural similarity of two grey pictures, over blocks. */
export function similarityOf(a: Uint8Array, b: Uint8Array): number {
  let sum = 0
  let blocks = 0
  for (let top = 0; top < THUMB_HEIGHT; top += BLOCK) {
    for (let left = 0; left < THUMB_WIDTH; left += BLOCK) {
      sum += blockSimilarity(a, b, top * THUMB_WIDTH + left)
      blocks++
    }
  }
  return sum / blocks
}

function blockSimilarity(a: Uint8Array, b: Uint8Array, start: number): number {
  let sumA = 0
  let sumB = 0
  let squareA = 0
  let squareB = 0
  let product = 0
  for (let row = 0; row < BLOCK; row++) {
    for (let at = start + row * THUMB_WIDTH, end = at + BLOCK; at < end; at++) {
      const x = a[at] as number
      const y = b[at] as number
      sumA += x
      sumB += y
      squareA += x * x
      squareB += y * y
      product += x * y
    }
  }
  const n = BLOCK * BLOCK
  const meanA = sumA / n
  const meanB = sumB / n
  const varianceA = squareA / n - meanA * meanA
  const varianceB = squareB / n - meanB * meanB
  const covariance = product / n - meanA * meanB
  return (
    ((2 * meanA * meanB + C1) * (2 * covariance + C2)) /
    ((meanA * meanA + meanB * meanB + C1) * (varianceA + varianceB + C2))
  )
}

/** Mean absolute difference of two grey pictures. */
export function differenceOf(a: Uint8Array, b: Uint8Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += Math.abs((a[at] as number) - (b[at] as number))
  return sum / Math.max(1, a.length)
}

/** Compares the frames of two segments, each a grey picture, pair by pair. Pure. */
export function likenessOf(first: readonly Uint8Array[], second: readonly Uint8Array[]): Likeness {
  const frames = Math.min(first.length, second.length)
  let similarity = 0
  let worst = 1
  let difference = 0
  let movedFirst = 0
  let movedSecond = 0
  for (let i = 0; i < frames; i++) {
    const a = first[i] as Uint8Array
    const b = second[i] as Uint8Array
    const pair = similarityOf(a, b)
    similarity += pair
    worst = Math.min(worst, pair)
    difference += differenceOf(a, b)
    if (i === 0) continue
    movedFirst += differenceOf(first[i - 1] as Uint8Array, a)
    movedSecond += differenceOf(second[i - 1] as Uint8Array, b)
  }
  const sameFrames = first.length === second.length
  if (frames === 0) {
    return { frames, sameFrames, similarity: 0, worst: 0, difference: 255, motion: 0 }
  }
  return {
    frames,
    sameFrames,
    similarity: similarity / frames,
    worst,
    difference: difference / frames,
    // What moves by less than noise is a still picture, and says nothing.
    motion: movedFirst / frames < 0.4 ? 1 : movedSecond / movedFirst,
  }
}

/** Whether two segments show the same, as far as small pictures tell. Pure. */
export function isAlike(likeness: Likeness): boolean {
  const { frames, similarity, difference, motion } = likeness
  if (frames === 0) return false
  const looksAlike = similarity >= LEAST_SIMILARITY || difference <= FLAT_DIFFERENCE
  return looksAlike && motion >= LEAST_MOTION
}
