import { encodeFunctionData } from 'viem'
import { expect, test } from 'vitest'
import { paymentChannelsAbi } from '../../../../src/chain/abi/payment-channels.ts'
import { toHex } from '../../../../src/lib/bytes.ts'
import { depositTtl } from '../../../../src/rails/channel/deposit.ts'
import {
  revokeAll,
  revokeHashesUntil,
  revokeSecretHashesAbove,
} from '../../../../src/rails/channel/revocation.ts'
import {
  highestCommit,
  payouts,
  publishedCommits,
  recoverables,
  transferredAmount,
} from '../../../../src/rails/channel/settlement.ts'
import type { ChannelState } from '../../../../src/rails/channel/state.ts'
import { parseScript, parseTerms } from '../../../../src/rails/channel/terms.ts'
import { parseUnsigned, publishCall } from '../../../../src/rails/channel/unsigned.ts'
import {
  domain,
  factsOf,
  hashOf,
  open,
  openBoth,
  pay,
  revokeSecretOf,
  spendSecret,
  spendSecretHash,
} from '../../../helpers/channel-protocol.ts'

const facts = factsOf(open(100n))
const bytes = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, 'hex'))
const primes = [1n, 3n, 5n, 7n, 11n, 13n, 17n, 19n, 23n, 29n, 31n, 37n, 41n]

function paidUpTo(quantities: readonly bigint[]) {
  let states: { payerState: ChannelState; payeeState: ChannelState } = openBoth()
  for (const quantity of quantities) states = pay(states, quantity)
  return states
}

/** The chain once the highest commit of a state is published in block 110. */
function published(state: ChannelState, committed: bigint, delay = 2) {
  const script = parseScript(bytes(highestCommit(domain, state)?.commit_script ?? ''))
  if (script === null) throw new Error('no commit')
  return open(100n, { committed, publishedAt: 110n, delay, revokeHash: script.revokeHash })
}

test('P12 hashes above a quantity are strictly above, the highest first', () => {
  const { payeeState } = paidUpTo(primes)
  const hashes = revokeSecretHashesAbove(domain, payeeState, 15n)
  const expected = [41n, 37n, 31n, 29n, 23n, 19n, 17n]
  expect(hashes).toEqual(expected.map((quantity) => hashOf(revokeSecretOf(quantity))))
  expect(revokeSecretHashesAbove(domain, payeeState, 17n)).toHaveLength(6)
  expect(revokeSecretHashesAbove(domain, payeeState, 0n)).toHaveLength(13)
})

test('P13 hashes until a quantity stay at it or above, unless they may surpass it', () => {
  const { payeeState } = paidUpTo(primes)
  const after = (hashes: readonly string[]): bigint => {
    const secrets = primes.map(revokeSecretOf).filter((secret) => hashes.includes(hashOf(secret)))
    return transferredAmount(domain, revokeAll(domain, payeeState, secrets).state)
  }
  const until = revokeHashesUntil(domain, payeeState, 15n)
  expect(until).toHaveLength(6)
  expect(after(until)).toBe(17n)
  const beyond = revokeHashesUntil(domain, payeeState, 15n, true)
  expect(beyond).toHaveLength(7)
  expect(after(beyond)).toBe(13n)
  expect(after(revokeHashesUntil(domain, payeeState, 17n))).toBe(17n)
  expect(after(revokeHashesUntil(domain, payeeState, 0n))).toBe(0n)
})

test('P14 a revoked commit cannot be published from the state any more', () => {
  const { payeeState } = paidUpTo([1n, 2n])
  const secret = revokeSecretOf(2n)
  const { state } = revokeAll(domain, payeeState, [secret, '00'.repeat(32)])
  expect(state.commits_revoked).toEqual([
    { script: payeeState.commits_active[1]?.script, revoke_secret: secret },
  ])
  expect(JSON.stringify(state)).not.toContain(payeeState.commits_active[1]?.rawtx)
  expect(transferredAmount(domain, state)).toBe(1n)
})

test('P15 both sides revoke and report the lower amount', () => {
  const { payerState, payeeState } = paidUpTo(primes)
  const hashes = revokeHashesUntil(domain, payeeState, 11n)
  const secrets = primes.map(revokeSecretOf).filter((secret) => hashes.includes(hashOf(secret)))
  for (const state of [payerState, payeeState]) {
    expect(transferredAmount(domain, revokeAll(domain, state, secrets).state)).toBe(11n)
  }
})

