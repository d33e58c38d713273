import { createHmac, timingSafeEqual } from 'node:crypto'
import { concatBytes, utf8 } from '../lib/bytes.ts'

/** Which side of the greeting proves that it has the secret. */
export type ProofSide = 'worker' | 'orchestrator'

/** What a proof is bound to: both peers, as the connection knows them, and a nonce of each. */
export interface ProofContext {
  readonly workerPeerId: string
  readonly orchestratorPeerId: string
  /** 32 bytes. */
  readonly workerNonce: Uint8Array
  /** 32 bytes. */
  readonly orchestratorNonce: Uint8Array
}

const DOMAIN = 'millrace/transcode/1'

/**
 * HMAC-SHA256 that proves knowledge of a pool's secret without showing it:
 * `"millrace/transcode/1\n" ‖ side ‖ "\n" ‖ worker peer id ‖ "\n" ‖ orchestrator peer id ‖ "\n" ‖
 * worker nonce ‖ orchestrator nonce`.
 *
 * A peer id has no line break, so no two contexts share an input; the side keeps one side's proof
 * from being sent back as the other's.
 */
export function secretProof(secret: string, side: ProofSide, context: ProofContext): Uint8Array {
  const { workerPeerId, orchestratorPeerId, workerNonce, orchestratorNonce } = context
  const head = utf8(`${[DOMAIN, side, workerPeerId, orchestratorPeerId].join('\n')}\n`)
  const input = concatBytes(head, workerNonce, orchestratorNonce)
  return new Uint8Array(createHmac('sha256', secret).update(input).digest())
}

/** Whether a proof is by someone with the secret; takes the same time wherever it is wrong. */
export function checkSecretProof(
  secret: string,
  side: ProofSide,
  context: ProofContext,
  mac: Uint8Array,
): boolean {
  const expected = secretProof(secret, side, context)
  return mac.byteLength === expected.byteLength && timingSafeEqual(mac, expected)
}
