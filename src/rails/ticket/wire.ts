import { minimalUint, readUint } from '../../lib/bytes.ts'
import { addressBytes, addressFromBytes } from '../../lib/crypto/address.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import * as wire from '../../net/wire/ticket.ts'
import { ticketLimits } from './limits.ts'
import type { TicketBatch, TicketParams } from './ticket.ts'

/** Ticket params as an offer or a grant carries them. */
export function encodeTicketParams(params: TicketParams): Uint8Array {
  return wire.TicketParams.encode(toWire(params))
}

/** Parses an offer or grant from the network. */
export function parseTicketParams(bytes: Uint8Array): Result<TicketParams, 'MALFORMED'> {
  if (bytes.byteLength > ticketLimits.maxParamsBytes) return err('MALFORMED')
  try {
    return ok(fromWire(wire.TicketParams.decode(bytes)))
  } catch {
    return err('MALFORMED')
  }
}

/** A batch of tickets as a payment carries it. */
export function encodeTicketPayment(batch: TicketBatch): Uint8Array {
  return wire.TicketPayment.encode({
    params: toWire(batch.params),
    sender: addressBytes(batch.sender),
    creationRound: batch.expirationParams.creationRound,
    creationRoundBlockHash: batch.expirationParams.creationRoundBlockHash,
    tickets: batch.senderParams.map(({ senderNonce, sig }) => ({ senderNonce, signature: sig })),
  })
}

/** Parses a payment from the network; counts and lengths are checked, nothing else. */
export function parseTicketPayment(bytes: Uint8Array): Result<TicketBatch, 'MALFORMED'> {
  if (bytes.byteLength > ticketLimits.maxPaymentBytes) return err('MALFORMED')
  try {
    const message = wire.TicketPayment.decode(bytes, {
      limits: { tickets: ticketLimits.maxTicketsPerPayment },
    })
    if (message.params === undefined || message.tickets.length === 0) return err('MALFORMED')
    return ok({
      params: fromWire(message.params),
      sender: addressFromBytes(message.sender),
      expirationParams: {
        creationRound: message.creationRound,
        creationRoundBlockHash: exactly32(message.creationRoundBlockHash),
      },
      senderParams: message.tickets.map(({ senderNonce, signature }) => ({
        senderNonce,
        sig: signature,
      })),
    })
  } catch {
    return err('MALFORMED')
  }
}

function toWire(params: TicketParams): wire.TicketParams {
  return {
    recipient: addressBytes(params.recipient),
    faceValue: minimalUint(params.faceValue),
    winProb: minimalUint(params.winProb),
    recipientRandHash: params.recipientRandHash,
    seed: params.seed,
    expirationBlock: params.expirationBlock,
    creationRound: params.expirationParams.creationRound,
    creationRoundBlockHash: params.expirationParams.creationRoundBlockHash,
  }
}

function fromWire(message: wire.TicketParams): TicketParams {
  return {
    recipient: addressFromBytes(message.recipient),
    faceValue: readUint(message.faceValue),
    winProb: readUint(message.winProb),
    recipientRandHash: exactly32(message.recipientRandHash),
    seed: exactly32(message.seed),
    expirationBlock: message.expirationBlock,
    expirationParams: {
      creationRound: message.creationRound,
      creationRoundBlockHash: exactly32(message.creationRoundBlockHash),
    },
  }
}

function exactly32(bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength !== 32) throw new RangeError('expected 32 bytes')
  return bytes
}
