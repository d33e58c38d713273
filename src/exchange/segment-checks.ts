import { toHex } from '../lib/bytes.ts'
import { verifySignature } from '../lib/crypto/eip191.ts'
import { compareRatio } from '../lib/wei.ts'
import { type Chunks, hashChunks } from './chunks.ts'
import { type Order, orderIdBytes } from './order.ts'
import { type SegmentMessage, segmentDigest } from './segment-wire.ts'
import type { WireErrorCode } from './wire-error.ts'

/** A refusal before it is put on the wire. */
export interface SegmentRefusal {
  readonly code: WireErrorCode
  readonly detail: string
}

/** Everything of a segment that can be refused before money or work is touched; null is fine. */
export function checkSegment(
  order: Order,
  profilesHash: string,
  segment: SegmentMessage,
  body: Chunks,
): SegmentRefusal | null {
  const no = (code: WireErrorCode, detail: string): SegmentRefusal => ({ code, detail })
  const misfit = (detail: string): SegmentRefusal =>
    no('SEGMENT_FORMAT_DIDNT_MATCH_JOB_INPUT_PARAMS', detail)
  const { price, segmentMs } = order
  if (compareRatio(segment.price, price) !== 0) {
    return no('PRICE_MISMATCH', `this order's price is ${price.num}/${price.den} wei a pixel`)
  }
  if (toHex(segment.profilesHash) !== profilesHash) {
    return misfit('other profiles than the order was quoted for')
  }
  if (segment.durationMs > 2 * segmentMs) {
    return misfit(`${segment.durationMs} ms, the order was quoted for ${segmentMs} ms`)
  }
  const digest = segmentDigest(orderIdBytes(order), segment)
  if (!verifySignature(order.payer, digest, segment.payerSignature)) {
    return no('BAD_SIGNATURE', 'the segment is not signed by the payer')
  }
  if (toHex(hashChunks(body)) !== toHex(segment.inputHash)) {
    return no('BAD_SIGNATURE', 'the body is not the one that was signed')
  }
  return null
}
