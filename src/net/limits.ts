const KIB = 1024
const MIB = 1024 * KIB

/** Limit: header bytes of one frame, unless a protocol asks for another cap. */
export const DEFAULT_MAX_HEADER_BYTES = 64 * KIB

/** Limit: body bytes of one frame, unless a protocol asks for another cap. */
export const DEFAULT_MAX_BODY_BYTES = 0

/** Limit: a sender hands the stream at most so many bytes before it looks for backpressure. */
export const SEND_SLICE_BYTES = 128 * KIB

/** Limit: bytes that a reader holds unread before it pauses the stream. */
export const READ_HIGH_WATER_BYTES = MIB

/** Limit: a paused reader asks for more once it holds fewer bytes than this. */
export const READ_LOW_WATER_BYTES = 256 * KIB

/** Limit: a sender that sees no progress for so long gives the stream up. */
export const DEFAULT_SEND_IDLE_MS = 60_000

/** Limit: a frame that has begun must make progress at least this often. */
export const DEFAULT_FRAME_IDLE_MS = 30_000

/** Limit: how long a closing side waits for the other side's end of stream. */
export const CLOSE_GRACE_MS = 5_000

/** Limit: how long `stop()` waits for stream handlers before it cuts their connections. */
export const STOP_GRACE_MS = 2_000

/** Limit: `request()` as a whole, unless the caller gives another. */
export const DEFAULT_REQUEST_TIMEOUT_MS = 10_000

/** Limit: opening a stream, the dial included. */
export const OPEN_TIMEOUT_MS = 10_000

/** Limit: streams of one protocol that one peer may have open here, unless the protocol differs. */
export const DEFAULT_MAX_INBOUND_STREAMS = 8

/**
 * Limit: flow-control window of one stream.
 *
 * Invariant: not above {@link MAX_READ_BUFFER_BYTES}, else a paused stream is reset by its own muxer.
 * The initial window stays the protocol's: the far side assumes it.
 */
export const MAX_STREAM_WINDOW_BYTES = 2 * MIB

/** Limit: bytes that the muxer holds for a paused stream. */
export const MAX_READ_BUFFER_BYTES = 5 * MIB

/** Limit: bytes that the muxer queues for a stream whose far side does not read. */
export const MAX_WRITE_BUFFER_BYTES = 4 * MIB

/** Limit: streams of all protocols that one connection may open here. */
export const MAX_INBOUND_STREAMS_PER_CONNECTION = 64

/** Limit: streams that may arrive before a connection is ready to serve them. */
export const MAX_EARLY_STREAMS = 10

/** Limit: connections in all; beyond it the least used are closed. */
export const MAX_CONNECTIONS = 300

/** Limit: inbound connections that are not yet encrypted and multiplexed. */
export const MAX_PENDING_INBOUND_CONNECTIONS = 64

/** Limit: inbound connections per second from one host. */
export const INBOUND_CONNECTIONS_PER_SECOND = 10

/** Limit: the same where many nodes share one loopback address. */
export const INBOUND_CONNECTIONS_PER_SECOND_LOOPBACK = 1_000

/** Limit: first wait before a lost bootstrap peer is dialled again; doubles from there. */
export const BOOTSTRAP_BACKOFF_MIN_MS = 200

/** Limit: longest wait between two dials of a bootstrap peer. */
export const BOOTSTRAP_BACKOFF_MAX_MS = 5_000

/** Limit: one dial of a bootstrap peer. */
export const BOOTSTRAP_DIAL_TIMEOUT_MS = 5_000

/** Limit: addresses of one peer that are tried. */
export const MAX_ADDRESSES_PER_PEER = 16

/** Limit: data of one gossip frame, control messages included. */
export const MAX_GOSSIP_FRAME_BYTES = 256 * KIB

/** Limit: gossip bytes queued for one peer that does not read. */
export const MAX_GOSSIP_OUTBOUND_BYTES = 4 * MIB

/** Limit: one published message; leaves room in a frame for the envelope. */
export const MAX_GOSSIP_MESSAGE_BYTES = 64 * KIB

/** Limit: memory for one peer's topic subscriptions. */
export const MAX_TOPIC_BYTES_PER_PEER = 64 * KIB

/** Limit: messages whose validator has not answered; more are ignored. */
export const MAX_PENDING_VALIDATIONS = 256

/** Limit: peers on one address before they cost each other score. */
export const IP_COLOCATION_THRESHOLD = 10

/** Limit: how long a publication waits for a way to all who are known to listen. */
export const PUBLISH_WAIT_MS = 2_000

/** How often it looks for one. */
export const PUBLISH_POLL_MS = 10
