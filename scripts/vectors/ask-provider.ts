import { silentLogger } from '../../src/lib/logger.ts'
import { noMetrics } from '../../src/lib/metrics.ts'
import { err, ok } from '../../src/lib/result.ts'
import { createMarketMetrics } from '../../src/market/metrics.ts'
import { createQuoteProvider } from '../../src/market/quote-provider.ts'
import type { FrameChannel } from '../../src/net/frame-channel.ts'
import type { NetHost } from '../../src/net/host.ts'
import type { FrameHandler } from '../../src/net/inbound.ts'
import * as wire from '../../src/net/wire/negotiate.ts'
import { type PayeeRail, type RailFaultClass, railFault } from '../../src/rails/rail.ts'
import { NOW_MS, provider } from './cast.ts'

/** What an orchestrator is like when it is asked, in JSON's terms. */
export interface ProviderSetting {
  readonly chainId: string
  readonly services: readonly string[]
  readonly regions: readonly string[]
  readonly rails: readonly string[]
  readonly freeSlots: number
  readonly readiness: 'ready' | 'NOT_ACTIVE' | 'NOT_READY'
  /** What the rail says when it is asked for an offer; null when it makes one. */
  readonly railFault: { readonly class: RailFaultClass; readonly code: string } | null
  /** Requests of the same peer in this period. */
  readonly askedBefore: number
}

/** How a provider in a setting refuses a request; null when it quotes. */
export async function askProvider(
  request: Uint8Array,
  fromPeerId: string,
  setting: ProviderSetting,
): Promise<{ readonly code: string; readonly retryAfterMs: number } | null> {
  let handler: FrameHandler | undefined
  const host = {
    peerId: provider.peerId,
    handle: async (_protocol: string, given: FrameHandler) => {
      handler = given
    },
  } as unknown as NetHost
  const { railFault: fault } = setting
  const rail = (id: string): PayeeRail => ({
    id,
    offer: async () =>
      fault === null ? ok(new Uint8Array(1)) : err(railFault(fault.class, fault.code, '')),
    openEarn: () => {
      throw new Error('no order is opened here')
    },
  })
  const quotes = createQuoteProvider(
    {
      host,
      wallet: provider.wallet,
      rails: new Map(setting.rails.map((id) => [id, rail(id)])),
      clock: { now: () => NOW_MS },
      logger: silentLogger,
      metrics: createMarketMetrics(noMetrics),
      capacity: () => ({ slots: 10, freeSlots: setting.freeSlots }),
      readiness: async () => setting.readiness,
    },
    {
      chainId: BigInt(setting.chainId),
      services: setting.services,
      regions: setting.regions,
      price: { num: 1_000n, den: 3n },
      quoteTtlMs: 30_000,
      maxInFlight: 2,
    },
  )
  await quotes.start()
  if (handler === undefined) throw new Error('the provider serves no protocol')
  let reply = new Uint8Array(0)
  const channel = {
    receive: async () => ({ header: request, body: [], bodyLength: 0 }),
    send: async (header: Uint8Array) => {
      reply = Uint8Array.from(header)
    },
    closeWrite: async () => {},
  } as unknown as FrameChannel
  const { signal } = new AbortController()
  for (let asked = 0; asked <= setting.askedBefore; asked += 1) {
    await handler(channel, { remotePeer: fromPeerId, signal })
  }
  const { refusal } = wire.QuoteReply.decode(reply)
  return refusal === undefined ? null : { code: refusal.code, retryAfterMs: refusal.retryAfterMs }
}
