import type { DigestSigner } from '../../lib/crypto/digest-signer.ts'
import { recoverDigestSigner } from '../../lib/crypto/eip712.ts'
import type { Logger } from '../../lib/logger.ts'
import type { NetHost } from '../../net/host.ts'
import type { FrameHandler } from '../../net/inbound.ts'
import {
  CLOSE_PROTOCOL,
  type CloseReply,
  type CloseVerdict,
  encodeCloseReply,
  parseCloseRequest,
} from './close-wire.ts'
import { channelLimits } from './limits.ts'
import type { PayerChannel, PayerStore } from './payer-store.ts'
import type { ChannelChain } from './ports.ts'
import { transferredAmount } from './settlement.ts'
import { closeDigest } from './terms.ts'
import type { ChannelTurns } from './turns.ts'

/** What a payer's consent works with. */
export interface CloseDeskComponents {
  readonly host: Pick<NetHost, 'handle'>
  readonly chain: ChannelChain
  readonly channels: PayerStore
  readonly signer: DigestSigner
  readonly turns: ChannelTurns
  readonly logger: Logger
}

/** A payer's consent to closings, for payees that ask. */
export interface CloseDesk {
  start(): Promise<void>
  /**
   * The answer to a request.
   *
   * Invariant: it signs nothing above what was committed, and once it has signed it pays nothing more
   * on the channel; that is on the disk before the signature leaves.
   */
  take(request: Uint8Array): Promise<CloseReply>
}

/** Answers payees that want their channel closed at once. */
export function createCloseDesk(components: CloseDeskComponents): CloseDesk {
  const { host, channels, turns } = components
  const take = async (bytes: Uint8Array): Promise<CloseReply> => {
    const request = parseCloseRequest(bytes)
    if (!request.ok) return no('UNREADABLE')
    const channel = channels.get(request.value.channel)
    if (channel === undefined) return no('NOT_OPEN')
    return turns(channel)(async () => agree(components, channel, request.value))
  }
  return {
    take,
    async start() {
      const handle: FrameHandler = async (stream, { signal }) => {
        const frame = await stream.receive({ signal })
        if (frame === null) return
        await stream.send(encodeCloseReply(await take(frame.header)), [], { signal })
      }
      await host.handle(CLOSE_PROTOCOL, handle, {
        maxInboundStreams: channelLimits.maxCloseStreamsPerPeer,
        maxHeaderBytes: channelLimits.maxCloseBytes,
        maxBodyBytes: 0,
      })
    },
  }
}

async function agree(
  { chain, channels, signer, logger }: CloseDeskComponents,
  channel: PayerChannel,
  { quantity, payeeSignature }: { readonly quantity: bigint; readonly payeeSignature: Uint8Array },
): Promise<CloseReply> {
  const { record, terms } = channel
  if (record.stage !== 'open') return no('NOT_OPEN')
  const digest = closeDigest(chain.domain, channel.id, quantity)
  const asker = recoverDigestSigner(digest, payeeSignature)
  if (!asker.ok || asker.value !== terms.payee) return no('NOT_SIGNED')
  if (quantity > transferredAmount(chain.domain, record.state)) return no('NOT_OWED')
  await channels.put(channel, { ...record, isClosing: true }, true)
  logger.info({ channel: channel.key, quantity }, 'a channel is closed by agreement')
  return { verdict: 'AGREED', payerSignature: signer.signDigest(digest) }
}

function no(verdict: CloseVerdict): CloseReply {
  return { verdict, payerSignature: new Uint8Array() }
}
