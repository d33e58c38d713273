import { expect, test } from 'vitest'
import type { Term } from '../../../src/chain/delegation.ts'
import { feeRatioOf, termReports } from '../../../src/node/orchestrator-report.ts'

const token = 10n ** 18n
const term = (startRound: bigint, stake: bigint, sharedFees = 0n): Term => ({
  startRound,
  stake: stake * token,
  rewardCut: 0n,
  feeShare: 500_000n,
  sharedFees,
})
const first = term(0n, 0n)
const none = { boundary: 0n, newest: 0n, before: 0n, earlier: 0n }

test('a term ends where the next one starts, the newest one with the round', () => {
  const reports = termReports([first, term(3n, 1n), term(7n, 2n)], none, 9n)
  expect(reports.map(({ startRound, endRound }) => [startRound, endRound])).toEqual([
    [3n, 7n],
    [7n, 10n],
  ])
  expect(termReports([first, term(3n, 1n)], none, 2n)[0]?.endRound).toBe(4n)
  expect(termReports([], none, 2n)).toEqual([])
})

test('S40 fees that wait belong to the terms of their creation rounds', () => {
  const waiting = { boundary: 7n, newest: 10n, before: 20n, earlier: 40n }
  const shared = (terms: readonly Term[]) =>
    termReports(terms, waiting, 8n).map(({ sharedFees }) => sharedFees)
  // The term before the newest is two rounds long, so it is that of the oldest sum too.
  expect(shared([first, term(5n, 1n, 100n), term(7n, 1n)])).toEqual([130n, 5n])
  expect(shared([first, term(5n, 1n), term(6n, 1n), term(7n, 1n)])).toEqual([20n, 10n, 5n])
})

test('S24 the fee ratio is an average over rounds, whatever terms they are cut into', () => {
  const ratio = (terms: readonly Term[], round: bigint) =>
    feeRatioOf(termReports([first, ...terms], none, round), round)
  expect(ratio([term(1n, 4n, 80n)], 10n)).toBe(2n)
  expect(ratio([term(1n, 4n, 40n), term(6n, 4n, 40n)], 10n)).toBe(2n)
  // Twice the stake, half the ratio.
  expect(ratio([term(1n, 8n, 80n)], 10n)).toBe(1n)
  // What is older than ten rounds is left out, and what starts with the next one.
  expect(ratio([term(1n, 4n, 8_000n), term(6n, 4n, 80n), term(16n, 4n)], 15n)).toBe(2n)
  expect(ratio([], 15n)).toBe(0n)
})
