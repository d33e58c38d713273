import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../../src/lib/bytes.ts'
import { addressFromBytes } from '../../../src/lib/crypto/address.ts'
import {
  createTicketHasher,
  MAX_WIN_PROB,
  packTicket,
  type TicketParams,
  ticketEv,
  ticketHash,
  ticketOf,
  winProbForEv,
} from '../../../src/rails/ticket/ticket.ts'
import { sizeTicket } from '../../../src/rails/ticket/ticket-params.ts'
import {
  encodeTicketParams,
  parseTicketParams,
  parseTicketPayment,
} from '../../../src/rails/ticket/wire.ts'

const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length })
const address = bytes(20).map(addressFromBytes)
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const u256 = fc.bigInt({ min: 0n, max: MAX_WIN_PROB })
const params: fc.Arbitrary<TicketParams> = fc.record({
  recipient: address,
  faceValue: u256,
  winProb: u256,
  recipientRandHash: bytes(32),
  seed: bytes(32),
  expirationBlock: u64,
  expirationParams: fc.record({ creationRound: u64, creationRoundBlockHash: bytes(32) }),
})
/** Amounts of every size, small ones as often as large ones. */
const amount = fc
  .tuple(fc.integer({ min: 1, max: 95 }), fc.bigInt({ min: 0n, max: 2n ** 96n }))
  .map(([bits, value]) => (value % 2n ** BigInt(bits)) + 1n)

describe('win probability', () => {
  test('gives exactly the expected value that was wanted, and never more than certainty', () => {
    fc.assert(
      fc.property(amount, amount, (a, b) => {
        const [ev, faceValue] = a < b ? [a, b] : [b, a]
        const winProb = winProbForEv(faceValue, ev)
        expect(winProb).toBeLessThanOrEqual(MAX_WIN_PROB)
        expect((faceValue * winProb) / MAX_WIN_PROB).toBe(ev)
        expect(ticketEv({ faceValue, winProb })).toBe(ev)
      }),
      { numRuns: 1_000 },
    )
  })

  test('at the edges', () => {
    expect(winProbForEv(0n, 0n)).toBe(0n)
    expect(winProbForEv(5n, 5n)).toBe(MAX_WIN_PROB)
    expect(winProbForEv(5n, 6n)).toBe(MAX_WIN_PROB)
    expect(winProbForEv(5n, 0n)).toBe(0n)
  })
})

describe('hashing', () => {
  test('the hasher agrees with the whole ticket for every nonce, in any order', () => {
    const nonces = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), {
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(params, address, nonces, (of, sender, list) => {
        const hasher = createTicketHasher(of, of.expirationParams, sender)
        for (const nonce of list) {
          const ticket = ticketOf(of, of.expirationParams, sender, nonce)
          expect(toHex(hasher.hash(nonce))).toBe(toHex(ticketHash(ticket)))
        }
      }),
    )
  })

  test('a ticket takes 232 bytes, or 168 without a creation round', () => {
    fc.assert(
      fc.property(params, address, (of, sender) => {
        const none = { creationRound: 0n, creationRoundBlockHash: new Uint8Array(32) }
        const { creationRound, creationRoundBlockHash } = of.expirationParams
        const isUnset = creationRound === 0n && creationRoundBlockHash.every((byte) => byte === 0)
        const length = packTicket(ticketOf(of, of.expirationParams, sender, 1)).byteLength
        expect(length).toBe(isUnset ? 168 : 232)
        expect(packTicket(ticketOf(of, none, sender, 1)).byteLength).toBe(168)
      }),
    )
  })
})

describe('sizing', () => {
  test('what is offered pays the fee, is worth redeeming and is covered by the sender', () => {
    fc.assert(
      fc.property(amount, amount, amount, amount, (fee, minEv, cost, maxFloat) => {
        const config = {
          minEv,
          ticketsPerStep: 3n,
          evMultiplier: 10n,
          txCostMultiplier: 2n,
          redeemGas: 1_000n,
          maxFaceValue: 0n,
          paramsLifeBlocks: 40n,
        }
        const size = sizeTicket(config, fee, cost, maxFloat)
        if (!size.ok) return
        const { faceValue } = size.value
        const ev = ticketEv(size.value)
        expect(ev * 3n).toBeGreaterThanOrEqual(fee)
        expect(ev).toBeGreaterThanOrEqual(minEv)
        expect(faceValue).toBeGreaterThanOrEqual(2n * ev)
        expect(faceValue).toBeGreaterThanOrEqual(cost)
        expect(faceValue).toBeLessThanOrEqual(maxFloat)
      }),
      { numRuns: 500 },
    )
  })
})

describe('the wire', () => {
  test('params come back as they went', () => {
    fc.assert(
      fc.property(params, (of) => {
        expect(parseTicketParams(encodeTicketParams(of))).toEqual({ ok: true, value: of })
      }),
    )
  })

  test('no bytes make a parser throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (noise) => {
        expect([true, false]).toContain(parseTicketParams(noise).ok)
        expect([true, false]).toContain(parseTicketPayment(noise).ok)
      }),
      { numRuns: 500 },
    )
  })
})
