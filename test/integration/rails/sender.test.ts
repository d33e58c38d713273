import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { recoverSigner } from '../../../src/lib/crypto/eip191.ts'
import { ticketLimits } from '../../../src/rails/ticket/limits.ts'
import type { Sender, SenderInit } from '../../../src/rails/ticket/sender.ts'
import {
  MAX_WIN_PROB,
  type TicketBatch,
  type TicketParams,
  ticketHash,
  ticketsOf,
} from '../../../src/rails/ticket/ticket.ts'
import type { Store } from '../../../src/store/store.ts'
import { type FakeChain, fakeChain } from '../../helpers/fakes-chain.ts'
import { bytesOf, Cleanup, temporaryStore } from '../../helpers/fixtures.ts'
import { openSender, paramsOf, senderWallet } from '../../helpers/fixtures-tickets.ts'

const cleanup = new Cleanup()
let chain: FakeChain
let store: Store
let reopen: () => Promise<Store>
beforeEach(async () => {
  chain = fakeChain()
  ;({ store, reopen } = await temporaryStore(cleanup))
})
afterEach(() => cleanup.run())

async function batch(sender: Sender, id: string, size: number): Promise<TicketBatch> {
  const made = await sender.createTicketBatch(id, size)
  if (!made.ok) throw new Error(made.error.code)
  return made.value
}

/** The store with a first write that takes longer than those after it. */
function slowAtFirst(of: Store): Store {
  let batches = 0
  return {
    ...of,
    async batch(ops, options) {
      batches += 1
      if (batches === 1) await new Promise((resolve) => setTimeout(resolve, 20))
      await of.batch(ops, options)
    },
  }
}

const noncesOf = ({ senderParams }: TicketBatch): number[] =>
  senderParams.map(({ senderNonce }) => senderNonce)

describe('a batch of tickets', () => {
  test('is signed ticket by ticket by the sender', async () => {
    const sender = openSender(store, chain)
    const made = await batch(sender, await sender.startSession(paramsOf()), 3)
    for (const [i, ticket] of ticketsOf(made).entries()) {
      const { sig } = made.senderParams[i] as TicketBatch['senderParams'][number]
      expect(recoverSigner(ticketHash(ticket), sig)).toEqual({
        ok: true,
        value: senderWallet.address,
      })
    }
    expect(made).toMatchObject({ sender: senderWallet.address, params: paramsOf() })
  })

  test('without a session is refused', async () => {
    const made = await openSender(store, chain).createTicketBatch('0x00', 1)
    expect(made).toMatchObject({ ok: false, error: { code: 'NO_SESSION' } })
  })

  test('of one session never uses a nonce twice: in turn, at once, or when the session is begun again', async () => {
    const sender = openSender(store, chain)
    const id = await sender.startSession(paramsOf())
    const batches = [await batch(sender, id, 3)]
    batches.push(...(await Promise.all([2, 1, 4].map((size) => batch(sender, id, size)))))
    await sender.startSession(paramsOf())
    batches.push(await batch(sender, id, 2))
    const nonces = batches.flatMap(noncesOf)
    expect(new Set(nonces).size).toBe(12)
    expect(Math.min(...nonces)).toBe(1)
  })

  test('of a session that two begin at the same time never uses a nonce twice', async () => {
    const sender = openSender(store, chain)
    const starts = [1, 2, 3].map(async () =>
      batch(sender, await sender.startSession(paramsOf()), 2),
    )
    const nonces = (await Promise.all(starts)).flatMap(noncesOf)
    expect(new Set(nonces).size).toBe(6)
  })

  test('never uses a nonce again after a restart, though the disk takes writes in any order', async () => {
    const sender = openSender(slowAtFirst(store), chain)
    const id = await sender.startSession(paramsOf())
    await Promise.all([2, 1, 3].map((size) => batch(sender, id, size)))
    const again = openSender(await reopen(), chain)
    expect(noncesOf(await batch(again, await again.startSession(paramsOf()), 1))).toEqual([7])
  })

  test('ends at the last nonce that the recipient takes, and not before', async () => {
    const sender = openSender(store, chain)
    const id = await sender.startSession(paramsOf())
    const { maxNoncesPerParams } = ticketLimits
    for (let left = maxNoncesPerParams; left > 0; left -= 100) {
      expect(noncesOf(await batch(sender, id, 100)).at(-1)).toBe(maxNoncesPerParams - left + 100)
    }
    const refused = { ok: false, error: { class: 'new-params', code: 'NONCE_EXHAUSTED' } }
    expect(await sender.createTicketBatch(id, 1)).toMatchObject(refused)
    const other = await sender.startSession(paramsOf({ recipientRandHash: bytesOf(32, 99) }))
    expect(noncesOf(await batch(sender, other, 1))).toEqual([1])
  })
})