test('P16 the highest commit, or null', () => {
  expect(highestCommit(domain, openBoth().payeeState)).toBeNull()
  const { payeeState, rawtx, script } = pay(paidUpTo([3n]), 5n)
  const { deposit_script } = payeeState
  const highest = { commit_rawtx: rawtx, commit_script: script, deposit_script }
  expect(highestCommit(domain, payeeState)).toEqual(highest)
  const terms = parseTerms(bytes(deposit_script))
  const opened = parseScript(bytes(script))
  if (terms === null || opened === null) throw new Error('not parsed')
  const payerSig = bytes(rawtx.slice(192, 192 + 130))
  const call = parseUnsigned(publishCall(domain, terms, { ...opened, quantity: 5n, payerSig }))
  const args = [
    { ...terms, spendHash: `0x${spendSecretHash}` },
    5n,
    toHex(opened.revokeHash),
    opened.delay,
    toHex(payerSig),
  ] as never
  expect(toHex(call.data)).toBe(
    encodeFunctionData({ abi: paymentChannelsAbi, functionName: 'publishCommit', args }),
  )
})

test('P17 both sides agree on what was transferred after each step', () => {
  let states: { payerState: ChannelState; payeeState: ChannelState } = openBoth()
  expect(transferredAmount(domain, states.payeeState)).toBe(0n)
  for (const quantity of [2n, 5n, 9n]) {
    states = pay(states, quantity)
    expect(transferredAmount(domain, states.payerState)).toBe(quantity)
    expect(transferredAmount(domain, states.payeeState)).toBe(quantity)
  }
})

test('P18 a payout is to be had once the delay is over', () => {
  const { payeeState } = paidUpTo([5n])
  const channel = published(payeeState, 5n)
  const at = (block: bigint, state = payeeState) =>
    payouts(state, spendSecret, factsOf(channel, { block }))
  expect(at(110n)).toEqual([])
  expect(at(111n)).toHaveLength(1)
  expect(at(111n)[0]?.commit_script).toBe(payeeState.commits_active[0]?.script)
  expect(payouts(payeeState, '00', factsOf(channel, { block: 111n }))).toEqual([])
  const { state: revoked } = revokeAll(domain, payeeState, [revokeSecretOf(5n)])
  expect(at(111n, revoked)).toEqual([])
  const paid = factsOf({ ...channel, balance: 95n, committed: 0n }, { block: 120n })
  expect(payouts(payeeState, spendSecret, paid)).toEqual([])
})

test('P19 revoke first, then change; expire only where there is no change', () => {
  const { payerState } = paidUpTo([5n, 9n])
  const { state } = revokeAll(domain, payerState, [revokeSecretOf(9n)])
  const stale = published(payerState, 9n)
  const listsOf = (facts: ReturnType<typeof factsOf>) => {
    const { change, expire, revoke } = recoverables(state, facts)
    return [change.length, expire.length, revoke.length]
  }
  expect(listsOf(factsOf(stale, { block: 110n }))).toEqual([0, 0, 1])
  expect(recoverables(state, factsOf(stale)).revoke[0]?.revoke_secret).toBe(revokeSecretOf(9n))
  expect(listsOf(factsOf({ ...stale, balance: 91n, committed: 0n }))).toEqual([1, 0, 0])
  expect(listsOf(factsOf(published(state, 5n)))).toEqual([1, 0, 0])
  const disclosed = factsOf(published(state, 5n), { spendSecret })
  expect(recoverables(state, disclosed).change[0]?.spend_secret).toBe(spendSecret)
  expect(listsOf(factsOf(open(100n), { spendSecret, block: 200n }))).toEqual([1, 0, 0])
  expect(listsOf(factsOf(open(100n)))).toEqual([0, 0, 0])
  expect(listsOf(factsOf(open(0n), { block: 200n }))).toEqual([0, 0, 0])
  expect(listsOf(factsOf(null))).toEqual([0, 0, 0])
})

test('P20 an unused deposit can be had from the block of its expiry on', () => {
  const { payerState } = openBoth()
  // What is sent now is mined in the next block at the earliest.
  const early = factsOf(open(100n), { block: 100n + 42n - 2n })
  expect(recoverables(payerState, early).expire).toEqual([])
  expect(recoverables(payerState, { ...early, block: 141n }).expire).toHaveLength(1)
})

test('P25 blocks left of a deposit, less the clearance', () => {
  const { payeeState } = openBoth()
  expect(depositTtl(payeeState, facts)).toBe(41)
  expect(depositTtl(payeeState, facts, 6)).toBe(35)
  expect(depositTtl(payeeState, { ...facts, block: 1000n })).toBe(0)
  expect(depositTtl(payeeState, factsOf(null))).toBeNull()
})

test('P26 published commits are those on the chain', () => {
  const { payeeState } = paidUpTo([5n])
  expect(publishedCommits(payeeState, facts)).toEqual([])
  const script = payeeState.commits_active[0]?.script
  expect(publishedCommits(payeeState, factsOf(published(payeeState, 5n)))).toEqual([script])
})
