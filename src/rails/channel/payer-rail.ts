import { bytesEqual } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import type { DigestSigner } from '../../lib/crypto/digest-signer.ts'
import { recoverDigestSigner } from '../../lib/crypto/eip712.ts'
import { ok, type Result } from '../../lib/result.ts'
import { maxBig } from '../../lib/wei.ts'
import type { WriteOp } from '../../store/store.ts'
import type { Paid, PayerRail, PaySession, RailFault } from '../rail.ts'
import { createCommit, digestToSign, withSignature } from './commit.ts'
import { depositTtl } from './deposit.ts'
import { confirmedDeposit } from './facts.ts'
import { faultOf, refuse } from './faults.ts'
import { channelLimits } from './limits.ts'
import type { ChannelMetrics } from './metrics.ts'
import { CHANNEL_RAIL } from './payee-rail.ts'
import type { PayerChannels, PayerParts } from './payer-channels.ts'
import type { PayerChannel } from './payer-store.ts'
import { pruned } from './prune.ts'
import { revokeAll } from './revocation.ts'
import { transferredAmount } from './settlement.ts'
import { type ChannelState, openState, withActive } from './state.ts'
import {
  bareBytes,
  bareHex,
  type ChannelDomain,
  commitDigest,
  parseRawCommit,
  parseScript,
} from './terms.ts'
import type { ChannelTurns } from './turns.ts'
import { type ChannelGrant, encodePayment, parseGrant, parseOffer, parseReversal } from './wire.ts'

/** What the paying half works with. */
export interface ChannelPayerComponents extends PayerParts {
  readonly signer: DigestSigner
  readonly open: PayerChannels
  readonly metrics: ChannelMetrics
  readonly turns: ChannelTurns
  /** Told of revoke secrets that came in, for whoever watches over the channel. */
  onRevoked?(channel: PayerChannel): void
}

/** The channel rail as a broadcaster uses it. */
export function createChannelPayerRail(components: ChannelPayerComponents): PayerRail {
  const { open, turns: turnOf } = components
  // What the payee says that it has tells what got lost only while nobody else pays on the channel.
  const orders = new Map<string, Set<string>>()
  const isAlone = (orderId: string, { key }: PayerChannel): boolean => {
    const paid = orders.get(key) ?? new Set<string>()
    orders.set(key, paid.add(orderId))
    return paid.size === 1
  }
  return {
    id: CHANNEL_RAIL,
    async judge(bytes, payee) {
      const offer = parseOffer(bytes)
      if (!offer.ok) return refuse('fatal', 'MALFORMED', 'the offer cannot be read')
      return open.judge(offer.value, payee)
    },
    async openPay({ orderId, payee }, bytes) {
      if (bytes === null) {
        const channel = await open.existing(payee)
        if (channel === undefined) {
          return refuse('not-ready', 'NO_CHANNEL', 'no channel with this payee can be paid on')
        }
        const isGranted = false
        return ok(
          createPaySession(components, channel, turnOf, {
            isGranted,
            isAlone: isAlone(orderId, channel),
          }),
        )
      }
      const offer = parseOffer(bytes)
      if (!offer.ok) return refuse('fatal', 'MALFORMED', 'the offer cannot be read')
      const channel = await open.ensure(offer.value, payee)
      if (!channel.ok) return channel
      const alone = isAlone(orderId, channel.value)
      const session = createPaySession(components, channel.value, turnOf, {
        ...{ isGranted: true, isAlone: alone },
      })
      const { grant } = offer.value
      if (grant !== null && bytesEqual(grant.channel, channel.value.id)) {
        await turnOf(channel.value)(async () => takeUp(components, channel.value, grant, alone))
      }
      return ok(session)
    },
  }
}

