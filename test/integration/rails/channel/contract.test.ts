import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { ChannelTerms, SignedCommit } from '../../../../src/chain/payment-channels.ts'
import type { Receipt } from '../../../../src/chain/transactions.ts'
import { toHex } from '../../../../src/lib/bytes.ts'
import type { Address } from '../../../../src/lib/crypto/address.ts'
import { hash160 } from '../../../../src/lib/crypto/hash160.ts'
import { channelIdOf, closeDigest, commitDigest } from '../../../../src/rails/channel/terms.ts'
import { type Party, startTestChain, type TestChain } from '../../../helpers/chain.ts'
import { named } from '../../../helpers/channel-protocol.ts'

const ETHER: Address = '0x0000000000000000000000000000000000000000'
// Every byte of the amount set, so that no measurement is helped by cheap calldata.
const deposit = 0x0123_4567_89ab_cdn
const quantity = 0x0023_4567_89ab_cdn
const expireTime = 42
const delay = 2

let chain: TestChain
let payer: Party
let payee: Party
let back: () => Promise<void>

beforeAll(async () => {
  chain = await startTestChain()
  payer = await chain.party(1)
  payee = await chain.party(2)
  const operator = await chain.party(0)
  await operator.token.transfer(payer.address, 10n * deposit, operator.fresh())
  // Slots that a token or an account needs anyway are no cost of channels.
  await operator.token.transfer(payee.address, 1n, operator.fresh())
  await operator.token.transfer(chain.addresses.paymentChannels, 1n, operator.fresh())
  await payer.token.approve(chain.addresses.paymentChannels, 2n ** 255n, payer.fresh())
})

afterAll(async () => chain?.stop())

beforeEach(async () => {
  await back?.()
  back = await chain.checkpoint()
})

let secrets = 0

interface Made {
  readonly terms: ChannelTerms
  readonly id: Uint8Array
  readonly spend: Uint8Array
  readonly opened: Receipt
  commit(amount: bigint, revoke: string, blocks?: number): SignedCommit
}

async function open(asset: Address): Promise<Made> {
  secrets += 1
  const spend = named(`spend ${secrets}`)
  const terms = {
    payer: payer.address,
    payee: payee.address,
    asset,
    spendHash: hash160(spend),
    expireTime,
  }
  const domain = { chainId: 31_337n, contract: chain.addresses.paymentChannels }
  const id = channelIdOf(domain, terms)
  expect(toHex(await payer.channels.channelId(terms))).toBe(toHex(id))
  const opened = await payer.channels.makeDeposit(terms, deposit, payer.fresh())
  return {
    terms,
    id,
    spend,
    opened,
    commit(amount, revoke, blocks = delay) {
      const revokeHash = hash160(named(revoke))
      const digest = commitDigest(domain, { channel: id, revokeHash, delay: blocks }, amount)
      const payerSig = payer.digests.signDigest(digest)
      return { quantity: amount, revokeHash, delay: blocks, payerSig }
    },
  }
}

const held = async (asset: Address, party: Party): Promise<bigint> =>
  asset === ETHER ? party.client.balance(party.address) : party.token.balanceOf(party.address)

const refused = (reason: string) =>
  expect.objectContaining({ meta: expect.objectContaining({ reason }) })

