import { anySignal, isAbort } from '../lib/abort.ts'
import { toHex } from '../lib/bytes.ts'
import type { WalletSigner } from '../lib/crypto/eip191.ts'
import type { Logger } from '../lib/logger.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import type { NetHost } from '../net/host.ts'
import { exchangeLimits } from './limits.ts'
import type { ExchangeMetrics } from './metrics.ts'
import { orderIdBytes } from './order.ts'
import type { ProviderOrder, ProviderOrders } from './provider-orders.ts'
import { createProviderStream } from './provider-stream.ts'
import { takePayment } from './receive-payment.ts'
import {
  encodeProviderMessage,
  PAYMENT_PROTOCOL,
  parsePayerMessage,
  SEGMENT_PROTOCOL,
} from './segment-wire.ts'
import type { WireErrorCode } from './wire-error.ts'
import type { Worker } from './work.ts'

/** What the providing side of the exchange works with. */
export interface ProviderComponents {
  readonly host: NetHost
  readonly wallet: WalletSigner
  readonly orders: ProviderOrders
  readonly worker: Worker
  readonly logger: Logger
  readonly metrics: ExchangeMetrics
  /** Orders that are worked at once; more are sent elsewhere. No bound when absent. */
  readonly slots?: number
}

/** The providing side: serves order streams and payments. */
export interface Provider {
  start(): Promise<void>
  stop(): Promise<void>
  /** Orders with an open stream. */
  openStreams(): number
}

/** Serves the segment and payment protocols. */
export function createProvider(components: ProviderComponents): Provider {
  const { host, logger, metrics } = components
  const controller = new AbortController()
  const streams = new Set<Promise<void>>()
  const working = createSeats(components.slots ?? Number.POSITIVE_INFINITY)

  const serve = async (
    channel: FrameChannel,
    { remotePeer, signal }: HandlerContext,
  ): Promise<void> => {
    const running = serveOrder(
      components,
      { channel, remotePeer, working },
      anySignal([signal, controller.signal]),
    )
    streams.add(running)
    try {
      await running
    } catch (error) {
      if (!isAbort(error))
        logger.debug({ err: error, remotePeer }, 'order stream ended with an error')
      throw error
    } finally {
      streams.delete(running)
      metrics.openStreams.set(working.taken())
    }
  }
  return {
    openStreams: () => working.taken(),
    async start() {
      const { maxHeaderBytes, maxSegmentBytes, maxStreamsPerPeer } = exchangeLimits
      await host.handle(SEGMENT_PROTOCOL, serve, {
        maxInboundStreams: maxStreamsPerPeer,
        maxHeaderBytes,
        maxBodyBytes: maxSegmentBytes,
      })
      await host.handle(
        PAYMENT_PROTOCOL,
        (channel, context) => servePayment(components, channel, context),
        {
          maxInboundStreams: maxStreamsPerPeer,
          maxHeaderBytes,
          maxBodyBytes: 0,
        },
      )
    },
    async stop() {
      controller.abort()
      await Promise.allSettled(streams)
    },
  }
}

interface HandlerContext {
  readonly remotePeer: string
  readonly signal: AbortSignal
}

/** The orders being worked. One that comes back after a break sits where it sat. */
interface Seats {
  /** False when all are taken. */
  take(orderId: string): boolean
  leave(orderId: string): void
  taken(): number
}

function createSeats(count: number): Seats {
  const streamsOf = new Map<string, number>()
  return {
    take(orderId) {
      const streams = streamsOf.get(orderId) ?? 0
      if (streams === 0 && streamsOf.size >= count) return false
      streamsOf.set(orderId, streams + 1)
      return true
    },
    leave(orderId) {
      const streams = (streamsOf.get(orderId) ?? 0) - 1
      if (streams > 0) streamsOf.set(orderId, streams)
      else streamsOf.delete(orderId)
    },
    taken: () => streamsOf.size,
  }
}

async function serveOrder(
  components: ProviderComponents,
  way: { readonly channel: FrameChannel; readonly remotePeer: string; readonly working: Seats },
  signal: AbortSignal,
): Promise<void> {
  const { channel, remotePeer, working } = way
  const order = await receiveOpen(components, channel, remotePeer, signal)
  if (order === null) return
  const { orderId } = order.order
  // Quotes are given out before orders are opened, so there can be more of them than seats.
  if (!working.take(orderId)) {
    components.orders.leave(order)
    await refuse(channel, 'BUSY', 'all slots are taken', signal)
    return
  }
  components.metrics.openStreams.set(working.taken())
  try {
    // A payer that comes back may hold terms of before a restart.
    const isKnown = order.isResumed || order.account().credited > 0n
    const grant = isKnown ? await order.earn.grant() : null
    const accepted = encodeProviderMessage({
      type: 'accepted',
      orderId: orderIdBytes(order.order),
      credit: order.credit(),
      credited: order.account().credited,
      grant: grant?.ok === true ? grant.value : null,
      maxInFlight: order.order.maxInFlight,
    })
    await channel.send(accepted, [], { signal })
    await createProviderStream(components, channel, order).run(signal)
  } finally {
    working.leave(orderId)
    components.orders.leave(order)
  }
}

async function receiveOpen(
  { orders, logger }: ProviderComponents,
  channel: FrameChannel,
  remotePeer: string,
  signal: AbortSignal,
): Promise<ProviderOrder | null> {
  const bounded = anySignal([signal], exchangeLimits.openTimeoutMs)
  const frame = await channel.receive({ maxBodyBytes: 0, signal: bounded })
  if (frame === null) return null
  const message = parsePayerMessage(frame.header)
  if (!message.ok || message.value.type !== 'open') {
    await refuse(channel, 'MALFORMED', 'the first frame opens an order', signal)
    return null
  }
  const order = await orders.open(message.value.orderId, remotePeer)
  if (order === undefined) {
    await refuse(channel, 'UNKNOWN_ORDER', 'no such quote or order of this peer', signal)
    return null
  }
  logger.info({ orderId: order.order.orderId, remotePeer }, 'order opened')
  return order
}

/** One payment, or a request for a grant, beside the bulk. */
async function servePayment(
  { orders, metrics }: ProviderComponents,
  channel: FrameChannel,
  { remotePeer, signal }: HandlerContext,
): Promise<void> {
  const bounded = anySignal([signal], exchangeLimits.openTimeoutMs)
  const frame = await channel.receive({ signal: bounded })
  if (frame === null) return
  const message = parsePayerMessage(frame.header)
  if (!message.ok || message.value.type !== 'payment') {
    return refuse(channel, 'MALFORMED', 'expected a payment', signal)
  }
  const { orderId, payment } = message.value
  const order = await orders.open(orderId, remotePeer)
  if (order === undefined) return refuse(channel, 'UNKNOWN_ORDER', toHex(orderId), signal)
  try {
    const answer = await takePayment(order, payment)
    if (answer.type === 'error') metrics.errors.inc({ code: answer.code })
    await channel.send(encodeProviderMessage(answer), [], { signal })
  } finally {
    orders.leave(order)
  }
}

async function refuse(
  channel: FrameChannel,
  code: WireErrorCode,
  detail: string,
  signal: AbortSignal,
): Promise<void> {
  const none = { index: null, credit: 0n, grant: null, missing: 0n }
  const message = { type: 'error', code, detail, ...none } as const
  await channel.send(encodeProviderMessage(message), [], { signal })
}
