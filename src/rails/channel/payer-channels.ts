import { isAbort, sleep } from '../../lib/abort.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { hasCode, type MillraceError } from '../../lib/errors.ts'
import type { Logger } from '../../lib/logger.ts'
import { ok, type Result } from '../../lib/result.ts'
import { createSerial } from '../../lib/serial.ts'
import { maxBig } from '../../lib/wei.ts'
import type { RailFault } from '../rail.ts'
import { effectId } from './channel-chain.ts'
import { depositTtl, makeDeposit } from './deposit.ts'
import { type ChannelFacts, confirmedDeposit } from './facts.ts'
import { faultOf, refuse } from './faults.ts'
import { channelLimits } from './limits.ts'
import type { PayerChannel, PayerStore } from './payer-store.ts'
import type { ChannelChain } from './ports.ts'
import { bareBytes, bareHex } from './terms.ts'
import { depositCall, parseUnsigned } from './unsigned.ts'
import type { ChannelOffer } from './wire.ts'

/** On which terms a payer opens channels. Times in blocks. */
export interface ChannelPayerInit {
  readonly address: Address
  /** What it pays in; the null address is ether. */
  readonly asset: Address
  /** What a new channel holds, and what is added when it runs out. */
  readonly deposit: bigint
  /** Most that one channel may take in all. */
  readonly maxDeposit: bigint
  /** For how long a deposit is locked, and the most a payee may ask for. */
  readonly expireBlocks: number
  readonly maxExpireBlocks: number
  /** Delay of commits: longer than this node is ever away. */
  readonly delayBlocks: number
  /** How long a deposit is waited for. */
  readonly openTimeoutMs?: number
}

/** What the payer's half works with. */
export interface PayerParts {
  readonly chain: ChannelChain
  readonly channels: PayerStore
  readonly logger: Logger
}

const OPEN_GAS = 150_000n
const POLL_MS = 50
/** Blocks beyond the clearance for which a channel must be good to be paid on. */
const MARGIN_BLOCKS = 2

/** Opens channels and keeps them filled; one payee's turns do not overlap. */
export interface PayerChannels {
  judge(offer: ChannelOffer, payee: Address): Promise<Result<void, RailFault>>
  /** A channel that can be paid on, opened if there is none. */
  ensure(offer: ChannelOffer, payee: Address): Promise<Result<PayerChannel, RailFault>>
  /** A channel opened before, if it can still be paid on. */
  existing(payee: Address): Promise<PayerChannel | undefined>
  facts(channel: PayerChannel, isFresh?: boolean): Promise<ChannelFacts>
  /** Adds to a deposit so that a quantity fits; what is mined counts. */
  fill(channel: PayerChannel, quantity: bigint): Promise<Result<void, RailFault>>
}

/** The channels that a payer opens. */
export function createPayerChannels(parts: PayerParts, init: ChannelPayerInit): PayerChannels {
  const turns = new Map<Address, ReturnType<typeof createSerial>>()
  const turnOf = (payee: Address): ReturnType<typeof createSerial> => {
    const turn = turns.get(payee) ?? createSerial()
    turns.set(payee, turn)
    return turn
  }
  const facts = (channel: PayerChannel, isFresh = false): Promise<ChannelFacts> =>
    factsOf(parts, channel, isFresh)
  const existing = async (payee: Address): Promise<PayerChannel | undefined> => {
    let newest: PayerChannel | undefined
    for (const channel of parts.channels.withPayee(payee)) {
      if (channel.terms.asset !== init.asset || !(await isPayable(parts, channel))) continue
      if ((channel.seen?.openedAt ?? 0n) >= (newest?.seen?.openedAt ?? 0n)) newest = channel
    }
    return newest
  }
  const filling = new Map<string, Promise<Result<void, RailFault>>>()
  return {
    facts,
    existing,
    async judge(offer, payee) {
      const terms = judgeTerms(parts, init, offer, payee)
      if (!terms.ok || (await existing(payee)) !== undefined) return terms
      const funds = await parts.chain.fundsOf(init.asset, init.address)
      const deposit = depositFor(init, offer)
      const gas = parts.chain.gasCost(OPEN_GAS)
      const needed = BigInt(init.asset) === 0n ? deposit + gas : deposit
      if (funds.balance >= needed && funds.wei >= gas) return ok(undefined)
      return refuse('underfunded', 'INSUFFICIENT_FUNDS', `${funds.balance} of ${needed} is there`)
    },
    ensure: (offer, payee) =>
      turnOf(payee)(async () => {
        const terms = judgeTerms(parts, init, offer, payee)
        if (!terms.ok) return terms
        const present = await existing(payee)
        return present === undefined ? open(parts, init, offer) : ok(present)
      }),
    fill(channel, quantity) {
      const running = filling.get(channel.key)
      if (running !== undefined) return running
      const run = fill(parts, init, channel, quantity).finally(() => filling.delete(channel.key))
      filling.set(channel.key, run)
      return run
    },
  }
}

