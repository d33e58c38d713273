import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ETHER } from '../../../../src/chain/media-exchange.ts'
import { fromHex, toHex } from '../../../../src/lib/bytes.ts'
import { keccak256 } from '../../../../src/lib/crypto/keccak.ts'
import { publicKeyOfPeer } from '../../../../src/net/peer-key.ts'
import { type Bid, chainBid, digestOfBid, signBid } from '../../../../src/rails/check/bid.ts'
import { bidDigest, checkDigest } from '../../../../src/rails/check/digest.ts'
import { ether, type Party, startTestChain, type TestChain } from '../../../helpers/chain.ts'
import { type CheckParties, openCheckParties } from '../../../helpers/fixtures-check.ts'

let chain: TestChain
let payerParty: Party
let payeeParty: Party
let parties: CheckParties
let restore: () => Promise<void>

beforeAll(async () => {
  chain = await startTestChain()
  payerParty = await chain.party(1)
  payeeParty = await chain.party(2)
})

afterAll(async () => {
  await chain.stop()
})

const video = (fields: Partial<Bid> = {}) => ({
  bid: 1000n,
  hash: keccak256(Uint8Array.of(1)),
  format: '720p',
  to: parties.payeeKey.peerId,
  payee: payeeParty.address,
  asset: ETHER,
  duration: 9,
  segmentSeconds: 2,
  ...fields,
})

async function fresh(init: { autoFund?: boolean } = {}): Promise<void> {
  parties = await openCheckParties(chain, { payer: payerParty, payee: payeeParty, ...init })
}

describe('the digests', () => {
  test('are those of the contract', async () => {
    await fresh()
    const made = await parties.payer.bid(video(), null)
    if (!made.ok) throw new Error(made.error.detail)
    const bid = chainBid(made.value.record.bid.bid)
    const digest = bidDigest(parties.separator, bid)
    expect(await payerParty.exchange.bidDigest(bid)).toEqual(digest)
    const check = { channel: digest, balance: 3 }
    expect(await payerParty.exchange.checkDigest(digest, 3)).toEqual(
      checkDigest(parties.separator, check),
    )
  })
})

describe('activation', () => {
  test('A13 A15 funds, nonce and both signatures are looked at before anything is sent', async () => {
    await fresh({ autoFund: false })
    const { payee, signers } = parties
    const payer = payerParty.address
    const now = Math.floor(Date.now() / 1000)
    const terms = video({ nonce: new Uint8Array(32), bid: ether(1) }) as Omit<Bid, 'key'>
    const bid: Bid = { ...terms, key: signers.key.peerId, expiration: now + 3600 }
    const accept = async (signed = signBid(bid, signers)) => {
      const accepted = await payee.accept(signed, { payer, orderId: null })
      return accepted.ok ? 'accepted' : accepted.error.code
    }
    expect(await accept()).toBe('INSUFFICIENT_FUNDS')
    await payerParty.exchange.fund(ETHER, ether(30), payerParty.fresh())
    const signed = signBid(bid, signers)
    const { message } = signed
    const forged = { ...message, signature: `0x${'00'.repeat(64)}` }
    expect(await accept({ ...signed, message: forged })).toBe('BAD_SIGNATURE')
    const stranger = { ...signers, wallet: payeeParty.digests }
    expect(await accept(signBid(bid, stranger))).toBe('BAD_WALLET_SIGNATURE')
    const late = { ...bid, expiration: now + bid.duration + 100 }
    expect(await accept(signBid(late, signers))).toBe('EXPIRES_TOO_SOON')
    const elsewhere = { ...bid, payee: payerParty.address }
    expect(await accept(signBid(elsewhere, signers))).toBe('WRONG_RECIPIENT')
    const key = publicKeyOfPeer(bid.key) as Uint8Array
    await payerParty.users.register(key, '', payerParty.fresh())
    const wrong = { ...bid, nonce: new Uint8Array(32).fill(1) }
    expect(await accept(signBid(wrong, signers))).toBe('NONCE_MISMATCH')
    await payerParty.users.revokeKey(key, payerParty.fresh())
    expect(await accept()).toBe('KEY_NOT_LISTED')
    await payerParty.users.addKey(key, payerParty.fresh())
    expect(await accept()).toBe('accepted')
    expect(await accept()).toBe('accepted')
    const digest = digestOfBid(bid, parties.separator)
    expect(await payerParty.users.nonceOf(payer)).toEqual(digest)
    // A15: the price of the whole is in escrow.
    expect((await payerParty.exchange.channelOf(digest))?.escrow).toBe(ether(9))
  })

  test('A14 bids chain by their digests, and a used nonce opens nothing', async () => {
    await fresh()
    const digests: string[] = []
    for (let i = 0; i < 3; i += 1) {
      const made = await parties.payer.bid(video(), null)
      if (!made.ok) throw new Error(made.error.detail)
      const { channel, record } = made.value
      const from = { payer: payerParty.address, orderId: null }
      const last = await payerParty.users.nonceOf(payerParty.address)
      expect(record.bid.bid.nonce).toEqual(last)
      expect((await parties.payee.accept(record.bid, from)).ok).toBe(true)
      digests.push(channel)
      const twin = signBid({ ...record.bid.bid, duration: 11 }, parties.signers)
      const refused = await parties.payee.accept(twin, from)
      expect(!refused.ok && refused.error.code).toBe('NONCE_MISMATCH')
    }
    expect(toHex(await payerParty.users.nonceOf(payerParty.address))).toBe(digests.at(-1))
  })
})

