import { addressBytes, addressFromBytes } from '../../lib/crypto/address.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import * as wire from '../../net/wire/channel.ts'
import { channelLimits } from './limits.ts'
import { type ChannelState, initialState } from './state.ts'
import { bareBytes, bareHex, type ChannelDomain, parseTerms } from './terms.ts'

/** The stream on which payers give away what was revoked. */
export const WATCH_PROTOCOL = '/millrace/watch/1.0.0'

/** What a watchtower says to a request. */
export type WatchVerdict = 'WATCHING' | 'MALFORMED' | 'WRONG_CHAIN' | 'NO_CHANNEL' | 'BUSY'

/** A channel to be watched over: of its state, only what was revoked. */
export interface WatchRequest {
  readonly domain: ChannelDomain
  readonly state: ChannelState
}

/** A request, with as much of a state as a watchtower may know. */
export function encodeWatchRequest({ domain, state }: WatchRequest): Uint8Array {
  return wire.WatchRequest.encode({
    chainId: domain.chainId,
    contract: addressBytes(domain.contract),
    depositScript: bareBytes(state.deposit_script),
    revoked: state.commits_revoked.map(({ script, revoke_secret }) => ({
      commitScript: bareBytes(script),
      revokeSecret: bareBytes(revoke_secret),
    })),
  })
}

/** Parses a request from the network; whether its secrets fit is looked at with the state. */
export function parseWatchRequest(bytes: Uint8Array): Result<WatchRequest, 'MALFORMED'> {
  if (bytes.byteLength > channelLimits.maxWatchRequestBytes) return err('MALFORMED')
  try {
    const message = wire.WatchRequest.decode(bytes, {
      limits: { revoked: channelLimits.maxRevoked },
    })
    const terms = parseTerms(message.depositScript)
    if (terms === null) return err('MALFORMED')
    const commits_revoked = message.revoked.map(({ commitScript, revokeSecret }) => ({
      script: bareHex(commitScript),
      revoke_secret: bareHex(revokeSecret),
    }))
    const domain = { chainId: message.chainId, contract: addressFromBytes(message.contract) }
    const state = initialState(terms, bareHex(message.depositScript))
    return ok({ domain, state: { ...state, commits_revoked } })
  } catch {
    return err('MALFORMED')
  }
}

/** A verdict as it is sent. */
export function encodeWatchReply(verdict: WatchVerdict): Uint8Array {
  return wire.WatchReply.encode({ verdict: wire.WatchVerdict[verdict] })
}

/** Parses a watchtower's verdict. */
export function parseWatchReply(bytes: Uint8Array): Result<WatchVerdict, 'MALFORMED'> {
  try {
    const { verdict } = wire.WatchReply.decode(bytes)
    return verdict === wire.WatchVerdict.VERDICT_UNSPECIFIED ? err('MALFORMED') : ok(verdict)
  } catch {
    return err('MALFORMED')
  }
}
