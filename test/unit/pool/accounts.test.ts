import { afterEach, describe, expect, test } from 'vitest'
import { openWorkerAccounts, shareOf } from '../../../src/pool/accounts.ts'
import { manualClock } from '../../helpers/fakes.ts'
import { Cleanup, temporaryStore, walletOf } from '../../helpers/fixtures.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const pay = { price: { num: 3n, den: 2n }, sharePercent: 50 }
const worker = { id: '12D3KooWworker', account: walletOf('worker').address }
const nobody = { id: '12D3KooWnobody', account: null }
const segment = { pixels: 1_000n, checked: false }
const clock = manualClock()

async function open() {
  const { store, reopen } = await temporaryStore(cleanup)
  const accounts = await openWorkerAccounts({ store, clock }, pay)
  return { accounts, again: async () => openWorkerAccounts({ store: await reopen(), clock }, pay) }
}

describe('the accounts of workers', () => {
  test('hold a share of the price, rounded down, for each segment, across a restart', async () => {
    const { accounts, again } = await open()
    expect(shareOf(1_001n, pay)).toBe(750n)
    expect(await accounts.worked(worker, segment)).toBe(750n)
    expect(await accounts.worked(worker, { ...segment, checked: true })).toBe(750n)
    expect(await accounts.worked(nobody, segment)).toBe(0n)
    const later = await again()
    expect(later.find(worker.id)).toMatchObject({
      ...{ account: worker.account, segments: 2n, pixels: 2_000n, checked: 1n, earned: 1_500n },
      ...{ withheld: 0n, paid: 0n, ejectedAtMs: null },
    })
    expect(later.due(worker.id)).toBe(1_500n)
    expect(later.find(nobody.id)).toMatchObject({ segments: 1n, earned: 0n })
  })

  test('book a payment before it is sent, and know it until it is answered', async () => {
    const { accounts, again } = await open()
    await accounts.worked(worker, segment)
    const payment = { proof: Uint8Array.of(1, 2, 3), value: 800n }
    await accounts.paying(worker.id, payment)
    const later = await again()
    expect(later.pending(worker.id)).toEqual(payment)
    // A little more than was due: what is earned next makes up for it.
    expect(later.due(worker.id)).toBe(0n)
    await later.answered(worker.id)
    expect(later.pending(worker.id)).toBe(undefined)
    await later.worked(worker, segment)
    expect(later.due(worker.id)).toBe(700n)
  })

  test('S4: withhold what an ejected worker was not paid, then and later, for good', async () => {
    const { accounts, again } = await open()
    await accounts.worked(worker, segment)
    expect(await accounts.eject(worker, 'WRONG_PICTURE: black')).toBe(750n)
    await accounts.worked(worker, segment)
    expect(await accounts.eject(worker, 'another reason')).toBe(1_500n)
    const later = await again()
    expect(later.due(worker.id)).toBe(0n)
    expect(later.ejection(worker.id, null)).toBe('WRONG_PICTURE: black')
    expect(later.ejection('12D3KooWother', worker.account)).toBe('WRONG_PICTURE: black')
    expect(later.ejection('12D3KooWother', null)).toBe(null)
    expect(later.ejection(nobody.id, null)).toBe(null)
  })
})
