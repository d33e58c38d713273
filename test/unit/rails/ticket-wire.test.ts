import { describe, expect, test } from 'vitest'
import { addressBytes } from '../../../src/lib/crypto/address.ts'
import * as wire from '../../../src/net/wire/ticket.ts'
import { ticketLimits } from '../../../src/rails/ticket/limits.ts'
import { MAX_WIN_PROB, type TicketBatch } from '../../../src/rails/ticket/ticket.ts'
import {
  encodeTicketParams,
  encodeTicketPayment,
  parseTicketParams,
  parseTicketPayment,
} from '../../../src/rails/ticket/wire.ts'
import { bytesOf } from '../../helpers/fixtures.ts'
import { paramsOf, senderWallet } from '../../helpers/fixtures-tickets.ts'

const params = paramsOf({
  faceValue: MAX_WIN_PROB,
  winProb: MAX_WIN_PROB,
  expirationBlock: 2n ** 63n,
})

function batchOf(count: number): TicketBatch {
  return {
    params,
    expirationParams: params.expirationParams,
    sender: senderWallet.address,
    senderParams: Array.from({ length: count }, (_, i) => ({
      senderNonce: i + 1,
      sig: bytesOf(65, i),
    })),
  }
}

const refused = { ok: false, error: 'MALFORMED' }

describe('ticket params on the wire', () => {
  test('come back as they were, at the largest values too', () => {
    expect(parseTicketParams(encodeTicketParams(params))).toEqual({ ok: true, value: params })
  })

  test('stay far below the limit and are refused past it', () => {
    const bytes = encodeTicketParams(params)
    expect(bytes.byteLength).toBeLessThan(ticketLimits.maxParamsBytes)
    const padded = new Uint8Array(ticketLimits.maxParamsBytes + 1)
    padded.set(bytes)
    expect(parseTicketParams(padded)).toEqual(refused)
  })

  const good = wire.TicketParams.decode(encodeTicketParams(params))
  test.each([
    ['a short address', { recipient: new Uint8Array(19) }],
    ['no address', { recipient: new Uint8Array(0) }],
    ['a face value of 33 bytes', { faceValue: new Uint8Array(33).fill(1) }],
    ['a win probability of 33 bytes', { winProb: new Uint8Array(33).fill(1) }],
    ['a short hash', { recipientRandHash: new Uint8Array(31) }],
    ['a short seed', { seed: new Uint8Array(8) }],
    ['no block hash', { creationRoundBlockHash: new Uint8Array(0) }],
  ])('are refused with %s', (_what, change) => {
    expect(parseTicketParams(wire.TicketParams.encode({ ...good, ...change }))).toEqual(refused)
  })

  test.each([
    ['nothing', new Uint8Array(0)],
    ['noise', bytesOf(200, 3)],
    ['a cut message', encodeTicketParams(params).subarray(0, 60)],
  ])('are refused when they are %s', (_what, bytes) => {
    expect(parseTicketParams(bytes)).toEqual(refused)
  })
})

describe('a payment on the wire', () => {
  test.each([1, 2, ticketLimits.maxTicketsPerPayment])(
    'of %i tickets comes back whole',
    (count) => {
      const bytes = encodeTicketPayment(batchOf(count))
      expect(bytes.byteLength).toBeLessThanOrEqual(ticketLimits.maxPaymentBytes)
      expect(parseTicketPayment(bytes)).toEqual({ ok: true, value: batchOf(count) })
    },
  )

  test('is refused with one ticket too many, with none, and past its size', () => {
    const { maxTicketsPerPayment, maxPaymentBytes } = ticketLimits
    expect(parseTicketPayment(encodeTicketPayment(batchOf(maxTicketsPerPayment + 1)))).toEqual(
      refused,
    )
    expect(parseTicketPayment(encodeTicketPayment(batchOf(0)))).toEqual(refused)
    const bloated = batchOf(1)
    const sig = new Uint8Array(maxPaymentBytes)
    const senderParams = [{ senderNonce: 1, sig }]
    expect(parseTicketPayment(encodeTicketPayment({ ...bloated, senderParams }))).toEqual(refused)
  })

  test('is refused without params, with a short sender or a short block hash', () => {
    const whole = {
      params: wire.TicketParams.decode(encodeTicketParams(params)),
      sender: addressBytes(senderWallet.address),
      creationRound: 10n,
      creationRoundBlockHash: bytesOf(32),
      tickets: [{ senderNonce: 1, signature: bytesOf(65) }],
    }
    expect(parseTicketPayment(wire.TicketPayment.encode(whole)).ok).toBe(true)
    const { params: _, ...without } = whole
    for (const bad of [
      without,
      { ...whole, sender: new Uint8Array(21) },
      { ...whole, creationRoundBlockHash: new Uint8Array(31) },
    ]) {
      expect(parseTicketPayment(wire.TicketPayment.encode(bad))).toEqual(refused)
    }
  })
})
