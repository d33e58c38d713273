/** Limit: bytes of one segment, source or rendition. */
export const MAX_SEGMENT_BYTES = 16 * 1024 * 1024

/** Limit: renditions of one job. */
export const MAX_PROFILES = 8

/** Limit: declared duration of one segment, in ms. */
export const MAX_SEGMENT_DURATION_MS = 30_000

/** Limit: pixels of one coded frame, a little over 3840×2160. */
export const MAX_FRAME_PIXELS = 9_000_000

/** Limit: frames a second of a source segment; beyond it a job is refused. */
export const MAX_FRAMES_PER_SECOND = 61

/** Limit: how far timestamps may span, as a multiple of the declared duration. */
export const MAX_SPAN_RATIO = 1.2

/** Slack in ms added to the span limit, so that very short segments are not refused for rounding. */
export const SPAN_SLACK_MS = 250

/** Limit: jobs waiting for a worker before the pool answers `BUSY`. */
export const MAX_QUEUED_JOBS = 16

/** Limit: worker processes of one pool, without the warm spare. */
export const MAX_WORKERS = 64

/** Least time a job gets, in ms. */
export const DEADLINE_FLOOR_MS = 8_000

/** A job gets this many times its duration when that is more than the floor. */
export const DEADLINE_RATIO = 4

/** Limit: resident memory of a worker; beyond it the worker is killed. */
export const MAX_WORKER_RSS_BYTES = 1_500_000_000

/** Limit: jobs a worker does before a fresh one takes its place. */
export const MAX_JOBS_PER_WORKER = 200

/** Time a worker gets from fork to its first word, in ms. */
export const WORKER_START_TIMEOUT_MS = 30_000

/** Time a running job gets to finish when its pool stops, in ms. */
export const STOP_DRAIN_MS = 3_000

/** How often the resident memory of busy workers is read, in ms. */
export const RSS_POLL_MS = 500

/** Limit: segments the segmenter makes ahead of its reader. */
export const SEGMENTER_READ_AHEAD = 2

/** Limit: time between two segments while reading a file, in ms; a longer wait is a fault. */
export const SEGMENTER_STALL_MS = 60_000

/** How much of a file is scanned to choose between copying and re-encoding, in ms of media. */
export const SEGMENTER_SCAN_MS = 30_000

/** Limit: packets scanned for that choice. */
export const SEGMENTER_SCAN_PACKETS = 20_000

/** Limit: how far video may run ahead of audio before a segment closes without the missing audio. */
export const SEGMENTER_AUDIO_LAG_MS = 3_000

/** Limit: longest segment that stream copy may make, as a multiple of the wanted length. */
export const SEGMENTER_MAX_COPY_RATIO = 4

/** Limit: segments held back by the packager because an earlier one is missing. */
export const MAX_PENDING_SEGMENTS = 256

/** Segments kept on disk after they leave a rolling window, for players that are a little behind. */
export const WINDOW_GRACE_SEGMENTS = 3
