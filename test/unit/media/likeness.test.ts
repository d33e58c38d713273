import { describe, expect, test } from 'vitest'
import { isAlike, likenessOf, THUMB_HEIGHT, THUMB_WIDTH } from '../../../src/media/likeness.ts'

/** A picture with a gradient and a bright square at a place. */
function picture(at: number, brightness = 1): Uint8Array {
  const out = new Uint8Array(THUMB_WIDTH * THUMB_HEIGHT)
  for (let y = 0; y < THUMB_HEIGHT; y++) {
    for (let x = 0; x < THUMB_WIDTH; x++) {
      const isSquare = Math.abs(x - at) < 20 && Math.abs(y - 45) < 20
      out[y * THUMB_WIDTH + x] = brightness * (isSquare ? 220 : (x + y) / 2)
    }
  }
  return out
}

const moving = Array.from({ length: 20 }, (_, i) => picture(20 + 6 * i))
const noisy = moving.map((one) => one.map((value, i) => value + ((i * 7) % 5) - 2))

describe('the likeness of two segments', () => {
  test('is close to 1 for the same pictures encoded otherwise', () => {
    expect(likenessOf(moving, moving)).toMatchObject({ frames: 20, sameFrames: true, motion: 1 })
    expect(likenessOf(moving, moving).similarity).toBeCloseTo(1)
    const likeness = likenessOf(moving, noisy)
    expect(likeness.similarity).toBeGreaterThan(0.8)
    expect(isAlike(likeness)).toBe(true)
  })

  test.each([
    ['black', moving.map(() => picture(0, 0))],
    ['pictures of something else', moving.map((one) => one.toReversed().map((v) => 255 - v))],
    ['one picture that stands still', moving.map(() => moving[10] as Uint8Array)],
    ['no pictures', []],
  ])('is none with %s', (_, other) => {
    expect(isAlike(likenessOf(moving, other))).toBe(false)
  })

  test('says when one has fewer frames', () => {
    expect(likenessOf(moving, moving.slice(1))).toMatchObject({ frames: 19, sameFrames: false })
  })

  test('expects no motion where there is none', () => {
    const still = moving.map(() => moving[0] as Uint8Array)
    expect(isAlike(likenessOf(still, still))).toBe(true)
  })
})
