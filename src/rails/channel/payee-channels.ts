import { bytesEqual } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { hash160 } from '../../lib/crypto/hash160.ts'
import { ok, type Result } from '../../lib/result.ts'
import { maxBig, minBig } from '../../lib/wei.ts'
import type { PaymentContext, RailFault } from '../rail.ts'
import { requestCommit } from './commit.ts'
import { setDeposit } from './deposit.ts'
import { type ChannelFacts, confirmedDeposit, type OnChain } from './facts.ts'
import { faultOf, refuse } from './faults.ts'
import { channelLimits } from './limits.ts'
import type { PayeeSecret } from './payee-secret.ts'
import { newPayeeChannel, type PayeeChannel, type PayeeStore } from './payee-store.ts'
import type { ChannelChain } from './ports.ts'
import { highestCommit, transferredAmount } from './settlement.ts'
import { bareBytes, bareHex, channelIdOf, parseTerms } from './terms.ts'
import type { ChannelGrant, ChannelPayment } from './wire.ts'

/** On which terms a payee takes payments. Times in blocks. */
export interface ChannelPayeeInit {
  readonly address: Address
  /** The null address for ether. */
  readonly asset: Address
  readonly minDeposit: bigint
  /** Longest delay of a commit between publication and payout. */
  readonly maxDelay: number
  /** Least time that a deposit must be locked for. */
  readonly minExpire: number
  /** Before a deposit counts. */
  readonly confirmations: number
  /** Before a published commit is taken for final, and the spend secret given away. */
  readonly finalityBlocks: number
  /** Blocks left of a deposit at which its commit is published. */
  readonly clearanceBlocks?: number
  /** A channel that is not paid on for so many blocks is closed; 0 leaves it open. */
  readonly idleBlocks?: number
}

/** What the payee's half works with. */
export interface PayeeParts {
  readonly chain: ChannelChain
  readonly channels: PayeeStore
  readonly secret: PayeeSecret
  /** What the chain last said of a channel. */
  readonly seen: Map<string, SeenChannel>
}

/** A channel as it was last seen; what was added to its deposit counts once it is confirmed. */
export interface SeenChannel {
  readonly channel: OnChain
  /** Part of the balance that counts, and the block in which the whole was first seen. */
  readonly confirmedBalance: bigint
  readonly since: bigint
}

/** What the chain says of a channel; asked again when it is not known, or when that is wanted. */
export async function factsFor(
  { chain, seen }: PayeeParts,
  { confirmations }: Pick<ChannelPayeeInit, 'confirmations'>,
  channel: { readonly id: Uint8Array; readonly key: string },
  isFresh: boolean,
): Promise<ChannelFacts> {
  // A head that is seen late makes nothing look confirmed that is not.
  const block = chain.block()
  let known = seen.get(channel.key)
  if (known === undefined || isFresh) {
    const now = await chain.channelOf(channel.id)
    known = now === null ? undefined : lookAgain(known, now, block)
    if (known === undefined) seen.delete(channel.key)
    else seen.set(channel.key, known)
  }
  const minConfirmations = confirmations
  if (known === undefined) return { domain: chain.domain, block, channel: null, minConfirmations }
  const isConfirmed = block + 1n >= known.since + BigInt(confirmations)
  const balance = isConfirmed ? known.channel.balance : known.confirmedBalance
  const onChain = { ...known.channel, balance }
  return { domain: chain.domain, block, channel: onChain, minConfirmations }
}

/** The contract does not say when a deposit was added to, so that is when it is first seen. */
function lookAgain(before: SeenChannel | undefined, channel: OnChain, block: bigint): SeenChannel {
  if (before === undefined) return { channel, confirmedBalance: channel.balance, since: 0n }
  if (channel.balance === before.channel.balance) return { ...before, channel }
  const isMore = channel.balance > before.channel.balance
  const confirmedBalance = isMore ? before.channel.balance : channel.balance
  return { channel, confirmedBalance, since: isMore ? block : 0n }
}

