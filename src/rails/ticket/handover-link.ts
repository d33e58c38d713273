import type { AbortOptions } from '../../lib/abort.ts'
import { addressBytes } from '../../lib/crypto/address.ts'
import { messageOf } from '../../lib/errors.ts'
import { err, type Result } from '../../lib/result.ts'
import type { NetHost } from '../../net/host.ts'
import type { Binding } from '../../net/identity.ts'
import type { PeerTarget } from '../../net/lanes.ts'
import { ticketLimits } from './limits.ts'
import {
  encodeRedeemRequest,
  parseRedeemReply,
  REDEEM_PROTOCOL,
  type RedeemAnswer,
  type RedeemQuestion,
} from './redeem-wire.ts'

/** Why a redeemer gave no answer. */
export interface LinkFault {
  /** For a person. */
  readonly detail: string
  /** When it may be worth asking again; 0 if unknown. */
  readonly retryAfterMs: number
}

/** The way to a redeemer. */
export interface RedeemerLink {
  readonly peerId: string
  ask(
    question: Pick<RedeemQuestion, 'winners' | 'asked' | 'stored'>,
    options: AbortOptions,
  ): Promise<Result<RedeemAnswer, LinkFault>>
}

/** The way to the redeemer at a peer, which this node's binding opens. */
export function createRedeemerLink(
  components: { readonly host: Pick<NetHost, 'request'>; readonly binding: Binding },
  init: { readonly chainId: bigint; readonly redeemer: PeerTarget },
): RedeemerLink {
  const { host, binding } = components
  const { chainId, redeemer } = init
  const { peerSignature, walletSignature } = binding
  const recipient = { address: addressBytes(binding.address), peerSignature, walletSignature }
  return {
    peerId: redeemer.peerId,
    async ask(question, { signal }) {
      const request = encodeRedeemRequest({ chainId, recipient, ...question })
      const maxHeaderBytes = ticketLimits.maxRedeemReplyBytes
      let reply: Uint8Array
      try {
        reply = await host.request(redeemer, REDEEM_PROTOCOL, request, { maxHeaderBytes, signal })
      } catch (error) {
        signal?.throwIfAborted()
        return err({ detail: messageOf(error), retryAfterMs: 0 })
      }
      const answer = parseRedeemReply(reply, question)
      if (!answer.ok) return err({ detail: 'its answer cannot be read', retryAfterMs: 0 })
      if (!('refusal' in answer.value)) return { ok: true, value: answer.value }
      const { code, detail, retryAfterMs } = answer.value.refusal
      return err({ detail: `it refuses: ${code}, ${detail}`, retryAfterMs })
    },
  }
}
