import { exchangeLimits } from '../../src/exchange/limits.ts'
import {
  encodePayerMessage,
  type PayerMessage,
  type ProviderMessage,
  parseProviderMessage,
  SEGMENT_PROTOCOL,
} from '../../src/exchange/segment-wire.ts'
import type { FrameChannel } from '../../src/net/frame-channel.ts'
import type { PeerTarget } from '../../src/net/lanes.ts'
import type { PayerNode, ProviderNode } from './fixtures-exchange.ts'

/** A provider as a target to dial. */
export function peerOf({ host }: ProviderNode): PeerTarget {
  return { peerId: host.peerId, addresses: host.addresses() }
}

/** A stream of the segment protocol on which nothing was said. */
export async function connect(payer: PayerNode, provider: ProviderNode): Promise<FrameChannel> {
  return payer.host.open(peerOf(provider), SEGMENT_PROTOCOL, {
    lane: 'bulk',
    maxHeaderBytes: exchangeLimits.maxHeaderBytes,
    maxBodyBytes: exchangeLimits.maxResultBytes,
  })
}

/** Says something as a payer, whatever the order of things. */
export async function say(
  channel: FrameChannel,
  message: PayerMessage,
  body: readonly Uint8Array[] = [],
): Promise<void> {
  await channel.send(encodePayerMessage(message), body)
}

/** The provider's next word, and how much came with it. */
export async function reply(
  channel: FrameChannel,
): Promise<{ readonly message: ProviderMessage; readonly bodyBytes: number }> {
  const frame = await channel.receive()
  if (frame === null) throw new Error('the provider ended the stream')
  const message = parseProviderMessage(frame.header)
  if (!message.ok) throw new Error('malformed')
  return { message: message.value, bodyBytes: frame.bodyLength }
}