/** The channel a payment is of: known, or new and as it was offered. */
export function channelOfPayment(
  parts: PayeeParts,
  init: ChannelPayeeInit,
  context: PaymentContext,
  payment: ChannelPayment,
): Result<PayeeChannel, RailFault> {
  const { chain, channels, secret } = parts
  const terms = parseTerms(payment.depositScript)
  if (terms === null) return refuse('fatal', 'INVALID_DEPOSIT_SCRIPT', 'the terms cannot be read')
  if (terms.payer !== context.payer) {
    return refuse('fatal', 'WRONG_PAYER', "the channel is not of the order's payer")
  }
  const known = channels.get(channelIdOf(chain.domain, terms))
  if (known !== undefined) return ok(known)
  if (terms.expireTime < init.minExpire) {
    return refuse('fatal', 'INVALID_SEQUENCE', `${terms.expireTime} blocks, not ${init.minExpire}`)
  }
  const spendHash = hash160(secret.spendSecret(terms.payer, payment.seed))
  try {
    let { state } = setDeposit({
      asset: bareHex(bareBytes(init.asset)),
      depositScript: bareHex(payment.depositScript),
      expectedPayeePubkey: bareHex(bareBytes(init.address)),
      expectedSpendSecretHash: bareHex(spendHash),
    })
    const issued = channelLimits.grantedHashes
    const commits_requested = firstHashes(secret, terms.payer, payment.seed).map(bareHex)
    state = { ...state, commits_requested }
    return ok(newPayeeChannel(chain.domain, state, payment.seed, issued))
  } catch (error) {
    return faultOf(error)
  }
}

/** The revoke hashes that come with an offer. */
export function firstHashes(
  secret: PayeeSecret,
  payer: Address,
  seed: Uint8Array,
): readonly Uint8Array[] {
  const indexes = Array.from({ length: channelLimits.grantedHashes }, (_, index) => index)
  return indexes.map((index) => secret.revokeHash(payer, seed, index))
}

/** Whether a payment was credited before. */
export function isKnownPayment(channel: PayeeChannel, payment: ChannelPayment): boolean {
  const script = bareHex(payment.commitScript)
  const raw = payment.commitRawtx
  return channel.state.commits_active.some(
    (entry) => entry.script === script && bytesEqual(bareBytes(entry.rawtx), raw),
  )
}

/** Asks for commits until enough hashes are out, and stores that. */
export async function topUpRequests(
  { chain, channels, secret }: PayeeParts,
  channel: PayeeChannel,
  facts: ChannelFacts,
  step: bigint,
): Promise<bigint> {
  const { payer } = channel.terms
  const credited = transferredAmount(chain.domain, channel.state)
  const deposit = confirmedDeposit(facts)
  const quantity = maxBig(1n, minBig(credited + step, deposit))
  let { state, issued } = channel
  while (deposit > 0n && state.commits_requested.length < channelLimits.grantedHashes) {
    const revokeSecretHash = bareHex(secret.revokeHash(payer, channel.seed, issued))
    issued += 1
    state = requestCommit({ state, quantity, revokeSecretHash }, facts).state
  }
  if (issued !== channel.issued) {
    channel.state = state
    channel.issued = issued
    await channels.putRequests(channel)
  }
  return quantity
}

/** What the payer needs to go on paying on a channel. */
export function grantOf(
  { chain }: PayeeParts,
  { id, state }: PayeeChannel,
  requested: bigint,
  isProven: boolean,
): ChannelGrant {
  const highest = highestCommit(chain.domain, state)
  return {
    channel: id,
    credited: transferredAmount(chain.domain, state),
    requested,
    revokeHashes: state.commits_requested.map(bareBytes),
    highest:
      highest === null || !isProven
        ? null
        : { script: bareBytes(highest.commit_script), rawtx: bareBytes(highest.commit_rawtx) },
  }
}
