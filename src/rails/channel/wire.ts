import { minimalUint, readUint } from '../../lib/bytes.ts'
import { type Address, addressBytes, addressFromBytes } from '../../lib/crypto/address.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import * as wire from '../../net/wire/channel.ts'
import { channelLimits } from './limits.ts'

/** On which terms a payee takes payments by channel. Times in blocks. */
export interface ChannelOffer {
  readonly payee: Address
  readonly asset: Address
  readonly contract: Address
  readonly maxDelay: number
  readonly minExpire: number
  readonly confirmations: number
  readonly minDeposit: bigint
  /** Of a new channel, 20 bytes. */
  readonly spendHash: Uint8Array
  /** 32 bytes from which the payee derives the new channel's secrets; given back with payments. */
  readonly seed: Uint8Array
  /** Of the new channel's first commits, 20 bytes each. */
  readonly revokeHashes: readonly Uint8Array[]
  /** For the channel that there is already. */
  readonly grant: ChannelGrant | null
}

/** What a payer needs for its next commits. */
export interface ChannelGrant {
  /** 32 bytes. */
  readonly channel: Uint8Array
  readonly credited: bigint
  readonly requested: bigint
  /** 20 bytes each. */
  readonly revokeHashes: readonly Uint8Array[]
  /** The payee's highest commit, as evidence of what is credited. */
  readonly highest: { readonly script: Uint8Array; readonly rawtx: Uint8Array } | null
}

/** A signed commit, and the channel it is of. */
export interface ChannelPayment {
  readonly depositScript: Uint8Array
  readonly seed: Uint8Array
  readonly commitScript: Uint8Array
  readonly commitRawtx: Uint8Array
  /** What it is to put into its order's credit; null for all that the commit adds. */
  readonly value: bigint | null
}

/** Payments taken back. */
export interface ChannelReversal {
  readonly channel: Uint8Array
  readonly revokeSecrets: readonly Uint8Array[]
}

/** An offer as a quote carries it. */
export function encodeOffer(offer: ChannelOffer): Uint8Array {
  return wire.ChannelOffer.encode({
    payee: addressBytes(offer.payee),
    asset: addressBytes(offer.asset),
    contract: addressBytes(offer.contract),
    maxDelay: offer.maxDelay,
    minExpire: offer.minExpire,
    confirmations: offer.confirmations,
    minDeposit: minimalUint(offer.minDeposit),
    spendSecretHash: offer.spendHash,
    seed: offer.seed,
    revokeSecretHashes: [...offer.revokeHashes],
    ...(offer.grant === null ? {} : { grant: grantToWire(offer.grant) }),
  })
}

/** Parses an offer from the network. */
export function parseOffer(bytes: Uint8Array): Result<ChannelOffer, 'MALFORMED'> {
  return parsed(bytes, channelLimits.maxOfferBytes, () => {
    const message = wire.ChannelOffer.decode(bytes, {
      limits: {
        revokeSecretHashes: channelLimits.maxRequested,
        grant: { revokeSecretHashes: channelLimits.maxRequested },
      },
    })
    return {
      payee: addressFromBytes(message.payee),
      asset: addressFromBytes(message.asset),
      contract: addressFromBytes(message.contract),
      maxDelay: blocks(message.maxDelay),
      minExpire: blocks(message.minExpire),
      confirmations: blocks(message.confirmations),
      minDeposit: quantity(message.minDeposit),
      spendHash: exactly(20, message.spendSecretHash),
      seed: exactly(32, message.seed),
      revokeHashes: message.revokeSecretHashes.map((hash) => exactly(20, hash)),
      grant: message.grant === undefined ? null : grantFromWire(message.grant),
    }
  })
}

/** A grant as a reply carries it. */
export function encodeGrant(grant: ChannelGrant): Uint8Array {
  return wire.ChannelGrant.encode(grantToWire(grant))
}

/** Parses a grant from the network. */
export function parseGrant(bytes: Uint8Array): Result<ChannelGrant, 'MALFORMED'> {
  return parsed(bytes, channelLimits.maxGrantBytes, () =>
    grantFromWire(
      wire.ChannelGrant.decode(bytes, {
        limits: { revokeSecretHashes: channelLimits.maxRequested },
      }),
    ),
  )
}

/** A payment as a segment carries it. */
export function encodePayment(payment: ChannelPayment): Uint8Array {
  const { value, ...rest } = payment
  const none = new Uint8Array(0)
  return wire.ChannelPayment.encode({ ...rest, value: value === null ? none : minimalUint(value) })
}

/** Parses a payment from the network; what the commit says is looked into later. */
export function parsePayment(bytes: Uint8Array): Result<ChannelPayment, 'MALFORMED'> {
  return parsed(bytes, channelLimits.maxProofBytes, () => {
    const message = wire.ChannelPayment.decode(bytes)
    return {
      depositScript: exactly(160, message.depositScript),
      seed: exactly(32, message.seed),
      commitScript: exactly(96, message.commitScript),
      commitRawtx: exactly(192, message.commitRawtx),
      value: message.value.byteLength === 0 ? null : quantity(message.value),
    }
  })
}

/** A reversal as the payee sends it. */
export function encodeReversal({ channel, revokeSecrets }: ChannelReversal): Uint8Array {
  return wire.ChannelReversal.encode({ channel, revokeSecrets: [...revokeSecrets] })
}

/** Parses a reversal from the network. */
export function parseReversal(bytes: Uint8Array): Result<ChannelReversal, 'MALFORMED'> {
  return parsed(bytes, channelLimits.maxReversalBytes, () => {
    const message = wire.ChannelReversal.decode(bytes, {
      limits: { revokeSecrets: channelLimits.maxRevoked },
    })
    return {
      channel: exactly(32, message.channel),
      revokeSecrets: message.revokeSecrets.map((secret) => exactly(32, secret)),
    }
  })
}

function grantToWire(grant: ChannelGrant): wire.ChannelGrant {
  const none = new Uint8Array(0)
  return {
    channel: grant.channel,
    credited: minimalUint(grant.credited),
    requested: minimalUint(grant.requested),
    revokeSecretHashes: [...grant.revokeHashes],
    commitScript: grant.highest?.script ?? none,
    commitRawtx: grant.highest?.rawtx ?? none,
  }
}

function grantFromWire(message: wire.ChannelGrant): ChannelGrant {
  const { channel, commitScript, commitRawtx } = message
  return {
    channel: exactly(32, channel),
    credited: quantity(message.credited),
    requested: quantity(message.requested),
    revokeHashes: message.revokeSecretHashes.map((hash) => exactly(20, hash)),
    highest:
      commitRawtx.byteLength === 0
        ? null
        : { script: exactly(96, commitScript), rawtx: exactly(192, commitRawtx) },
  }
}

function parsed<T>(bytes: Uint8Array, most: number, decode: () => T): Result<T, 'MALFORMED'> {
  if (bytes.byteLength > most) return err('MALFORMED')
  try {
    return ok(decode())
  } catch {
    return err('MALFORMED')
  }
}

function quantity(bytes: Uint8Array): bigint {
  const value = readUint(bytes)
  if (value > channelLimits.maxQuantity) throw new RangeError('quantity')
  return value
}

function blocks(value: number): number {
  if (value > channelLimits.maxSequence) throw new RangeError('blocks')
  return value
}

function exactly(size: number, bytes: Uint8Array): Uint8Array {
  if (bytes.byteLength !== size) throw new RangeError(`expected ${size} bytes`)
  return bytes
}
