import type { Address } from '../../lib/crypto/address.ts'
import type { DigestSigner } from '../../lib/crypto/digest-signer.ts'
import { recoverDigestSigner } from '../../lib/crypto/eip712.ts'
import type { Logger } from '../../lib/logger.ts'
import type { NetHost } from '../../net/host.ts'
import type { PeerTarget } from '../../net/lanes.ts'
import { CLOSE_PROTOCOL, encodeCloseRequest, parseCloseReply } from './close-wire.ts'
import { channelLimits } from './limits.ts'
import type { PayeeChannel } from './payee-store.ts'
import type { ChannelDomain } from './terms.ts'
import { closeDigest } from './terms.ts'
import { closeCall } from './unsigned.ts'

/**
 * What came of asking for a closing: the transaction that closes the channel, a refusal, or nobody.
 */
export type ClosingAnswer = { readonly closeRawtx: string } | 'refused' | 'away'

/** A payee's way to its payers' consent. */
export interface CloseLink {
  /** Asks a channel's payer to close it at once, so much of it to this node. */
  ask(channel: PayeeChannel, quantity: bigint, signal: AbortSignal): Promise<ClosingAnswer>
}

/** Asks payers where their last orders came from. */
export function createCloseLink(
  components: {
    readonly host: Pick<NetHost, 'request'>
    readonly signer: DigestSigner
    readonly logger: Logger
    /** Where a payer may be, the likeliest first. */
    peersOf(payer: Address): Promise<readonly PeerTarget[]>
  },
  init: { readonly domain: ChannelDomain },
): CloseLink {
  const { host, signer, logger, peersOf } = components
  const { domain } = init
  return {
    async ask({ id, key, terms }, quantity, signal) {
      const digest = closeDigest(domain, id, quantity)
      const payeeSig = signer.signDigest(digest)
      const request = encodeCloseRequest({ channel: id, quantity, payeeSignature: payeeSig })
      for (const peer of await peersOf(terms.payer)) {
        try {
          const reply = parseCloseReply(
            await host.request(peer, CLOSE_PROTOCOL, request, {
              ...{ maxHeaderBytes: channelLimits.maxCloseBytes, signal },
              timeoutMs: channelLimits.closeTimeoutMs,
            }),
          )
          if (!reply.ok || reply.value.verdict !== 'AGREED') {
            const verdict = reply.ok ? reply.value.verdict : reply.error
            logger.info({ channel: key, verdict }, 'a payer does not agree to a closing')
            return 'refused'
          }
          const { payerSignature: payerSig } = reply.value
          const payer = recoverDigestSigner(digest, payerSig)
          if (!payer.ok || payer.value !== terms.payer) return 'refused'
          return { closeRawtx: closeCall(domain, terms, { quantity, payerSig, payeeSig }) }
        } catch (error) {
          signal.throwIfAborted()
          logger.debug({ err: error, channel: key, peer: peer.peerId }, 'a payer is not there')
        }
      }
      return 'away'
    },
  }
}