function createPaySession(
  components: ChannelPayerComponents,
  channel: PayerChannel,
  turnOf: ChannelTurns,
  init: { readonly isGranted: boolean; readonly isAlone: boolean },
): PaySession {
  const turn = turnOf(channel)
  let { isGranted } = init
  return {
    pay: (due) =>
      turn(async () => {
        if (!isGranted) return refuse('new-params', 'NO_GRANT', 'no payment terms yet')
        return pay(components, channel, due)
      }),
    useGrant: (bytes) =>
      turn(async () => {
        const grant = parseGrant(bytes)
        if (!grant.ok) return refuse('fatal', 'MALFORMED', 'the grant cannot be read')
        if (!bytesEqual(grant.value.channel, channel.id)) {
          return refuse('fatal', 'WRONG_CHANNEL', 'the grant is for another channel')
        }
        const taken = await takeUp(components, channel, grant.value, !isGranted && init.isAlone)
        if (taken.ok) isGranted = true
        return taken
      }),
    onRefund: (bytes, note) => turn(async () => onRefund(components, channel, bytes, note)),
  }
}

async function pay(
  { chain, channels, open, signer, metrics }: ChannelPayerComponents,
  channel: PayerChannel,
  due: bigint,
): Promise<Result<Paid, RailFault>> {
  if (channel.record.isClosing === true) {
    return refuse('limit', 'CHANNEL_CLOSED', 'the channel is being closed')
  }
  const [hash, ...hashes] = channel.record.hashes
  if (hash === undefined) return refuse('new-params', 'NO_GRANT', 'no revoke hash is left')
  const signed = transferredAmount(chain.domain, channel.record.state)
  // What was signed before and got lost is signed again: it was given away once already.
  const quantity = maxBig(signed, channel.base + maxBig(due, 1n))
  if (quantity > confirmedDeposit(await open.facts(channel))) {
    const filled = await open.fill(channel, quantity)
    if (!filled.ok) return filled
  }
  const facts = await open.facts(channel)
  const { record } = channel
  if (facts.channel === null || facts.channel.publishedAt !== 0n || facts.channel.balance === 0n) {
    return refuse('limit', 'CHANNEL_CLOSED', 'the channel is closed')
  }
  if ((depositTtl(record.state, facts, channelLimits.clearanceBlocks) ?? 0) === 0) {
    return refuse('limit', 'CHANNEL_EXPIRING', 'the channel is about to expire')
  }
  try {
    const created = createCommit(
      { state: record.state, quantity, revokeSecretHash: hash, delayTime: record.delay },
      facts,
    )
    const script = created.commit_script
    const { rawtx } = created.tosign
    const signature = signer.signDigest(digestToSign(chain.domain, rawtx, script))
    // Invariant: what is signed is stored before it leaves.
    await channels.put(channel, { ...record, state: pruned(created.state), hashes })
    const value = quantity - channel.base
    channel.base = quantity
    fillAhead({ open }, channel, confirmedDeposit(facts))
    metrics.sent.inc()
    metrics.quantity.inc({ side: 'sent' }, Number(value))
    const proof = encodePayment({
      depositScript: bareBytes(record.state.deposit_script),
      seed: record.seed,
      commitScript: bareBytes(script),
      commitRawtx: bareBytes(withSignature(rawtx, signature)),
      value,
    })
    return ok({ proof, value })
  } catch (error) {
    return faultOf(error)
  }
}

/** Adds to a deposit before it runs out, so that no payment waits for it; what fails is tried again. */
function fillAhead(
  { open }: Pick<ChannelPayerComponents, 'open'>,
  channel: PayerChannel,
  balance: bigint,
): void {
  if ((balance - channel.base) * 4n >= channel.record.deposit) return
  open.fill(channel, balance + 1n).catch(() => {})
}

/**
 * Takes a grant up.
 *
 * @param isFirst whether nothing of this session can be under way, so that the payee's word of what it
 * has tells what was lost
 */