describe('params', () => {
  const check = (params: TicketParams, init: Partial<SenderInit> = {}, size = 1) =>
    openSender(store, chain, init).validateTicketParams(params, size)

  test('are used until two blocks before they expire', async () => {
    const { paramsExpiryBufferBlocks } = ticketLimits
    expect(
      await check(paramsOf({ expirationBlock: chain.block + paramsExpiryBufferBlocks + 1n })),
    ).toMatchObject({ ok: true })
    const late = await check(paramsOf({ expirationBlock: chain.block + paramsExpiryBufferBlocks }))
    expect(late).toMatchObject({
      ok: false,
      error: { class: 'new-params', code: 'PARAMS_EXPIRED' },
    })
  })

  test('that expire between two batches stop the second', async () => {
    const sender = openSender(store, chain)
    const id = await sender.startSession(paramsOf())
    await batch(sender, id, 1)
    chain.block = 1039n
    expect(await sender.createTicketBatch(id, 1)).toMatchObject({
      ok: false,
      error: { code: 'PARAMS_EXPIRED' },
    })
  })

  test('are refused for the first of all reasons, each mended in turn', async () => {
    const max = 250_001n
    let params = paramsOf({ expirationBlock: 0n, winProb: 0n })
    let init: Partial<SenderInit> = { maxEv: 1_000n, maxTotalEv: 1_000n, depositMultiplier: 1n }
    chain.funds = {
      deposit: 0n,
      withdrawRound: 11n,
      reserve: { fundsRemaining: 0n, claimedInCurrentRound: 0n },
    }
    const steps: [code: string, mend: () => void][] = [
      ['NO_EXPIRATION', () => (params = { ...params, expirationBlock: 1001n })],
      ['PARAMS_EXPIRED', () => (params = { ...params, expirationBlock: 1040n })],
      ['NO_VALUE', () => (params = { ...params, winProb: (MAX_WIN_PROB / 3n) * 2n })],
      ['FACE_VALUE_TOO_LOW', () => (params = { ...params, winProb: MAX_WIN_PROB / 4n })],
      ['EV_TOO_HIGH', () => (init = { ...init, maxEv: max })],
      ['UNLOCKING_SOON', () => (chain.funds = { ...chain.funds, withdrawRound: 12n })],
      [
        'NO_RESERVE',
        () =>
          (chain.funds = {
            ...chain.funds,
            reserve: { ...chain.funds.reserve, fundsRemaining: 1n },
          }),
      ],
      ['NO_DEPOSIT', () => (chain.funds = { ...chain.funds, deposit: 999_999n })],
      ['TOTAL_EV_TOO_HIGH', () => (init = { ...init, maxTotalEv: 3n * max })],
      ['FACE_VALUE_TOO_HIGH', () => (chain.funds = { ...chain.funds, deposit: 1_000_000n })],
    ]
    for (const [code, mend] of steps) {
      expect(await check(params, init, 3)).toMatchObject({ ok: false, error: { code } })
      mend()
    }
    expect(await check(params, init, 3)).toMatchObject({ ok: true })
    expect(await check(params, { ...init, depositMultiplier: 2n }, 3)).toMatchObject({
      ok: false,
      error: { class: 'limit', code: 'FACE_VALUE_TOO_HIGH' },
    })
  })

  test('are refused as unfunded when funds unlock next round, not when later', async () => {
    chain.funds = { ...chain.funds, withdrawRound: chain.round + 1n }
    const soon = await check(paramsOf())
    expect(soon).toMatchObject({
      ok: false,
      error: { class: 'underfunded', code: 'UNLOCKING_SOON' },
    })
    chain.funds = { ...chain.funds, withdrawRound: chain.round + 2n }
    expect(await check(paramsOf())).toMatchObject({ ok: true })
  })

  test('the caps are what is still allowed', async () => {
    const exact = { maxEv: 250_000n, maxTotalEv: 500_000n }
    const params = paramsOf({ faceValue: 1_000_000n, winProb: MAX_WIN_PROB / 4n + 1n })
    expect(await check(params, exact, 2)).toMatchObject({ ok: true })
    expect(await check(params, exact, 3)).toMatchObject({
      ok: false,
      error: { code: 'TOTAL_EV_TOO_HIGH' },
    })
  })
})
