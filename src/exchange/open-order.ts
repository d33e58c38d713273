import { anySignal } from '../lib/abort.ts'
import { toHex } from '../lib/bytes.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import type { PaySession } from '../rails/rail.ts'
import { creditOf } from './account.ts'
import { exchangeLimits } from './limits.ts'
import { orderIdBytes } from './order.ts'
import type { PayerBook } from './payer-books.ts'
import { createPayerOrder, type PayerOrder, type PayerOrderComponents } from './payer-order.ts'
import {
  encodePayerMessage,
  type ProviderMessage,
  parseProviderMessage,
  SEGMENT_PROTOCOL,
} from './segment-wire.ts'
import { connectionFailure, failureOf, type StepFailure } from './step-failure.ts'

type Accepted = Extract<ProviderMessage, { type: 'accepted' }>

/**
 * Opens the stream of an order, or opens it again after a break, and takes up what the provider
 * says of it. When that fails, the book is the caller's again.
 */
export async function openPayerOrder(
  components: PayerOrderComponents,
  init: {
    readonly book: PayerBook
    readonly addresses: readonly string[]
    readonly manifestId: string
    readonly timeoutMs?: number
  },
  session: PaySession,
  options: { readonly signal: AbortSignal },
): Promise<Result<PayerOrder, StepFailure>> {
  const { book, manifestId, timeoutMs = exchangeLimits.openTimeoutMs } = init
  const { order } = book
  const signal = anySignal([options.signal], timeoutMs)
  let channel: FrameChannel | undefined
  try {
    const peer = { peerId: order.providerPeerId, addresses: [...init.addresses] }
    channel = await components.host.open(peer, SEGMENT_PROTOCOL, {
      lane: 'bulk',
      signal,
      maxHeaderBytes: exchangeLimits.maxHeaderBytes,
      maxBodyBytes: exchangeLimits.maxResultBytes,
    })
    const open = encodePayerMessage({ type: 'open', orderId: orderIdBytes(order), manifestId })
    await channel.send(open, [], { signal })
    const frame = await channel.receive({ maxBodyBytes: 0, signal })
    const accepted = acceptance(frame, book)
    if (!accepted.ok) {
      channel.abort(new Error(accepted.error.detail))
      return accepted
    }
    const { grant } = accepted.value
    if (grant !== null) await session.useGrant(grant)
    return ok(createPayerOrder(components, book, channel, session))
  } catch (error) {
    channel?.abort(new Error('order not opened'))
    options.signal.throwIfAborted()
    return err(connectionFailure(error))
  }
}

/** What a provider answers to the opening of an order, if it fits our books. */
function acceptance(
  frame: { readonly header: Uint8Array } | null,
  book: PayerBook,
): Result<Accepted, StepFailure> {
  const no = (code: string, detail: string) => err({ class: 'failed', code, detail } as const)
  const reply = frame === null ? null : parseProviderMessage(frame.header)
  if (reply === null) return err(connectionFailure(new Error('the provider closed the order')))
  if (!reply.ok) return no('MALFORMED', 'unreadable answer to an order')
  if (reply.value.type === 'error') return err(failureOf(reply.value))
  if (reply.value.type !== 'accepted') return no('MALFORMED', 'unexpected answer to an order')
  if (toHex(reply.value.orderId) !== book.order.orderId) {
    return no('MALFORMED', 'another order was accepted')
  }
  const { credited, credit } = reply.value
  if (!book.reconcile({ credited, debited: credited - credit })) {
    const ours = creditOf(book.account())
    return no('CREDIT_DISPUTED', `credit ${credit} wei, by our books ${ours} wei`)
  }
  return ok(reply.value)
}