describe('the rail', () => {
  const orderId = `0x${'42'.repeat(32)}`

  async function sessions(order = orderId) {
    const context = { orderId: order, payer: payerParty.address, payee: payeeParty.address }
    const init = { payer: payerParty.address, feePerStep: 1600n }
    const offer = await parties.earns.offer(init)
    if (!offer.ok) throw new Error(offer.error.detail)
    const pays = await parties.pays.openPay(context, offer.value)
    if (!pays.ok) throw new Error(pays.error.detail)
    return { pays: pays.value, earns: parties.earns.openEarn(context, init), context }
  }

  async function take(earns: Awaited<ReturnType<typeof sessions>>['earns'], proof: Uint8Array) {
    const received = await earns.receive(proof)
    if (!received.ok) throw new Error(received.error.detail)
    await payeeParty.store.batch(received.value.writes)
    received.value.committed()
    return received.value.credited
  }

  test('A16 A17 a bid goes with the first check; a lost one is made up for by the next', async () => {
    await fresh()
    const { pays, earns, context } = await sessions()
    const first = await pays.pay(150n)
    const lost = await pays.pay(100n)
    const third = await pays.pay(1n)
    if (!first.ok || !lost.ok || !third.ok) throw new Error('not paid')
    expect([first.value.value, lost.value.value, third.value.value]).toEqual([200n, 100n, 100n])
    expect(await take(earns, first.value.proof)).toBe(200n)
    expect(await take(earns, first.value.proof)).toBe(0n)
    expect(await take(earns, third.value.proof)).toBe(200n)
    expect(await take(earns, lost.value.proof)).toBe(0n)
    const before = await payeeParty.exchange.balanceOf(ETHER, payeeParty.address)
    // A16: the wallet's part alone is what the chain looks at.
    expect(await parties.payee.settle(context.orderId)).toBe(400n)
    const after = await payeeParty.exchange.balanceOf(ETHER, payeeParty.address)
    expect(after - before).toBe(400n)
  })

  test('goes on after both sides were reopened, and bids anew once a channel is used up', async () => {
    const order = `0x${'43'.repeat(32)}`
    await fresh()
    const before = await sessions(order)
    const first = await before.pays.pay(1600n)
    if (!first.ok) throw new Error(first.error.detail)
    expect(await take(before.earns, first.value.proof)).toBe(1600n)
    await fresh()
    const { pays, earns, context } = await sessions(order)
    expect(await take(earns, first.value.proof)).toBe(0n)
    const next = await pays.pay(1600n)
    if (!next.ok) throw new Error(next.error.detail)
    expect(await take(earns, next.value.proof)).toBe(1600n)
    const large = await pays.pay(1600n * 119n)
    if (!large.ok) throw new Error(large.error.detail)
    expect(await take(earns, large.value.proof)).toBe(1600n * 119n)
    expect(parties.payee.channels().filter(({ record }) => record.orderId === order)).toHaveLength(
      2,
    )
    expect(await parties.payee.settle(context.orderId)).toBe(1600n * 121n)
    const after = await pays.pay(1n)
    if (!after.ok) throw new Error(after.error.detail)
    const refused = await earns.receive(after.value.proof)
    expect(!refused.ok && refused.error.class).toBe('new-params')
    const grant = await earns.grant()
    if (!grant.ok) throw new Error(grant.error.detail)
    await pays.useGrant(grant.value)
    const again = await pays.pay(1n)
    if (!again.ok) throw new Error(again.error.detail)
    expect(await take(earns, again.value.proof)).toBe(100n)
  })

  test('a stranger or another order cannot spend a check', async () => {
    await fresh()
    const { pays, context } = await sessions(`0x${'44'.repeat(32)}`)
    const paid = await pays.pay(1n)
    if (!paid.ok) throw new Error(paid.error.detail)
    const other = { ...context, payer: payeeParty.address }
    const init = { payer: payeeParty.address, feePerStep: 1600n }
    const refused = await parties.earns.openEarn(other, init).receive(paid.value.proof)
    expect(!refused.ok && refused.error.code).toBe('BAD_WALLET_SIGNATURE')
    const garbled = await parties.earns.openEarn(context, init).receive(Uint8Array.of(1))
    expect(!garbled.ok && garbled.error.code).toBe('MALFORMED')
  })

  test('an offer of others, for another exchange or asset, is not taken up', async () => {
    await fresh()
    const offer = await parties.earns.offer({ payer: payerParty.address, feePerStep: 1n })
    if (!offer.ok) throw new Error(offer.error.detail)
    const judged = await parties.pays.judge(offer.value, payerParty.address)
    expect(!judged.ok && judged.error.code).toBe('WRONG_RECIPIENT')
    const token = await openCheckParties(chain, {
      ...{ payer: payerParty, payee: payeeParty, asset: chain.addresses.workToken },
    })
    const wrong = await token.pays.judge(offer.value, payeeParty.address)
    expect(!wrong.ok && wrong.error.code).toBe('WRONG_ASSET')
  })

  test('A19 what was never cashed goes back after the expiration', async () => {
    await fresh()
    restore = await chain.checkpoint()
    // The last test's bid was never opened: the chain knows better than the chain of bids.
    const made = await parties.payer.bid(video(), null, { fresh: true })
    if (!made.ok) throw new Error(made.error.detail)
    const { channel, record } = made.value
    const from = { payer: payerParty.address, orderId: null }
    expect((await parties.payee.accept(record.bid, from)).ok).toBe(true)
    await chain.cheat.increaseTime({ seconds: 2 * 3600 })
    await chain.cheat.mine({ blocks: 1 })
    const clock = { now: () => Date.now() + 2 * 3600 * 1000 }
    const later = await openCheckParties(chain, { payer: payerParty, payee: payeeParty, clock })
    const before = await payerParty.exchange.balanceOf(ETHER, payerParty.address)
    expect(await later.payer.recover()).toBeGreaterThanOrEqual(9000n)
    const after = await payerParty.exchange.balanceOf(ETHER, payerParty.address)
    expect(after - before).toBeGreaterThanOrEqual(9000n)
    expect((await payerParty.exchange.channelOf(fromHex(channel)))?.escrow).toBe(0n)
    await restore()
  })
})
