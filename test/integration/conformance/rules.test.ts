import { afterAll, describe, expect, test } from 'vitest'
import { type Anvil, startAnvil } from '../../../scripts/lib/anvil.ts'
import {
  checkVector,
  runVectorAt,
  type TicketVector,
  type VectorReport,
} from '../../../scripts/lib/conformance.ts'
import type { VectorPlace } from '../../../scripts/lib/conformance-evm.ts'
import { openPlace, placeKey } from '../../../scripts/lib/conformance-place.ts'
import { rules } from '../../../scripts/lib/conformance-rules.ts'
import { agreeing, differing } from './cases.ts'
import { makeVector, type VectorCase } from './vector-builder.ts'

const places = new Map<string, Promise<{ anvil: Anvil; place: VectorPlace }>>()

async function open(vector: TicketVector): Promise<{ anvil: Anvil; place: VectorPlace }> {
  const anvil = await startAnvil()
  return { anvil, place: await openPlace(anvil, vector) }
}

afterAll(async () => {
  for (const opened of await Promise.allSettled(places.values())) {
    if (opened.status === 'rejected') continue
    opened.value.place.close()
    await opened.value.anvil.stop()
  }
})

/** Cases that start from the same round and pool share an EVM. */
async function check(name: string, made: VectorCase): Promise<VectorReport> {
  const vector = await makeVector(name, made)
  const key = placeKey(vector)
  const opened = places.get(key) ?? open(vector)
  places.set(key, opened)
  return checkVector(vector, async (one) => runVectorAt((await opened).place, one))
}

describe('our broker does as Livepeer’s', () => {
  test.each(Object.entries(agreeing))('%s', async (name, made) => {
    expect(await check(name, made)).toEqual({ id: name, faults: [], differs: null })
  })
})

describe('our broker differs by rule', () => {
  test.each(differing)('%s: %s', async (rule, name, made) => {
    expect(await check(name, made)).toEqual({ id: name, faults: [], differs: rules[rule] })
  })
})

describe('a vector that is wrong is found out', () => {
  const paid = { result: 100_000_000_000_000_000n }

  test('when it tells another outcome', async () => {
    const refused = await check('refused', { result: 'ticket is used' })
    expect(refused.faults).toEqual([
      'the broker paid 100000000000000000 wei, expected: refused with "ticket is used"',
    ])
    const panicked = await check('panicked', { result: 'panic 0x11' })
    expect(panicked.faults).toHaveLength(1)
    const less = await check('less', { result: 1n })
    expect(less.faults).toHaveLength(1)
    const used = await check('used', { pre: { ticketAlreadyUsed: true }, ...paid })
    expect(used.faults[0]).toContain('the broker refused with "ticket is used"')
  })

  test('when its bytes are not those of the ticket', async () => {
    const good = await makeVector('bytes', paid)
    const other = await makeVector('other', { ...paid, ticket: { senderNonce: '2' } })
    const { ticketPacked, ticketHash, signedDigest, winHash } = other
    const run = async (): Promise<never> => Promise.reject(new RangeError('not run'))
    const { faults } = await checkVector(
      { ...good, ticketPacked, ticketHash, signedDigest, winHash, wins: false },
      run,
    )
    expect(faults.map((fault) => fault.split(' ')[0])).toEqual([
      'ticketPacked',
      'ticketHash',
      'signedDigest',
      'winHash',
      'wins',
      'not',
    ])
  })

  test('when its signature, its randomness or its draw cannot have had that outcome', async () => {
    const run = async () => ({ accepted: true, reason: null, amountPaidWei: paid.result })
    const faultsOf = async (made: Partial<VectorCase>): Promise<readonly string[]> =>
      (await checkVector(await makeVector('contradiction', { ...paid, ...made }), run)).faults
    expect(await faultsOf({})).toEqual([])
    expect(await faultsOf({ spoil: () => '0x' })).toEqual([
      'the node\'s signature verdict is "INVALID_SIGNATURE_LENGTH"',
    ])
    expect(await faultsOf({ rand: `0x${'07'.repeat(32)}` })).toEqual([
      'the node\'s rand verdict is "recipientRand does not match recipientRandHash"',
    ])
    expect(await faultsOf({ ticket: { winProb: '0' } })).toEqual([
      'the node\'s win verdict is "ticket did not win"',
    ])
    expect(await faultsOf({ result: 'ticket did not win' })).toContain(
      'the node\'s win verdict is "valid"',
    )
  })
})
