import { minimalUint, readUint } from '../../lib/bytes.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import * as wire from '../../net/wire/channel.ts'
import { channelLimits } from './limits.ts'

/** The stream on which a payee asks its payer to close a channel at once. */
export const CLOSE_PROTOCOL = '/millrace/close/1.0.0'

/** What a payer says to that. */
export type CloseVerdict = 'AGREED' | 'UNREADABLE' | 'NOT_OPEN' | 'NOT_SIGNED' | 'NOT_OWED'

/** A channel to be closed, and what its payee is to get of it. */
export interface CloseRequest {
  /** 32 bytes. */
  readonly channel: Uint8Array
  /** In the asset's smallest unit. */
  readonly quantity: bigint
  /** 65 bytes. */
  readonly payeeSignature: Uint8Array
}

/** A payer's answer; with its signature when it agrees. */
export interface CloseReply {
  readonly verdict: CloseVerdict
  /** 65 bytes, or none. */
  readonly payerSignature: Uint8Array
}

/** A request as the payee sends it. */
export function encodeCloseRequest({ quantity, ...rest }: CloseRequest): Uint8Array {
  return wire.CloseRequest.encode({ ...rest, quantity: minimalUint(quantity) })
}

/** Parses a request from the network; the signature is not looked at. */
export function parseCloseRequest(bytes: Uint8Array): Result<CloseRequest, 'MALFORMED'> {
  if (bytes.byteLength > channelLimits.maxCloseBytes) return err('MALFORMED')
  try {
    const { channel, quantity: raw, payeeSignature } = wire.CloseRequest.decode(bytes)
    const quantity = readUint(raw)
    const isWhole = channel.byteLength === 32 && payeeSignature.byteLength === 65
    if (!isWhole || quantity > channelLimits.maxQuantity) return err('MALFORMED')
    return ok({ channel, quantity, payeeSignature })
  } catch {
    return err('MALFORMED')
  }
}

/** An answer as the payer sends it. */
export function encodeCloseReply({ verdict, payerSignature }: CloseReply): Uint8Array {
  return wire.CloseReply.encode({ verdict: wire.CloseVerdict[verdict], payerSignature })
}

/** Parses a payer's answer. */
export function parseCloseReply(bytes: Uint8Array): Result<CloseReply, 'MALFORMED'> {
  if (bytes.byteLength > channelLimits.maxCloseBytes) return err('MALFORMED')
  try {
    const { verdict, payerSignature } = wire.CloseReply.decode(bytes)
    if (verdict === wire.CloseVerdict.CLOSE_UNSPECIFIED) return err('MALFORMED')
    const length = verdict === wire.CloseVerdict.AGREED ? 65 : 0
    return payerSignature.byteLength === length ? ok({ verdict, payerSignature }) : err('MALFORMED')
  } catch {
    return err('MALFORMED')
  }
}
