import type { ChannelTerms } from '../src/chain/payment-channels.ts'
import { utf8 } from '../src/lib/bytes.ts'
import type { Address } from '../src/lib/crypto/address.ts'
import { hash160 } from '../src/lib/crypto/hash160.ts'
import { keccak256 } from '../src/lib/crypto/keccak.ts'
import { channelIdOf, closeDigest, commitDigest } from '../src/rails/channel/terms.ts'
import type { Party, TestChain } from '../test/helpers/chain.ts'

/** What the contract was designed to cost, ether and token; 15 % more is the limit. */
const designed = {
  makeDeposit: [53_000, 91_000],
  publishCommit: [61_000, 61_000],
  payout: [45_000, 65_000],
  revoke: [48_000, 52_000],
  recoverChange: [43_000, 50_000],
  recoverExpired: [43_000, 50_000],
  close: [65_000, 69_000],
} as const

const ETHER: Address = '0x0000000000000000000000000000000000000000'
/** Every byte of the amounts set, so that no measurement is helped by cheap calldata. */
const deposit = 0x0123_4567_89ab_cdn
const quantity = 0x0023_4567_89ab_cdn
const revokeSecret = keccak256(utf8('revoke'))
const delay = 2
const expireTime = 42

/** Gas of channels, of whole transactions, beside what they were designed to cost. */
export async function channelGas(
  chain: TestChain,
  payer: Party,
  payee: Party,
  say: (name: string, gas: bigint, designed: number) => void,
): Promise<void> {
  const operator = await chain.party(0)
  const { paymentChannels: contract, workToken } = chain.addresses
  // Slots that a token needs anyway are no cost of channels.
  await operator.token.transfer(payer.address, 10n * deposit, operator.fresh())
  await operator.token.transfer(payee.address, 1n, operator.fresh())
  await operator.token.transfer(contract, 1n, operator.fresh())
  await payer.token.approve(contract, 2n ** 255n, payer.fresh())
  const domain = { chainId: 31_337n, contract }
  let made = 0
  const open = async (asset: Address) => {
    made += 1
    const spend = keccak256(utf8(`spend ${made}`))
    const parties = { payer: payer.address, payee: payee.address, asset }
    const terms: ChannelTerms = { ...parties, spendHash: hash160(spend), expireTime }
    const id = channelIdOf(domain, terms)
    const { gasUsed } = await payer.channels.makeDeposit(terms, deposit, payer.fresh())
    return { terms, id, spend, gasUsed }
  }
  const publish = async ({ terms, id }: { terms: ChannelTerms; id: Uint8Array }) => {
    const revokeHash = hash160(revokeSecret)
    const digest = commitDigest(domain, { channel: id, revokeHash, delay }, quantity)
    const commit = { quantity, revokeHash, delay, payerSig: payer.digests.signDigest(digest) }
    return payee.channels.publishCommit(terms, commit, payee.fresh())
  }
  for (const [column, asset] of [ETHER, workToken].entries()) {
    const cost = (name: keyof typeof designed, gas: bigint): void =>
      say(`channel ${name}, ${column === 0 ? 'ether' : 'token'}`, gas, designed[name][column] ?? 0)
    const paid = await open(asset)
    cost('makeDeposit', paid.gasUsed)
    cost('publishCommit', (await publish(paid)).gasUsed)
    await chain.cheat.mine({ blocks: delay })
    const { terms, spend } = paid
    cost('payout', (await payee.channels.payout(terms, spend, payee.fresh())).gasUsed)
    cost('recoverChange', (await payer.channels.recoverChange(terms, null, payer.fresh())).gasUsed)
    const stale = await open(asset)
    await publish(stale)
    const punished = await payer.channels.revoke(stale.terms, revokeSecret, payer.fresh())
    cost('revoke', punished.gasUsed)
    const agreed = await open(asset)
    const digest = closeDigest(domain, agreed.id, quantity)
    const payerSig = payer.digests.signDigest(digest)
    const payeeSig = payee.digests.signDigest(digest)
    const both = { quantity, payerSig, payeeSig }
    cost('close', (await payer.channels.close(agreed.terms, both, payer.fresh())).gasUsed)
    const unused = await open(asset)
    await chain.cheat.mine({ blocks: expireTime })
    const expired = await payer.channels.recoverExpired(unused.terms, payer.fresh())
    cost('recoverExpired', expired.gasUsed)
  }
}
