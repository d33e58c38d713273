import { MillraceError, type MillraceErrorInit } from '../lib/errors.ts'

/**
 * What can go wrong on the network.
 *
 * - `FRAME_TOO_LARGE` a frame announces more than the receiver's cap, or more than a frame can hold
 * - `STREAM_RESET` the far side, or the connection below, ended the stream without finishing it
 * - `STREAM_CLOSED` this side had already closed the stream
 * - `IDLE_TIMEOUT` no byte moved for the time allowed
 * - `TRUNCATED_FRAME` the far side half-closed in the middle of a frame
 * - `NO_REPLY` the far side half-closed without an answer
 * - `PEER_UNREACHABLE` no connection could be made
 * - `PROTOCOL_UNSUPPORTED` connected, but the peer does not speak the protocol
 * - `TOO_MANY_STREAMS` a peer holds as many streams of a protocol as it may
 * - `INVALID_PEER` a peer id or multiaddr that cannot be parsed
 * - `INVALID_PEER_KEY` a key file that holds no Ed25519 key, or that others may read
 * - `TOPIC_NOT_ALLOWED` a gossip topic outside the set fixed at creation
 * - `MESSAGE_TOO_LARGE` a gossip message above the limit
 * - `NET_STOPPED` the host is not running
 * - `DATASTORE_UNAVAILABLE` the peer store's database cannot be opened
 */
export type NetErrorCode =
  | 'FRAME_TOO_LARGE'
  | 'STREAM_RESET'
  | 'STREAM_CLOSED'
  | 'IDLE_TIMEOUT'
  | 'TRUNCATED_FRAME'
  | 'NO_REPLY'
  | 'PEER_UNREACHABLE'
  | 'PROTOCOL_UNSUPPORTED'
  | 'TOO_MANY_STREAMS'
  | 'INVALID_PEER'
  | 'INVALID_PEER_KEY'
  | 'TOPIC_NOT_ALLOWED'
  | 'MESSAGE_TOO_LARGE'
  | 'NET_STOPPED'
  | 'DATASTORE_UNAVAILABLE'

/** An error of this room. */
export type NetError = MillraceError<NetErrorCode>

/** Makes an error of this room. */
export function netError(
  code: NetErrorCode,
  shortMessage: string,
  init?: MillraceErrorInit,
): NetError {
  return new MillraceError(code, shortMessage, init)
}