async function takeUp(
  { chain, channels, signer }: ChannelPayerComponents,
  channel: PayerChannel,
  grant: ChannelGrant,
  isFirst: boolean,
): Promise<Result<void, RailFault>> {
  const { domain } = chain
  let { record } = channel
  const signed = transferredAmount(domain, record.state)
  if (grant.credited > signed) {
    // This side lost what it signed, and the payee can show it.
    const shown = provenCommit({ domain, channel, payer: signer.address }, grant)
    if (shown === null) {
      return refuse('fatal', 'CREDIT_UNPROVEN', `${grant.credited} was never signed here`)
    }
    if (record.state.commits_revoked.some(({ script }) => script === shown.script)) {
      return refuse('fatal', 'CREDIT_UNPROVEN', `${grant.credited} was given back since`)
    }
    const active = [...record.state.commits_active, shown]
    record = { ...record, state: pruned(withActive(domain, record.state, active)) }
    channel.base = grant.credited
  } else if (isFirst) {
    channel.base = grant.credited
  }
  const used = record.state.commits_active.map(({ script }) => script.slice(64, 104))
  const hashes = grant.revokeHashes.map(bareHex).filter((hash) => !used.includes(hash))
  await channels.put(channel, { ...record, hashes })
  return ok(undefined)
}

/** The commit that comes with a grant, if it is this payer's own and as high as is said. */
function provenCommit(
  {
    domain,
    channel,
    payer,
  }: {
    readonly domain: ChannelPayerComponents['chain']['domain']
    readonly channel: PayerChannel
    readonly payer: Address
  },
  { credited, highest }: ChannelGrant,
): { readonly rawtx: string; readonly script: string } | null {
  if (highest === null) return null
  const script = parseScript(highest.script)
  const raw = parseRawCommit(highest.rawtx)
  if (script === null || raw === null || raw.quantity !== credited) return null
  if (!bytesEqual(script.channel, channel.id)) return null
  const signer = recoverDigestSigner(commitDigest(domain, script, raw.quantity), raw.payerSig)
  if (!signer.ok || signer.value !== payer) return null
  return { rawtx: bareHex(highest.rawtx), script: bareHex(highest.script) }
}

async function onRefund(
  { chain, channels, onRevoked }: ChannelPayerComponents,
  channel: PayerChannel,
  bytes: Uint8Array,
  note: (refunded: bigint) => readonly WriteOp[] = () => [],
): Promise<Result<bigint, RailFault>> {
  const reversal = parseReversal(bytes)
  if (!reversal.ok) return refuse('fatal', 'MALFORMED', 'the reversal cannot be read')
  if (!bytesEqual(reversal.value.channel, channel.id)) {
    return refuse('fatal', 'WRONG_CHANNEL', 'the reversal is of another channel')
  }
  const { record } = channel
  const secrets = reversal.value.revokeSecrets.map(bareHex)
  const { state } = revokeAll(chain.domain, record.state, secrets)
  if (state.commits_revoked.length > channelLimits.maxRevoked) {
    return refuse('limit', 'INVALID_STATE', 'too many commits of the channel are revoked')
  }
  const refunded = givenBack(chain.domain, record.state, state)
  if (refunded === 0n && state.commits_revoked.length === record.state.commits_revoked.length) {
    return ok(0n)
  }
  await channels.putWith(channel, { ...record, state }, note(refunded))
  channel.base = maxBig(channel.base - refunded, 0n)
  onRevoked?.(channel)
  return ok(refunded)
}

/**
 * How far the payee went down: from the highest commit that it revoked to the next it keeps. Commits
 * above are on their way to it, and hold what was given back as credit for the next payment.
 */
function givenBack(domain: ChannelDomain, before: ChannelState, after: ChannelState): bigint {
  const kept = openState(domain, after).active.map(({ quantity }) => quantity)
  const scripts = new Set(after.commits_active.map(({ script }) => script))
  const revoked = openState(domain, before).active.filter(({ entry }) => !scripts.has(entry.script))
  const from = revoked.at(-1)?.quantity
  if (from === undefined) return 0n
  return from - (kept.filter((quantity) => quantity <= from).at(-1) ?? 0n)
}
