/** Named limits of content. */
export const contentLimits = {
  /** Limit: bytes of one block; a segment is one. */
  maxBlockBytes: 16 * 1024 * 1024,
  /** Limit: segments of one format. */
  maxSegments: 10_000,
  /** Limit: formats of one video. */
  maxFormats: 16,
  /** Limit: characters of a format's name. */
  maxFormatLength: 64,
  /** Limit: bytes of a table of contents or a directory: 41 a link, and some for each name. */
  maxManifestBytes: 512 * 1024,
} as const
