import { hash160 } from '../../lib/crypto/hash160.ts'
import { randBytes } from '../../lib/crypto/random.ts'
import { ok, type Result } from '../../lib/result.ts'
import { maxBig, minBig } from '../../lib/wei.ts'
import type {
  EarnSession,
  OfferInit,
  PayeeRail,
  PaymentContext,
  RailFault,
  Received,
  Reversal,
} from '../rail.ts'
import { addCommit } from './commit.ts'
import { depositTtl } from './deposit.ts'
import { type ChannelFacts, confirmedDeposit } from './facts.ts'
import { faultOf, refuse } from './faults.ts'
import { channelLimits } from './limits.ts'
import type { ChannelMetrics } from './metrics.ts'
import {
  type ChannelPayeeInit,
  channelOfPayment,
  factsFor,
  firstHashes,
  grantOf,
  isKnownPayment,
  type PayeeParts,
  topUpRequests,
} from './payee-channels.ts'
import type { PayeeChannel } from './payee-store.ts'
import { pruned } from './prune.ts'
import { revokeAll, revokeHashesUntil } from './revocation.ts'
import { transferredAmount } from './settlement.ts'
import { bareHex } from './terms.ts'
import { encodeGrant, encodeOffer, encodeReversal, parsePayment } from './wire.ts'

/** The rail's name on the wire. */
export const CHANNEL_RAIL = 'channel'

/** The channel rail as an orchestrator uses it. */
export function createChannelPayeeRail(
  parts: PayeeParts & { readonly metrics: ChannelMetrics },
  init: ChannelPayeeInit,
): PayeeRail {
  const { chain, secret } = parts
  return {
    id: CHANNEL_RAIL,
    async offer({ payer, feePerStep }) {
      const seed = randBytes(32)
      const channel = await openChannelOf(parts, init, payer)
      const grant =
        channel === undefined
          ? null
          : grantOf(parts, channel, await requestsOf(parts, init, channel, feePerStep), false)
      return ok(
        encodeOffer({
          payee: init.address,
          asset: init.asset,
          contract: chain.domain.contract,
          maxDelay: init.maxDelay,
          minExpire: init.minExpire,
          confirmations: init.confirmations,
          minDeposit: init.minDeposit,
          spendHash: hash160(secret.spendSecret(payer, seed)),
          seed,
          revokeHashes: firstHashes(secret, payer, seed),
          grant,
        }),
      )
    },
    openEarn: (context, offer) => createEarnSession(parts, init, context, offer),
  }
}

/** The channel a payer can go on with, if there is one. */
async function openChannelOf(
  parts: PayeeParts,
  init: ChannelPayeeInit,
  payer: PaymentContext['payer'],
): Promise<PayeeChannel | undefined> {
  for (const channel of parts.channels.ofPayer(payer)) {
    if (channel.settlement.closing) continue
    const facts = await factsFor(parts, init, channel, false)
    const clearance = init.clearanceBlocks ?? channelLimits.clearanceBlocks
    if (facts.channel?.publishedAt !== 0n || facts.channel.balance === 0n) continue
    if ((depositTtl(channel.state, facts, clearance) ?? 0) > 0) return channel
  }
  return undefined
}

async function requestsOf(
  parts: PayeeParts,
  init: ChannelPayeeInit,
  channel: PayeeChannel,
  step: bigint,
): Promise<bigint> {
  const facts = await factsFor(parts, init, channel, false)
  return topUpRequests(parts, channel, facts, step)
}

function createEarnSession(
  parts: PayeeParts & { readonly metrics: ChannelMetrics },
  init: ChannelPayeeInit,
  context: PaymentContext,
  { feePerStep }: OfferInit,
): EarnSession {
  /** The channel last paid on. */
  let current: PayeeChannel | undefined

  const grant = async (): Promise<Result<Uint8Array, RailFault>> => {
    const channel = current ?? (await openChannelOf(parts, init, context.payer))
    if (channel === undefined) {
      return refuse('not-ready', 'NO_CHANNEL', 'no channel of this payer is known')
    }
    const requested = await requestsOf(parts, init, channel, feePerStep)
    return ok(encodeGrant(grantOf(parts, channel, requested, true)))
  }
  return {
    grant,
    async receive(proof) {
      const received = await receive(parts, init, context, proof)
      if (!received.ok) return received
      const { channel, ...rest } = received.value
      current = channel
      return ok(rest)
    },
    async grantIfDue() {
      if (current === undefined) return null
      const left = current.state.commits_requested.length
      if (left * 2 > channelLimits.grantedHashes) return null
      const fresh = await grant()
      return fresh.ok ? fresh.value : null
    },
    refund: async (amount) =>
      current === undefined
        ? refuse('not-ready', 'NO_CHANNEL', 'nothing was paid under this order')
        : refund(parts, current, amount),
  }
}

