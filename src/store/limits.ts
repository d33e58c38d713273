/** Named limits of the store. */
export const storeLimits = {
  /** Limit: bytes of one encoded value; state here is small, media never enters the store. */
  maxValueBytes: 1024 * 1024,
  /** Limit: LevelDB's write buffer. Recovery after a crash takes time in proportion to it. */
  writeBufferBytes: 4 * 1024 * 1024,
} as const
