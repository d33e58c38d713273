import { afterEach, expect, test } from 'vitest'
import { addressBytes } from '../../../src/lib/crypto/address.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { createBinding } from '../../../src/net/identity.ts'
import { createPeerKey } from '../../../src/net/peer-key.ts'
import { ticketLimits } from '../../../src/rails/ticket/limits.ts'
import { createTicketMetrics } from '../../../src/rails/ticket/metrics.ts'
import {
  encodeRedeemRequest,
  parseRedeemReply,
  type RedeemQuestion,
} from '../../../src/rails/ticket/redeem-wire.ts'
import { createRedeemerDesk, type RedeemerDesk } from '../../../src/rails/ticket/redeemer-desk.ts'
import type { WinnerStore } from '../../../src/rails/ticket/winner-store.ts'
import { emptyTotals } from '../../../src/rails/ticket/winner-totals.ts'
import { manualClock } from '../../helpers/fakes.ts'
import { Cleanup } from '../../helpers/fixtures.ts'
import { CHAIN_ID } from '../../helpers/fixtures-hosts.ts'
import { realWinner } from '../../helpers/fixtures-redeem.ts'
import { recipientWallet } from '../../helpers/fixtures-tickets.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

const peerKey = await createPeerKey()
const { peerSignature, walletSignature } = createBinding(peerKey, recipientWallet, {
  chainId: CHAIN_ID,
})
const question: RedeemQuestion = {
  chainId: CHAIN_ID,
  recipient: { address: addressBytes(recipientWallet.address), peerSignature, walletSignature },
  winners: [],
  asked: [],
  stored: [],
}
const clock = manualClock()

/** A desk that holds so many winners. */
async function openDesk(waiting = 0): Promise<RedeemerDesk> {
  const totals = emptyTotals()
  totals.count.waiting = waiting
  const desk = createRedeemerDesk(
    {
      host: { handle: async () => {} },
      winners: { totals: () => totals } as WinnerStore,
      claims: {
        take: async () => {},
        release: async () => {},
        outcomeOf: async (ticketHash) => ({ ticketHash, state: 'not-held' }),
        owed: () => 0,
      },
      clock,
      logger: silentLogger,
      metrics: createTicketMetrics(noMetrics),
    },
    { chainId: CHAIN_ID, orchestrators: [recipientWallet.address] },
  )
  await desk.start()
  return desk
}

/** The refusal, or the verdict on each winner. */
async function ask(
  desk: RedeemerDesk,
  over: Partial<RedeemQuestion> = {},
  peerId = peerKey.peerId,
): Promise<string | (string | null)[]> {
  const asked = { ...question, ...over }
  const reply = parseRedeemReply(await desk.answer(encodeRedeemRequest(asked), peerId), asked)
  if (!reply.ok) throw new Error(reply.error)
  if ('refusal' in reply.value) return reply.value.refusal.code
  return reply.value.verdicts.map(({ fault }) => fault)
}

test('serves a peer 64 times in ten seconds, and others meanwhile', async () => {
  const desk = await openDesk()
  const { maxRedeemRequestsPerPeriod, redeemPeriodMs } = ticketLimits
  clock.nowMs = 10 * redeemPeriodMs
  for (let i = 0; i < maxRedeemRequestsPerPeriod; i += 1) expect(await ask(desk)).toEqual([])
  expect(await ask(desk)).toBe('TOO_MANY_REQUESTS')
  expect(await ask(desk, {}, (await createPeerKey()).peerId)).toBe('NOT_BOUND')
  clock.nowMs += redeemPeriodMs
  expect(await ask(desk)).toEqual([])
})

test('counts a bounded number of peers', async () => {
  const desk = await openDesk()
  clock.nowMs += ticketLimits.redeemPeriodMs
  for (let i = 0; i < ticketLimits.maxRedeemRequestsPerPeriod; i += 1) await ask(desk)
  expect(await ask(desk)).toBe('TOO_MANY_REQUESTS')
  for (let i = 0; i < ticketLimits.maxRedeemPeers; i += 1) {
    await desk.answer(new Uint8Array(0), `peer-${i}`)
  }
  expect(await ask(desk)).toEqual([])
})

test('takes winners up to its limit', async () => {
  clock.nowMs += ticketLimits.redeemPeriodMs
  const winners = [realWinner(1), realWinner(2)]
  const desk = await openDesk(ticketLimits.maxHeldWinners - 1)
  expect(await ask(desk, { winners })).toEqual([null, 'AT_CAPACITY'])
})

test('is not ready before it starts and after it stops', async () => {
  const desk = await openDesk()
  await desk.stop()
  expect(await ask(desk)).toBe('NOT_READY')
})
