import type { Startable } from '../../lib/lifecycle.ts'
import type { Logger } from '../../lib/logger.ts'
import { createBlockWatch } from './block-watch.ts'
import { effectId } from './channel-chain.ts'
import type { CloseLink } from './close-link.ts'
import type { CounterCheck } from './counter.ts'
import { depositTtl } from './deposit.ts'
import { type ChannelFacts, confirmationsOf } from './facts.ts'
import { channelLimits } from './limits.ts'
import type { ChannelMetrics } from './metrics.ts'
import { type ChannelPayeeInit, factsFor, type PayeeParts } from './payee-channels.ts'
import type { PayeeChannel } from './payee-store.ts'
import { highestCommit, payouts, transferredAmount } from './settlement.ts'
import type { ChannelState } from './state.ts'
import { bareBytes, bareHex, parseRawCommit, parseScript, parseTerms } from './terms.ts'
import { parseUnsigned, publishCall } from './unsigned.ts'

/** What the payee does next with a channel. */
export type PayeeStep = 'wait' | 'publish' | 'payout' | 'over'

/** What decides that, besides the chain. */
export interface PayeeSituation {
  readonly state: ChannelState
  /** Hex. */
  readonly spendSecret: string
  /** Whether it is to be closed whatever is left of it. */
  readonly closing: boolean
  /** Whether the payer has published a commit of a channel in the other direction. */
  readonly isCounterPublished: boolean
  readonly clearanceBlocks: number
  /** Confirmations of a published commit before the spend secret is given away. */
  readonly finalityBlocks: number
}

/**
 * What a payee does next with a channel. Pure.
 *
 * Publishes when too few blocks are left, when the channel is to be closed, or when the other side
 * publishes. Pays out when the delay is over *and* the publication is final: a payout gives the
 * spend secret away, and while the commit is not published, for whoever reorganises the chain, the
 * secret sweeps the whole deposit.
 */
export function decidePayee(situation: PayeeSituation, facts: ChannelFacts): PayeeStep {
  const { state, spendSecret, closing, isCounterPublished } = situation
  const { channel, block, domain } = facts
  if (channel === null) return 'wait'
  if (channel.publishedAt === 0n) {
    if (channel.balance === 0n) return 'over'
    if (transferredAmount(domain, state) === 0n) return 'wait'
    const isLate = depositTtl(state, facts, situation.clearanceBlocks) === 0
    return isLate || closing || isCounterPublished ? 'publish' : 'wait'
  }
  if (channel.committed === 0n) return 'over'
  const confirmations = confirmationsOf(block, channel.publishedAt)
  if (confirmations < BigInt(situation.finalityBlocks)) return 'wait'
  return payouts(state, spendSecret, facts).length > 0 ? 'payout' : 'wait'
}

/** Brings a payee's channels to the chain in time. */
export interface PayeeWatch extends Startable {
  /** Closes a channel, or all of them: what was transferred is published now. */
  close(key?: string): Promise<void>
  /** Looks at every channel once. */
  look(): Promise<void>
}

/** What the watch works with. */
export interface PayeeWatchComponents extends PayeeParts {
  readonly logger: Logger
  readonly metrics: ChannelMetrics
  /** Whether a payer has published against this node's own deposit with it. */
  readonly isCounterPublished: CounterCheck
  /** Asks payers to close channels at once; without it commits are published unasked. */
  readonly closing?: CloseLink
}

/** A watch over the channels of a payee; it looks at every block. */
export function createPayeeWatch(
  components: PayeeWatchComponents,
  init: ChannelPayeeInit,
): PayeeWatch {
  const { chain, channels } = components
  const logger = components.logger.child({ part: 'channel-payee' })
  const closings = new Map<string, Closing>()
  const open = (): readonly PayeeChannel[] =>
    channels.all().filter(({ settlement }) => !settlement.over)
  const watch = createBlockWatch<PayeeChannel>({
    ...{ chain, logger, open },
    async attend(channel, signal) {
      const closing = closings.get(channel.key) ?? { tries: 0, minedAt: null }
      closings.set(channel.key, closing)
      await settle({ ...components, logger }, init, channel, closing, signal)
      if (channel.settlement.over) closings.delete(channel.key)
    },
    failed(channel, error) {
      logger.warn({ err: error, channel: channel.key }, 'a channel could not be settled yet')
      components.metrics.settlements.inc({ kind: 'payee', outcome: 'failed' })
    },
  })
  return {
    start: async () => watch.start(),
    stop: async () => watch.stop(),
    look: async () => watch.look(),
    async close(key) {
      for (const channel of open()) {
        if (key !== undefined && channel.key !== key) continue
        await channels.putSettlement(channel, { ...channel.settlement, closing: true })
      }
      watch.lookSoon()
    },
  }
}

