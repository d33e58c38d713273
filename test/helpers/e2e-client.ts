import type { Account } from '../../scripts/testnet/chain-setup.ts'
import type { PeerProcess } from '../../scripts/testnet/peer-process.ts'
import { hashChunks } from '../../src/exchange/chunks.ts'
import { expectedUnits } from '../../src/exchange/dispatcher.ts'
import { exchangeLimits } from '../../src/exchange/limits.ts'
import {
  encodePayerMessage,
  type PayerMessage,
  type ProviderMessage,
  parseProviderMessage,
  SEGMENT_PROTOCOL,
  segmentDigest,
} from '../../src/exchange/segment-wire.ts'
import { createWalletSigner, type WalletSigner } from '../../src/lib/crypto/eip191.ts'
import { ceilDiv, priceOf } from '../../src/lib/wei.ts'
import {
  encodeQuoteRequest,
  NEGOTIATE_PROTOCOL,
  parseQuoteReply,
  profilesHash,
  type Quote,
  type QuoteRequest,
  type Refusal,
} from '../../src/market/quote.ts'
import type { Probe } from '../../src/media/probe.ts'
import { DEFAULT_LADDER } from '../../src/media/profile.ts'
import type { FrameChannel } from '../../src/net/frame-channel.ts'
import type { NetHost } from '../../src/net/host.ts'
import { type Binding, createBinding } from '../../src/net/identity.ts'
import { createTicketHasher, type TicketBatch, ticketEv } from '../../src/rails/ticket/ticket.ts'
import { encodeTicketPayment, parseTicketParams } from '../../src/rails/ticket/wire.ts'
import type { Cleanup } from './fixtures.ts'
import { CHAIN_ID, createHost } from './fixtures-hosts.ts'

/** A segment as this client sends it. */
export interface ClientSegment {
  readonly data: Uint8Array
  readonly durationMs: number
  readonly probe: Probe
}

/** A payer made by hand out of the wire contracts, with no node around it. */
export interface HandMadePayer {
  readonly wallet: WalletSigner
  /** Asks an orchestrator for a quote on segments like this one. */
  ask(orchestrator: PeerProcess, segment: ClientSegment): Promise<Quote | Refusal>
  /** Opens the stream of an order. */
  open(orchestrator: PeerProcess, quote: Quote): Promise<OpenOrder>
}

/** What came back, and how many bytes of renditions with it. */
export interface Reply {
  readonly message: ProviderMessage
  readonly bodyBytes: number
}

/** An order whose stream is open. */
export interface OpenOrder {
  readonly accepted: Reply
  /** Tickets worth the price of a segment, or changed before they are encoded. */
  payment(segment: ClientSegment, change?: (batch: TicketBatch) => TicketBatch): Uint8Array
  /** Sends a segment with a payment, or none, and gives the next thing said. */
  send(index: number, segment: ClientSegment, payment: Uint8Array): Promise<Reply>
}

/** Creates a payer with the wallet of an account. */
export async function createHandMadePayer(
  cleanup: Cleanup,
  { privateKey }: Account,
): Promise<HandMadePayer> {
  const { host, peerKey } = await createHost(cleanup)
  await host.start()
  const wallet = createWalletSigner(privateKey)
  const binding = createBinding(peerKey, wallet, { chainId: CHAIN_ID })
  return {
    wallet,
    ask: (orchestrator, segment) => ask(host, binding, orchestrator, segment),
    open: (orchestrator, quote) => open(host, wallet, orchestrator, quote),
  }
}

const peerOf = ({ ready }: PeerProcess) => ({
  peerId: ready.peerId,
  addresses: [...ready.addresses],
})

const unitsOf = ({ probe, durationMs }: ClientSegment): bigint =>
  expectedUnits(DEFAULT_LADDER, probe, durationMs)

async function ask(
  host: NetHost,
  binding: Binding,
  orchestrator: PeerProcess,
  segment: ClientSegment,
): Promise<Quote | Refusal> {
  const request: QuoteRequest = {
    chainId: CHAIN_ID,
    service: 'CPUTranscoding',
    profiles: DEFAULT_LADDER,
    region: '',
    segmentMs: segment.durationMs,
    expectedUnits: unitsOf(segment),
    rail: 'ticket',
    payer: binding,
  }
  const requestBytes = encodeQuoteRequest(request)
  const reply = await host.request(peerOf(orchestrator), NEGOTIATE_PROTOCOL, requestBytes, {
    timeoutMs: 60_000,
  })
  const parsed = parseQuoteReply(reply, {
    requestBytes,
    provider: orchestrator.ready.address as Quote['provider'],
    providerPeerId: orchestrator.ready.peerId,
    payer: binding.address,
    payerPeerId: host.peerId,
    nowMs: Date.now(),
  })
  if (!parsed.ok) throw new Error(parsed.error)
  return 'quote' in parsed.value ? parsed.value.quote : parsed.value.refusal
}

async function open(
  host: NetHost,
  wallet: WalletSigner,
  orchestrator: PeerProcess,
  quote: Quote,
): Promise<OpenOrder> {
  const channel = await host.open(peerOf(orchestrator), SEGMENT_PROTOCOL, {
    lane: 'bulk',
    maxHeaderBytes: exchangeLimits.maxHeaderBytes,
    maxBodyBytes: exchangeLimits.maxResultBytes,
  })
  const orderId = quote.quoteId
  await say(channel, { type: 'open', orderId, manifestId: 'by-hand' })
  const accepted = await listen(channel)
  let nonce = 0
  return {
    accepted,
    payment(segment, change = (batch) => batch) {
      const params = parseTicketParams(quote.offer)
      if (!params.ok) throw new Error(params.error)
      const { expirationParams } = params.value
      const hasher = createTicketHasher(params.value, expirationParams, wallet.address)
      const fee = priceOf(unitsOf(segment), quote.price)
      const senderParams = Array.from(
        { length: Number(ceilDiv(fee, ticketEv(params.value))) },
        () => {
          nonce += 1
          return { senderNonce: nonce, sig: wallet.signMessage(hasher.hash(nonce)) }
        },
      )
      const sender = wallet.address
      return encodeTicketPayment(
        change({ params: params.value, expirationParams, sender, senderParams }),
      )
    },
    async send(index, { data, durationMs }, payment) {
      const fields = {
        index: BigInt(index),
        sequence: BigInt(index),
        durationMs,
        inputHash: hashChunks([data]),
        profilesHash: profilesHash(DEFAULT_LADDER),
        price: quote.price,
        payment,
      }
      const payerSignature = wallet.signMessage(segmentDigest(orderId, fields))
      await say(channel, { type: 'segment', ...fields, payerSignature }, [data])
      return listen(channel)
    },
  }
}

async function say(
  channel: FrameChannel,
  message: PayerMessage,
  body: readonly Uint8Array[] = [],
): Promise<void> {
  await channel.send(encodePayerMessage(message), body)
}

async function listen(channel: FrameChannel): Promise<Reply> {
  const frame = await channel.receive()
  if (frame === null) throw new Error('the orchestrator ended the stream')
  const message = parseProviderMessage(frame.header)
  if (!message.ok) throw new Error('malformed')
  return { message: message.value, bodyBytes: frame.bodyLength }
}
