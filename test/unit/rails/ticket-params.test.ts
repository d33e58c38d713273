import { describe, expect, test } from 'vitest'
import { MAX_WIN_PROB, ticketEv } from '../../../src/rails/ticket/ticket.ts'
import { sizeTicket, type TicketParamsConfig } from '../../../src/rails/ticket/ticket-params.ts'

const config: TicketParamsConfig = {
  minEv: 100n,
  ticketsPerStep: 4n,
  evMultiplier: 10n,
  txCostMultiplier: 5n,
  redeemGas: 1_000n,
  maxFaceValue: 0n,
  paramsLifeBlocks: 40n,
}
const PLENTY = 10n ** 30n

function sized(
  fee: bigint,
  gasPrice: bigint,
  maxFloat: bigint,
  over: Partial<TicketParamsConfig> = {},
) {
  const size = sizeTicket({ ...config, ...over }, fee, gasPrice * 1_000n, maxFloat)
  if (!size.ok) throw new Error(size.error.code)
  return { ...size.value, ev: ticketEv(size.value) }
}

describe('sizing a ticket', () => {
  test('a step takes the wanted number of tickets, rounded so that they never fall short', () => {
    expect(sized(4_000n, 0n, PLENTY).ev).toBe(1_000n)
    expect(sized(4_001n, 0n, PLENTY).ev).toBe(1_001n)
  })

  test('a small fee, and none at all, still makes tickets of the smallest value', () => {
    expect(sized(1n, 0n, PLENTY).ev).toBe(100n)
    expect(sized(0n, 0n, PLENTY).ev).toBe(100n)
    expect(sized(0n, 0n, PLENTY, { minEv: 0n }).ev).toBe(1n)
  })

  test('face value follows whichever is larger: the value times its multiplier, or the gas', () => {
    expect(sized(4_000n, 1n, PLENTY).faceValue).toBe(10_000n)
    expect(sized(4_000n, 10n, PLENTY).faceValue).toBe(50_000n)
  })

  test('face value shrinks to what the sender is good for and to the configured ceiling', () => {
    expect(sized(4_000n, 10n, 20_000n)).toMatchObject({ faceValue: 20_000n, ev: 1_000n })
    expect(sized(4_000n, 10n, PLENTY, { maxFaceValue: 30_000n })).toMatchObject({
      faceValue: 30_000n,
      ev: 1_000n,
    })
    expect(sized(4_000n, 10n, 20_000n, { maxFaceValue: 30_000n }).faceValue).toBe(20_000n)
  })

  test('is refused when the face value would be below twice the expected value', () => {
    expect(sized(4_000n, 0n, 2_000n).faceValue).toBe(2_000n)
    const refused = sizeTicket(config, 4_000n, 0n, 1_999n)
    expect(refused).toMatchObject({
      ok: false,
      error: { class: 'underfunded', code: 'INSUFFICIENT_RESERVE' },
    })
  })

  test('is refused when redeeming would cost more than the face value', () => {
    expect(sized(4_000n, 3n, 3_000n).faceValue).toBe(3_000n)
    expect(sizeTicket(config, 4_000n, 3_000n, 2_999n)).toMatchObject({ ok: false })
    expect(sizeTicket(config, 4_000n, 3_000n, 0n)).toMatchObject({ ok: false })
  })

  test('a ticket never wins for sure', () => {
    const { winProb } = sized(4_000n, 0n, 2_000n)
    expect(winProb).toBeLessThan((MAX_WIN_PROB / 100n) * 51n)
  })
})