describe.each(['ether', 'token'])('%s', (kind) => {
  const asset = (): Address => (kind === 'ether' ? ETHER : chain.addresses.workToken)

  test('P20 P27 expire: an unused deposit can be had from its block on, not one earlier', async () => {
    const { terms, id, opened } = await open(asset())
    const head = await payer.client.blockNumber()
    await chain.cheat.mine({ blocks: Number(opened.blockNumber + 42n - 2n - head) })
    await expect(payer.channels.recoverExpired(terms, payer.fresh())).rejects.toEqual(
      refused('not expired'),
    )
    await chain.cheat.mine({ blocks: 1 })
    const receipt = await payee.channels.recoverExpired(terms, payee.fresh())
    expect(receipt.blockNumber).toBe(opened.blockNumber + 42n)
    expect((await payer.channels.channelOf(id)).balance).toBe(0n)
  })

  test('P21 P22 P27 commit, payout, change: the payout gives the spend secret away', async () => {
    const { terms, id, spend, commit } = await open(asset())
    await payee.channels.publishCommit(terms, commit(quantity, 'a'), payee.fresh())
    await expect(payee.channels.payout(terms, spend, payee.fresh())).rejects.toEqual(
      refused('too early'),
    )
    await chain.cheat.mine({ blocks: 1 })
    await expect(payee.channels.payout(terms, named('other'), payee.fresh())).rejects.toEqual(
      refused('wrong spend secret'),
    )
    const before = await held(asset(), payee)
    // Paid by somebody else, so that gas does not blur the sum.
    const operator = await chain.party(0)
    const paid = await operator.channels.payout(terms, spend, operator.fresh())
    expect((await held(asset(), payee)) - before).toBe(quantity)
    const range = { fromBlock: paid.blockNumber, toBlock: paid.blockNumber, channel: id }
    const [event] = await payer.channels.events(range)
    expect(event).toMatchObject({ type: 'PaidOut', quantity, spendSecret: spend })
    const payerBefore = await held(asset(), payer)
    await operator.channels.recoverChange(terms, null, operator.fresh())
    expect((await held(asset(), payer)) - payerBefore).toBe(deposit - quantity)
  })

  test('P23 P27 revoke: all of a revoked commit goes to the payer', async () => {
    const { terms, id, spend, commit } = await open(asset())
    await payee.channels.publishCommit(terms, commit(quantity, 'b'), payee.fresh())
    const operator = await chain.party(0)
    const [payerBefore, payeeBefore] = [await held(asset(), payer), await held(asset(), payee)]
    await operator.channels.revoke(terms, named('b'), operator.fresh())
    await operator.channels.recoverChange(terms, null, operator.fresh())
    expect((await held(asset(), payer)) - payerBefore).toBe(deposit)
    expect(await held(asset(), payee)).toBe(payeeBefore)
    await expect(payee.channels.payout(terms, spend, payee.fresh())).rejects.toEqual(
      refused('nothing is committed'),
    )
    expect((await payer.channels.channelOf(id)).balance).toBe(0n)
  })

  test('P24 the payee cannot spend while it is open, the payer cannot publish', async () => {
    const { terms, spend, commit } = await open(asset())
    await expect(payee.channels.payout(terms, spend, payee.fresh())).rejects.toEqual(
      refused('nothing is committed'),
    )
    await expect(
      payer.channels.publishCommit(terms, commit(quantity, 'c'), payer.fresh()),
    ).rejects.toEqual(refused('only the payee'))
  })

  test('gas stays within 15 % of what was measured when the contract was designed', async () => {
    const bars = {
      makeDeposit: [53_000, 91_000],
      publishCommit: [61_000, 61_000],
      payout: [45_000, 65_000],
      revoke: [48_000, 52_000],
      recoverChange: [43_000, 50_000],
      recoverExpired: [43_000, 50_000],
      close: [65_000, 69_000],
    } as const
    const made = await open(asset())
    const { terms, spend, commit, opened } = made
    const published = await payee.channels.publishCommit(
      terms,
      commit(quantity, 'd'),
      payee.fresh(),
    )
    await chain.cheat.mine({ blocks: 1 })
    const payout = await payee.channels.payout(terms, spend, payee.fresh())
    const recoverChange = await payer.channels.recoverChange(terms, null, payer.fresh())
    const stale = await open(asset())
    await payee.channels.publishCommit(stale.terms, stale.commit(quantity, 'e'), payee.fresh())
    const revoke = await payer.channels.revoke(stale.terms, named('e'), payer.fresh())
    const agreed = await open(asset())
    const domain = { chainId: 31_337n, contract: chain.addresses.paymentChannels }
    const digest = closeDigest(domain, agreed.id, quantity)
    const signatures = {
      payerSig: payer.digests.signDigest(digest),
      payeeSig: payee.digests.signDigest(digest),
    }
    const close = await payer.channels.close(
      agreed.terms,
      { quantity, ...signatures },
      payer.fresh(),
    )
    const unused = await open(asset())
    await chain.cheat.mine({ blocks: expireTime })
    const recoverExpired = await payer.channels.recoverExpired(unused.terms, payer.fresh())
    const receipts = {
      makeDeposit: opened,
      publishCommit: published,
      payout,
      revoke,
      recoverChange,
      recoverExpired,
      close,
    }
    const over = Object.entries(receipts).flatMap(([name, { gasUsed }]) => {
      const bar = bars[name as keyof typeof bars][kind === 'ether' ? 0 : 1] * 1.15
      return Number(gasUsed) <= bar ? [] : [`${name}: ${gasUsed} > ${bar}`]
    })
    expect(over).toEqual([])
  })
})
