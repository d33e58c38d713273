import type { Likeness } from '../likeness.ts'
import type { Probe } from '../probe.ts'
import type { Profile } from '../profile.ts'

/** What a worker process is for; decided at its start, so that it loads nothing else. */
export type WorkerKind = 'jobs' | 'segmenter' | 'sample' | 'hardware'

/** How renditions are made: the library's own encoder, or one run of a system ffmpeg. */
export interface BackendSpec {
  readonly kind: 'node-av' | 'system'
  /** Encoder by its ffmpeg name. */
  readonly encoder: string
  /** Path of the system ffmpeg; empty for node-av. */
  readonly ffmpegPath: string
}

/** How much of two segments is compared: the first frame of each, or all frames. */
export type CompareExtent = 'first' | 'all'

/** Parent to job worker. */
export type JobRequest =
  | {
      readonly type: 'transcode'
      readonly data: readonly Uint8Array[]
      readonly durationMs: number
      readonly profiles: readonly Profile[]
      readonly backend: BackendSpec
    }
  | { readonly type: 'probe'; readonly data: readonly Uint8Array[] }
  | {
      readonly type: 'compare'
      readonly data: readonly Uint8Array[]
      readonly other: readonly Uint8Array[]
      readonly extent: CompareExtent
    }

/** One finished rendition as it leaves the worker. */
export interface RenditionReply {
  readonly profile: string
  readonly data: Uint8Array
  readonly probe: Probe
}

/** A fault as it crosses the process boundary. */
export interface FaultReply {
  readonly type: 'fault'
  readonly code: string
  readonly message: string
  readonly meta: Readonly<Record<string, unknown>>
  /** Whether no codec ran, so that the process is as good as before. */
  readonly clean: boolean
}

/** Worker to parent, any kind: it has started and can take its first request. */
export interface ReadyReply {
  readonly type: 'ready'
  /** Whether the built-in codec library could be loaded. */
  readonly libraryLoads: boolean
}

/** Job worker to parent. */
export type JobReply =
  | ReadyReply
  | {
      readonly type: 'transcoded'
      readonly source: Probe
      readonly renditions: readonly RenditionReply[]
      readonly transcodeMs: number
    }
  | { readonly type: 'probed'; readonly probe: Probe }
  | { readonly type: 'compared'; readonly likeness: Likeness }
  | FaultReply

/** How a file is cut: by copying its packets or by making new ones. */
export type SegmentMode = 'auto' | 'copy' | 'encode'

/** Parent to segmenter. A `pull` allows one more segment. */
export type SegmenterRequest =
  | {
      readonly type: 'open'
      readonly path: string
      readonly segmentMs: number
      readonly maxDurationMs: number | null
      readonly mode: SegmentMode
    }
  | { readonly type: 'pull' }

/** Segmenter to parent. */
export type SegmenterReply =
  | ReadyReply
  | {
      readonly type: 'opened'
      readonly mode: 'copy' | 'encode'
      readonly durationMs: number | null
    }
  | {
      readonly type: 'segment'
      readonly seq: number
      readonly data: Uint8Array
      readonly durationMs: number
      readonly probe: Probe
    }
  | { readonly type: 'end' }
  | FaultReply

/** What the sample is made of; all of it is part of the cache key. */
export interface SampleSpec {
  readonly seconds: number
  readonly width: number
  readonly height: number
  readonly fps: number
  readonly gopSeconds: number
  readonly crf: number
}

/** Parent to sample maker. */
export interface SampleRequest {
  readonly type: 'make'
  readonly path: string
  readonly spec: SampleSpec
}

/** Sample maker to parent. */
export type SampleReply =
  | ReadyReply
  | { readonly type: 'progress'; readonly seconds: number }
  | { readonly type: 'made' }
  | FaultReply

/** Parent to the throw-away child that tries hardware encoders. */
export interface HardwareRequest {
  readonly type: 'try'
  readonly encoders: readonly string[]
}

/** The encoders that made a picture which decoded again. */
export type HardwareReply =
  | ReadyReply
  | { readonly type: 'works'; readonly encoders: readonly string[] }
  | FaultReply
