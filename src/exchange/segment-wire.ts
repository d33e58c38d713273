import { concatBytes, minimalUint, readUint, u64, u256, utf8 } from '../lib/bytes.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Ratio, Wei } from '../lib/wei.ts'
import { sha256 } from '../market/quote.ts'
import * as wire from '../net/wire/segment.ts'
import { exchangeLimits } from './limits.ts'
import type { WireErrorCode } from './wire-error.ts'

/** Protocol of an order's stream. */
export const SEGMENT_PROTOCOL = '/millrace/segment/1.0.0'
/** Protocol for paying, or asking for a grant, beside the bulk. */
export const PAYMENT_PROTOCOL = '/millrace/payment/1.0.0'

/** One segment as the payer hands it over; the body travels beside it. */
export interface SegmentMessage {
  readonly type: 'segment'
  readonly index: bigint
  readonly sequence: bigint
  readonly durationMs: number
  readonly inputHash: Uint8Array
  readonly profilesHash: Uint8Array
  readonly price: Ratio
  readonly payment: Uint8Array
  readonly payerSignature: Uint8Array
}

/** What a payer says on an order's stream. */
export type PayerMessage =
  | { readonly type: 'open'; readonly orderId: Uint8Array; readonly manifestId: string }
  | SegmentMessage
  | { readonly type: 'payment'; readonly orderId: Uint8Array; readonly payment: Uint8Array }

/** One rendition of a result. */
export interface RenditionMessage {
  readonly name: string
  readonly lengthBytes: number
  readonly outputHash: Uint8Array
  readonly pixels: bigint
}

/** A worked segment; the renditions travel beside it. */
export interface ResultMessage {
  readonly type: 'result'
  readonly index: bigint
  readonly renditions: readonly RenditionMessage[]
  readonly units: bigint
  readonly debited: Wei
  readonly credit: Wei
  readonly grant: Uint8Array | null
  readonly workMs: number
  readonly providerSignature: Uint8Array
}

/** A typed refusal. */
export interface ErrorMessage {
  readonly type: 'error'
  readonly code: WireErrorCode
  readonly index: bigint | null
  readonly detail: string
  readonly credit: Wei
  readonly grant: Uint8Array | null
  /** What must be paid at least before the segment is sent again; 0 unless the balance is low. */
  readonly missing: Wei
}

/** What a provider says on an order's stream. */
export type ProviderMessage =
  | {
      readonly type: 'accepted'
      readonly orderId: Uint8Array
      readonly credit: Wei
      /** All that was ever credited under the order; less the credit, it is what was charged. */
      readonly credited: Wei
      readonly grant: Uint8Array | null
      readonly maxInFlight: number
    }
  | ResultMessage
  | {
      readonly type: 'paid'
      readonly credited: Wei
      readonly credit: Wei
      readonly grant: Uint8Array | null
    }
  | ErrorMessage

const SEGMENT_DOMAIN = utf8('millrace/segment/1\n')
const RESULT_DOMAIN = utf8('millrace/result/1\n')

/** What the payer's wallet signs: everything of a segment that decides what is owed for it. */
export function segmentDigest(
  orderId: Uint8Array,
  segment: Omit<SegmentMessage, 'type' | 'payerSignature'>,
): Uint8Array {
  return sha256(
    SEGMENT_DOMAIN,
    orderId,
    u64(segment.index),
    u64(segment.sequence),
    u64(segment.durationMs),
    segment.inputHash,
    segment.profilesHash,
    u256(segment.price.num),
    u256(segment.price.den),
    sha256(segment.payment),
  )
}

/** What the provider's wallet signs: this input became these outputs, under this order. */
export function resultDigest(
  orderId: Uint8Array,
  inputHash: Uint8Array,
  result: Pick<ResultMessage, 'index' | 'renditions' | 'units' | 'debited'>,
): Uint8Array {
  const outputs = result.renditions.map(({ name, outputHash, pixels }) =>
    sha256(sha256(utf8(name)), outputHash, u64(pixels)),
  )
  return sha256(
    RESULT_DOMAIN,
    orderId,
    u64(result.index),
    inputHash,
    u64(result.units),
    u256(result.debited),
    concatBytes(...outputs),
  )
}

/** Encodes what a payer says. */
export function encodePayerMessage(message: PayerMessage): Uint8Array {
  switch (message.type) {
    case 'open': {
      const { orderId, manifestId } = message
      return wire.PayerMessage.encode({ open: { orderId, manifestId } })
    }
    case 'payment': {
      const { orderId, payment } = message
      return wire.PayerMessage.encode({ payment: { orderId, payment } })
    }
    case 'segment': {
      const { price, type: _, ...rest } = message
      const segment = {
        ...rest,
        priceNum: minimalUint(price.num),
        priceDen: minimalUint(price.den),
      }
      return wire.PayerMessage.encode({ segment })
    }
  }
}