async function factsOf(
  { chain }: PayerParts,
  channel: PayerChannel,
  isFresh: boolean,
): Promise<ChannelFacts> {
  if (isFresh || channel.seen === null) channel.seen = await chain.channelOf(channel.id)
  const { confirmations: minConfirmations } = channel.record
  return { domain: chain.domain, block: chain.block(), channel: channel.seen, minConfirmations }
}

async function isPayable(parts: PayerParts, channel: PayerChannel): Promise<boolean> {
  if (channel.record.stage !== 'open' || channel.record.isClosing === true) return false
  const facts = await factsOf(parts, channel, false)
  if (facts.channel === null || facts.channel.publishedAt !== 0n) return false
  if (facts.channel.balance === 0n) return false
  const clearance = channelLimits.clearanceBlocks + MARGIN_BLOCKS
  return (depositTtl(channel.record.state, facts, clearance) ?? 0) > 0
}

function depositFor({ deposit }: ChannelPayerInit, { minDeposit }: ChannelOffer): bigint {
  return maxBig(deposit, minDeposit)
}

/** Whether the terms of an offer are acceptable, whatever the funds. */
function judgeTerms(
  { chain }: PayerParts,
  init: ChannelPayerInit,
  offer: ChannelOffer,
  payee: Address,
): Result<void, RailFault> {
  const { contract } = chain.domain
  if (offer.payee !== payee) return refuse('fatal', 'WRONG_PAYEE', `it names ${offer.payee}`)
  if (offer.asset !== init.asset)
    return refuse('limit', 'WRONG_ASSET', `it asks for ${offer.asset}`)
  if (offer.contract !== contract) {
    return refuse('limit', 'WRONG_CONTRACT', `its channels are at ${offer.contract}`)
  }
  if (offer.maxDelay < init.delayBlocks) {
    const detail = `commits wait at most ${offer.maxDelay} blocks, ${init.delayBlocks} are needed here`
    return refuse('limit', 'DELAY_TOO_SHORT', detail)
  }
  if (depositFor(init, offer) > init.maxDeposit) {
    return refuse('limit', 'DEPOSIT_TOO_HIGH', `it asks for a deposit of ${offer.minDeposit}`)
  }
  if (offer.confirmations > channelLimits.maxConfirmations) {
    return refuse('limit', 'TOO_MANY_CONFIRMATIONS', `it waits for ${offer.confirmations} blocks`)
  }
  if (offer.minExpire > init.maxExpireBlocks) {
    return refuse('limit', 'EXPIRY_TOO_LATE', `it asks for ${offer.minExpire} blocks`)
  }
  return ok(undefined)
}

