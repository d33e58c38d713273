import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Address } from '../../../src/lib/crypto/address.ts'
import { addressFromBytes } from '../../../src/lib/crypto/address.ts'
import { H264_PROFILES } from '../../../src/media/profile.ts'
import { poolLimits } from '../../../src/pool/limits.ts'
import {
  encodePoolMessage,
  encodeWorkerMessage,
  type PoolMessage,
  parsePoolMessage,
  parseWorkerMessage,
  type WorkerMessage,
} from '../../../src/pool/wire.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const id = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const wei = fc.bigInt({ min: 0n, max: 2n ** 128n })
const uint32 = fc.nat({ max: 2 ** 32 - 1 })
const detail = fc.string({ maxLength: poolLimits.maxDetailLength })
const address: fc.Arbitrary<Address> = bytes(20).map(addressFromBytes)
const mac = fc.oneof(bytes(32), fc.constant(new Uint8Array(0)))
const name = fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9_-]{0,20}$/)

const profile = fc.record({
  name,
  width: fc.integer({ min: 16, max: 640 }).map((n) => 2 * n),
  height: fc.integer({ min: 16, max: 360 }).map((n) => 2 * n),
  bitrateBps: fc.integer({ min: 32_000, max: 20_000_000 }),
  fps: fc.oneof(
    fc.constant('source' as const),
    fc.integer({ min: 1, max: 60 }).map((num) => ({ num, den: 1 })),
  ),
  gopSeconds: fc.integer({ min: 1, max: 300 }).map((n) => n / 10),
  h264Profile: fc.constantFrom(...H264_PROFILES),
})

const ability = fc.record({
  backend: fc.string({ maxLength: poolLimits.maxBackendLength }),
  hardware: fc.boolean(),
  minWidth: uint32,
  minHeight: uint32,
  maxWidth: uint32,
  maxHeight: uint32,
  h264Profiles: fc.subarray([...H264_PROFILES]),
})

const workerMessage: fc.Arbitrary<WorkerMessage> = fc.oneof(
  fc.record({
    type: fc.constant('hello' as const),
    nonce: bytes(32),
    hasSecret: fc.boolean(),
    slots: fc.integer({ min: 1, max: poolLimits.maxSlotsPerWorker }),
    ability,
    account: fc.option(fc.record({ address, signature: bytes(65) })),
  }),
  fc.record({ type: fc.constant('proof' as const), mac }),
  fc.record({ type: fc.constant('beat' as const), count: id }),
  fc.record({
    type: fc.constant('done' as const),
    id,
    renditions: fc.array(fc.record({ name, lengthBytes: uint32 }), {
      maxLength: poolLimits.maxProfiles,
    }),
    workMs: uint32,
  }),
  fc.record({
    type: fc.constant('failed' as const),
    id,
    code: fc.constantFrom('UNREADABLE', 'FAILED', 'NO_SLOT', 'CANCELLED'),
    detail,
  }),
  fc.record({ type: fc.constant('drain' as const) }),
  fc.record({ type: fc.constant('offer' as const), id, offer: fc.uint8Array(), detail }),
  fc.record({ type: fc.constant('receipt' as const), id, credited: wei, detail }),
)

const poolMessage: fc.Arbitrary<PoolMessage> = fc.oneof(
  fc.record({ type: fc.constant('challenge' as const), nonce: bytes(32) }),
  fc.record({ type: fc.constant('welcome' as const), mac, chainId: id, payer: address }),
  fc.record({
    type: fc.constant('refused' as const),
    code: fc.constantFrom('BAD_SECRET', 'EJECTED', 'POOL_FULL', 'DEPOSIT_TOO_LOW'),
    detail,
    retryAfterMs: uint32,
  }),
  fc.record({
    type: fc.constant('job' as const),
    id,
    durationMs: fc.integer({ min: 1, max: 300_000 }),
    deadlineMs: fc.integer({ min: 1, max: 1_200_000 }),
    profiles: fc.uniqueArray(profile, {
      minLength: 1,
      maxLength: poolLimits.maxProfiles,
      selector: (one) => one.name,
    }),
  }),
  fc.record({ type: fc.constant('cancel' as const), id }),
  fc.record({ type: fc.constant('beat' as const), count: id }),
  fc.record({
    type: fc.constant('terms' as const),
    id,
    due: wei,
    block: id,
    round: id,
    roundBlockHash: bytes(32),
    previousRoundBlockHash: bytes(32),
    gasPrice: wei,
    maxFloat: wei,
    deposit: wei,
  }),
  fc.record({ type: fc.constant('pay' as const), id, proof: fc.uint8Array() }),
)

describe('what worker and orchestrator say to each other', () => {
  test('arrives as it was said', () => {
    fc.assert(
      fc.property(workerMessage, (message) => {
        expect(parseWorkerMessage(encodeWorkerMessage(message))).toEqual({
          ok: true,
          value: message,
        })
      }),
    )
    fc.assert(
      fc.property(poolMessage, (message) => {
        expect(parsePoolMessage(encodePoolMessage(message))).toEqual({ ok: true, value: message })
      }),
    )
  })

  test('is parsed or called malformed, whatever the bytes, and never thrown', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        for (const parsed of [parseWorkerMessage(noise), parsePoolMessage(noise)]) {
          if (!parsed.ok) expect(parsed.error).toBe('MALFORMED')
        }
      }),
    )
  })

  test('is kept within its limits', () => {
    const ladder = { name: 'a', lengthBytes: 1 }
    const done = (count: number) =>
      parseWorkerMessage(
        encodeWorkerMessage({
          type: 'done',
          id: 1n,
          renditions: Array.from({ length: count }, () => ladder),
          workMs: 1,
        }),
      ).ok
    expect([done(poolLimits.maxProfiles), done(poolLimits.maxProfiles + 1)]).toEqual([true, false])
    fc.assert(
      fc.property(workerMessage, (message) => {
        if (message.type !== 'hello') return
        const { maxSlotsPerWorker } = poolLimits
        for (const slots of [0, maxSlotsPerWorker + 1]) {
          expect(parseWorkerMessage(encodeWorkerMessage({ ...message, slots })).ok).toBe(false)
        }
      }),
    )
  })
})