async function receive(
  parts: PayeeParts & { readonly metrics: ChannelMetrics },
  init: ChannelPayeeInit,
  context: PaymentContext,
  proof: Uint8Array,
): Promise<Result<Received & { readonly channel: PayeeChannel }, RailFault>> {
  const { chain, channels, metrics } = parts
  const payment = parsePayment(proof)
  if (!payment.ok) return refuse('fatal', 'MALFORMED', 'the payment cannot be read')
  const found = channelOfPayment(parts, init, context, payment.value)
  if (!found.ok) return found
  const channel = found.value
  if (isKnownPayment(channel, payment.value)) {
    return ok({ channel, credited: 0n, writes: [], sync: false, committed() {} })
  }
  const isNew = channels.get(channel.id) === undefined
  const before = transferredAmount(chain.domain, channel.state)
  const admitted = await admit(parts, init, { channel, isNew, quantity: quantityIn(payment.value) })
  if (!admitted.ok) return admitted
  const facts = admitted.value
  try {
    const added = addCommit(
      {
        state: channel.state,
        commitRawtx: bareHex(payment.value.commitRawtx),
        commitScript: bareHex(payment.value.commitScript),
        maxDelay: init.maxDelay,
        clearance: init.clearanceBlocks ?? channelLimits.clearanceBlocks,
      },
      facts,
    )
    const state = pruned(added.state)
    const whole = transferredAmount(chain.domain, state)
    // Of several orders on one channel, the later commit may come first: each gets what is its own,
    // and all of them never more than the highest commit.
    const asked = payment.value.value ?? whole - before
    const credited = minBig(asked, maxBig(whole - channel.credited, 0n))
    const paidAt = facts.block
    return ok({
      channel,
      credited,
      writes: channels.paymentOps(channel, {
        state,
        paidAt,
        credited: channel.credited + credited,
      }),
      sync: false,
      committed() {
        const used = channel.state.commits_requested.filter(
          (hash) => !added.state.commits_requested.includes(hash),
        )
        // Hashes may have been given out since; those must stay.
        const commits_requested = channel.state.commits_requested.filter(
          (hash) => !used.includes(hash),
        )
        channel.state = { ...state, commits_requested }
        channel.paidAt = paidAt
        channel.credited += credited
        if (isNew) channels.add(channel)
        metrics.received.inc()
        metrics.quantity.inc({ side: 'received' }, Number(credited))
      },
    })
  } catch (error) {
    return faultOf(error)
  }
}

/** Whether a channel can be paid on, by what the chain says. */
async function admit(
  parts: PayeeParts,
  init: ChannelPayeeInit,
  { channel, isNew, quantity }: { channel: PayeeChannel; isNew: boolean; quantity: bigint },
): Promise<Result<ChannelFacts, RailFault>> {
  let facts = await factsFor(parts, init, channel, isNew)
  // What was added to the deposit since is not known yet.
  if (quantity > confirmedDeposit(facts)) facts = await factsFor(parts, init, channel, true)
  if (facts.channel !== null && (facts.channel.publishedAt !== 0n || channel.settlement.closing)) {
    return refuse('new-params', 'CHANNEL_CLOSED', 'the channel is being closed')
  }
  if (confirmedDeposit(facts) === 0n) {
    return refuse('not-ready', 'DEPOSIT_UNCONFIRMED', 'the deposit is not confirmed yet')
  }
  if (quantity > confirmedDeposit(facts) && quantity <= wholeBalance(parts, channel)) {
    return refuse('not-ready', 'DEPOSIT_UNCONFIRMED', 'what was added is not confirmed yet')
  }
  if (isNew && confirmedDeposit(facts) < init.minDeposit) {
    const detail = `a deposit of ${init.minDeposit} is asked for`
    return refuse('underfunded', 'INSUFFICIENT_FUNDS', detail)
  }
  return ok(facts)
}

function wholeBalance({ seen }: PayeeParts, { key }: PayeeChannel): bigint {
  return seen.get(key)?.channel.balance ?? 0n
}

function quantityIn({ commitRawtx }: { readonly commitRawtx: Uint8Array }): bigint {
  return BigInt(`0x${bareHex(commitRawtx.subarray(0, 32))}`)
}

/** Gives payments back by revoking the highest commits, never more than the amount. */
async function refund(
  { chain, channels, secret }: PayeeParts,
  channel: PayeeChannel,
  amount: bigint,
): Promise<Result<Reversal, RailFault>> {
  const { domain } = chain
  const before = transferredAmount(domain, channel.state)
  const target = amount >= before ? 0n : before - amount
  // Below the lowest commit that is kept there may be others, which nothing would revoke.
  const isWhole = channel.state.commits_active.length < channelLimits.keptCommits
  const hashes = revokeHashesUntil(domain, channel.state, target)
  const kept = channel.state.commits_active.length - hashes.length
  const revocable = kept > 0 || isWhole ? hashes : hashes.slice(0, -1)
  const secrets: Uint8Array[] = []
  for (let index = 0; index < channel.issued && secrets.length < revocable.length; index += 1) {
    const hash = secret.revokeHash(channel.terms.payer, channel.seed, index)
    if (!revocable.includes(bareHex(hash))) continue
    secrets.push(secret.revokeSecret(channel.terms.payer, channel.seed, index))
  }
  const { state } = revokeAll(domain, channel.state, secrets.map(bareHex))
  if (state.commits_revoked.length > channelLimits.maxRevoked) {
    return refuse('limit', 'INVALID_STATE', 'too many commits of the channel are revoked')
  }
  const refunded = before - transferredAmount(domain, state)
  const credited = maxBig(channel.credited - refunded, 0n)
  return ok({
    refunded,
    reversal: encodeReversal({ channel: channel.id, revokeSecrets: secrets }),
    writes: channels.paymentOps(channel, { state, paidAt: channel.paidAt, credited }),
    committed() {
      channel.state = state
      channel.credited = credited
    },
  })
}