/** Makes the deposit: stored before it is sent, so that no restart opens a second channel. */
async function open(
  parts: PayerParts,
  init: ChannelPayerInit,
  offer: ChannelOffer,
): Promise<Result<PayerChannel, RailFault>> {
  const { chain, channels } = parts
  const deposit = depositFor(init, offer)
  let channel: PayerChannel | undefined
  try {
    const funds = await chain.fundsOf(init.asset, init.address)
    const { state } = makeDeposit(
      {
        asset: bareHex(bareBytes(init.asset)),
        payerPubkey: bareHex(bareBytes(init.address)),
        payeePubkey: bareHex(bareBytes(offer.payee)),
        spendSecretHash: bareHex(offer.spendHash),
        expireTime: Math.max(init.expireBlocks, offer.minExpire),
        quantity: deposit,
      },
      {
        domain: chain.domain,
        block: chain.block(),
        channel: null,
        funds: { ...funds, gas: chain.gasCost(OPEN_GAS) },
      },
    )
    channel = await channels.begin({
      state,
      seed: offer.seed,
      stage: 'opening',
      deposit,
      deposited: deposit,
      topUps: 0,
      confirmations: Math.max(1, offer.confirmations),
      delay: init.delayBlocks,
      hashes: offer.revokeHashes.map(bareHex),
    })
    await finishOpening(parts, channel, AbortSignal.timeout(init.openTimeoutMs ?? 60_000))
    return ok(channel)
  } catch (error) {
    if (wasRefused(error)) {
      // Nothing was sent, or it reverted: this deposit will not come.
      if (channel !== undefined) await channels.put(channel, { ...channel.record, stage: 'over' })
      return refuse('underfunded', 'OPENING_FAILED', error.shortMessage)
    }
    if (error instanceof Error && isAbort(error)) {
      return refuse('not-ready', 'DEPOSIT_UNCONFIRMED', 'the deposit is not confirmed yet')
    }
    return faultOf(error)
  }
}

/** Whether the chain refused a transaction, so that it will not come. */
function wasRefused(error: unknown): error is MillraceError {
  const codes = ['TX_REVERTED', 'TX_UNDERFUNDED', 'TX_REJECTED'] as const
  return codes.some((code) => hasCode(error, code))
}

/** Sends a deposit, or waits for the one that was sent, until it is confirmed. */
export async function finishOpening(
  parts: PayerParts,
  channel: PayerChannel,
  signal: AbortSignal,
): Promise<void> {
  const { chain, channels, logger } = parts
  const { terms, record } = channel
  const id = effectId('deposit', channel.id)
  if (BigInt(terms.asset) !== 0n) await chain.approve(terms.asset, record.deposit, { id, signal })
  const topublish = depositCall(chain.domain, terms, record.deposit)
  await chain.submit(parseUnsigned(topublish), { id, signal })
  for (;;) {
    const facts = await factsOf(parts, channel, true)
    if (confirmedDeposit(facts) > 0n) break
    await sleep(POLL_MS, { signal })
  }
  await channels.put(channel, { ...channel.record, stage: 'open' }, true)
  logger.info({ channel: channel.key, deposit: record.deposit }, 'channel opened')
}

async function fill(
  parts: PayerParts,
  init: ChannelPayerInit,
  channel: PayerChannel,
  quantity: bigint,
): Promise<Result<void, RailFault>> {
  const { chain, channels, logger } = parts
  const facts = await factsOf(parts, channel, true)
  if (confirmedDeposit(facts) >= quantity) return ok(undefined)
  const { record, terms } = channel
  const amount = maxBig(record.deposit, quantity - confirmedDeposit(facts))
  if (record.deposited + amount > init.maxDeposit) {
    return refuse(
      'limit',
      'DEPOSIT_EXHAUSTED',
      `${record.deposited} are deposited, no more is allowed`,
    )
  }
  const topUps = record.topUps + 1
  const id = effectId(`top-up-${topUps}`, channel.id)
  const next = { ...record, topUps, deposited: record.deposited + amount }
  await channels.put(channel, next, true)
  try {
    const signal = AbortSignal.timeout(init.openTimeoutMs ?? 60_000)
    if (BigInt(terms.asset) !== 0n) await chain.approve(terms.asset, amount, { id, signal })
    const topUp = parseUnsigned(depositCall(chain.domain, terms, amount, 'topUp'))
    const minedAt = await chain.submit(topUp, { id, signal })
    // One block more than the payee waits for: it may see the chain a little later.
    while (record.confirmations > 1 && chain.block() < minedAt + BigInt(record.confirmations)) {
      await sleep(POLL_MS, { signal })
    }
  } catch (error) {
    logger.warn({ err: error, channel: channel.key }, 'a channel could not be filled')
    return refuse('underfunded', 'DEPOSIT_EXHAUSTED', 'the deposit could not be added to')
  }
  const after = await factsOf(parts, channel, true)
  logger.info({ channel: channel.key, amount }, 'channel filled')
  if (confirmedDeposit(after) >= quantity) return ok(undefined)
  return refuse('limit', 'DEPOSIT_EXHAUSTED', 'the deposit is not enough')
}