/** Parses what a payer says; lengths are checked, meaning is not. */
export function parsePayerMessage(bytes: Uint8Array): Result<PayerMessage, 'MALFORMED'> {
  try {
    const message = wire.PayerMessage.decode(bytes)
    if (message.open !== undefined) {
      const { orderId, manifestId } = message.open
      if (orderId.byteLength !== 16) return err('MALFORMED')
      if (manifestId.length > exchangeLimits.maxManifestIdLength) return err('MALFORMED')
      return ok({ type: 'open', orderId, manifestId })
    }
    if (message.payment !== undefined) {
      const { orderId, payment } = message.payment
      return orderId.byteLength === 16
        ? ok({ type: 'payment', orderId, payment })
        : err('MALFORMED')
    }
    if (message.segment === undefined) return err('MALFORMED')
    const { priceNum, priceDen, ...segment } = message.segment
    const isWhole = segment.inputHash.byteLength === 32 && segment.profilesHash.byteLength === 32
    const price = { num: readUint(priceNum), den: readUint(priceDen) }
    if (!isWhole || segment.durationMs < 1 || price.den === 0n) return err('MALFORMED')
    return ok({ type: 'segment', ...segment, price })
  } catch {
    return err('MALFORMED')
  }
}

/** Encodes what a provider says. */
export function encodeProviderMessage(message: ProviderMessage): Uint8Array {
  const grantOf = (grant: Uint8Array | null): Uint8Array => grant ?? new Uint8Array(0)
  switch (message.type) {
    case 'accepted': {
      const { orderId, credit, credited, grant, maxInFlight } = message
      const amounts = { credit: creditBytes(credit), credited: minimalUint(credited) }
      const accepted = { orderId, ...amounts, grant: grantOf(grant), maxInFlight }
      return wire.ProviderMessage.encode({ accepted })
    }
    case 'result': {
      const { type: _, debited, credit, grant, renditions, ...rest } = message
      return wire.ProviderMessage.encode({
        result: {
          ...rest,
          renditions: [...renditions],
          debited: minimalUint(debited),
          credit: creditBytes(credit),
          grant: grantOf(grant),
        },
      })
    }
    case 'paid': {
      const { credited, credit, grant } = message
      const paid = {
        credited: minimalUint(credited),
        credit: creditBytes(credit),
        grant: grantOf(grant),
      }
      return wire.ProviderMessage.encode({ paid })
    }
    case 'error': {
      const { code, index, detail, credit, grant, missing } = message
      const error = { detail, credit: creditBytes(credit), grant: grantOf(grant) }
      const withCode = { ...error, missing: minimalUint(missing), code: wire.WireErrorCode[code] }
      return wire.ProviderMessage.encode({
        error: index === null ? withCode : { ...withCode, index },
      })
    }
  }
}

/** Parses what a provider says. */
export function parseProviderMessage(bytes: Uint8Array): Result<ProviderMessage, 'MALFORMED'> {
  try {
    const message = wire.ProviderMessage.decode(bytes, { limits: { result: { renditions: 8 } } })
    if (message.accepted !== undefined) {
      const { orderId, grant, maxInFlight } = message.accepted
      const credit = readUint(message.accepted.credit)
      const credited = readUint(message.accepted.credited)
      if (credit > credited) return err('MALFORMED')
      return ok({
        type: 'accepted',
        orderId,
        credit,
        credited,
        grant: grantOf(grant),
        maxInFlight,
      })
    }
    if (message.paid !== undefined) {
      const { credited, credit, grant } = message.paid
      return ok({
        type: 'paid',
        credited: readUint(credited),
        credit: readUint(credit),
        grant: grantOf(grant),
      })
    }
    if (message.result !== undefined) {
      const { debited, credit, grant, ...rest } = message.result
      const amounts = {
        debited: readUint(debited),
        credit: readUint(credit),
        grant: grantOf(grant),
      }
      return ok({ type: 'result', ...rest, ...amounts })
    }
    if (message.error === undefined) return err('MALFORMED')
    const { code, index, detail, credit, grant, missing } = message.error
    return ok({
      type: 'error',
      code: code === 'ERROR_UNSPECIFIED' ? 'INTERNAL' : code,
      index: index ?? null,
      detail: detail.slice(0, exchangeLimits.maxDetailLength),
      credit: readUint(credit),
      grant: grantOf(grant),
      missing: readUint(missing),
    })
  } catch {
    return err('MALFORMED')
  }
}

function grantOf(bytes: Uint8Array): Uint8Array | null {
  return bytes.byteLength === 0 ? null : bytes
}

function creditBytes(credit: Wei): Uint8Array {
  return minimalUint(credit < 0n ? 0n : credit)
}