/** How far a closing by agreement is, since the start. */
interface Closing {
  tries: number
  /** Block of the transaction. */
  minedAt: bigint | null
}

async function settle(
  components: PayeeWatchComponents,
  init: ChannelPayeeInit,
  channel: PayeeChannel,
  closing: Closing,
  signal: AbortSignal,
): Promise<void> {
  const { chain, channels, secret, metrics, logger } = components
  const { idleBlocks = 0, clearanceBlocks = channelLimits.clearanceBlocks } = init
  const facts = await factsFor(components, init, channel, true)
  const isIdle = idleBlocks > 0 && facts.block >= channel.paidAt + BigInt(idleBlocks)
  const spendSecret = secret.spendSecret(channel.terms.payer, channel.seed)
  const situation = {
    state: channel.state,
    spendSecret: bareHex(spendSecret),
    closing: channel.settlement.closing || isIdle,
    isCounterPublished:
      facts.channel?.publishedAt === 0n &&
      (await components.isCounterPublished(channel.terms.payer)),
    clearanceBlocks,
    finalityBlocks: init.finalityBlocks,
  }
  const step = decidePayee(situation, facts)
  if (step === 'wait') return
  if (step === 'over') {
    // Not before it is final: a reorganisation may bring the channel back.
    const { minedAt } = closing
    if (minedAt !== null && facts.block < minedAt + BigInt(init.finalityBlocks)) return
    if (isSettledFor(facts, init.finalityBlocks)) {
      await channels.putSettlement(channel, { ...channel.settlement, over: true })
    }
    return
  }
  const id = effectId(step, channel.id)
  if (step === 'publish') {
    const isUrgent = decidePayee({ ...situation, closing: false }, facts) === 'publish'
    const mayAsk = channel.settlement.closing && !isUrgent
    if (mayAsk && (await closeByAgreement(components, channel, closing, signal))) return
    // Nothing more is credited on it from here on.
    await channels.putSettlement(channel, { ...channel.settlement, closing: true })
    await chain.submit(parseUnsigned(publication(components, channel)), { id, signal })
  } else {
    await chain.recheck(effectId('publish', channel.id), { signal })
    const again = await factsFor(components, init, channel, true)
    const [payout] = payouts(channel.state, situation.spendSecret, again)
    if (decidePayee(situation, again) !== 'payout' || payout === undefined) return
    await chain.submit(parseUnsigned(payout.payout_rawtx), { id, signal })
  }
  metrics.settlements.inc({ kind: step, outcome: 'done' })
  logger.info({ channel: channel.key, step }, 'a channel was settled')
}

/** Closes a channel together with its payer: true when it did, or is to ask again. */
async function closeByAgreement(
  { chain, closing: link, metrics, logger }: PayeeWatchComponents,
  channel: PayeeChannel,
  closing: Closing,
  signal: AbortSignal,
): Promise<boolean> {
  if (link === undefined || closing.tries >= channelLimits.maxCloseTries) return false
  closing.tries += 1
  const quantity = transferredAmount(chain.domain, channel.state)
  const answer = await link.ask(channel, quantity, signal)
  if (answer === 'away') return closing.tries < channelLimits.maxCloseTries
  const { tries } = closing
  // Whatever comes of it, nobody is asked twice for an answer.
  closing.tries = channelLimits.maxCloseTries
  if (answer === 'refused') return false
  const id = effectId('close', channel.id)
  closing.minedAt = await chain.submit(parseUnsigned(answer.closeRawtx), { id, signal })
  metrics.settlements.inc({ kind: 'close', outcome: 'done' })
  logger.info({ channel: channel.key, quantity, tries }, 'a channel was closed by agreement')
  return true
}

function isSettledFor({ channel, block }: ChannelFacts, blocks: number): boolean {
  if (channel === null || channel.publishedAt === 0n) return true
  const since = channel.publishedAt + BigInt(Math.max(channel.delay, blocks)) + BigInt(blocks)
  return block >= since
}

/** The publication of a channel's highest commit. */
function publication({ chain }: PayeeParts, { state }: PayeeChannel): string {
  const highest = highestCommit(chain.domain, state)
  const terms = parseTerms(bareBytes(state.deposit_script))
  const raw = parseRawCommit(bareBytes(highest?.commit_rawtx ?? ''))
  const script = parseScript(bareBytes(highest?.commit_script ?? ''))
  if (terms === null || raw === null || script === null) throw new RangeError('no commit')
  return publishCall(chain.domain, terms, { ...raw, ...script })
}
