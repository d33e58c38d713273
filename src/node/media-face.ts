import type { Delivered } from '../exchange/dispatcher.ts'
import type { StepFailure } from '../exchange/step-failure.ts'
import { isAbort } from '../lib/abort.ts'
import { concatBytes } from '../lib/bytes.ts'
import { MillraceError } from '../lib/errors.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Broadcaster } from '../roles/broadcaster.ts'

/** What players and encoders meet of a broadcaster, free of any HTTP. */
export interface NodeMedia {
  streams(): readonly string[]
  master(stream: string): string | null
  media(stream: string, rendition: string): string | null
  segmentPath(stream: string, rendition: string, seq: number): string | null
  /** What the sender claims of a segment is of no use: it is measured. */
  push(
    stream: string,
    segment: { readonly seq: number; readonly data: Uint8Array },
  ): Promise<Result<PushedRenditions, PushRefusal>>
  end(stream: string): Promise<void>
}

/** A pushed segment's renditions. */
export interface PushedRenditions {
  readonly renditions: readonly { readonly name: string; readonly data: Uint8Array }[]
}

/** Why a pushed segment was not published. */
export interface PushRefusal {
  readonly code: string
  readonly message: string
  /** HTTP status: 409 sent before, 422 the segment itself, 503 nobody to work it. */
  readonly status: number
}

/** The media face of a broadcaster. */
export function createNodeMedia(broadcaster: Broadcaster): NodeMedia {
  return {
    streams: () => broadcaster.streams().map(({ name }) => name),
    master: (name) => broadcaster.stream(name)?.packager.master() ?? null,
    media: (name, rendition) => broadcaster.stream(name)?.packager.media(rendition) ?? null,
    segmentPath: (name, rendition, seq) =>
      broadcaster.stream(name)?.packager.segment(rendition, seq) ?? null,
    async push(name, { seq, data }) {
      try {
        // An encoder that was running before this node began does not count from 0.
        const stream = await broadcaster.openStream(name, seq)
        const delivered = await stream.submit({ seq, data })
        return delivered.ok ? ok(renditionsOf(delivered.value)) : err(refusalOf(delivered.error))
      } catch (error) {
        if (isAbort(error))
          return err({ code: 'SHUTTING_DOWN', message: 'the node is stopping', status: 503 })
        if (error instanceof MillraceError)
          return err({ code: error.code, message: error.message, status: 503 })
        throw error
      }
    },
    async end(name) {
      await broadcaster.stream(name)?.end()
    },
  }
}

function renditionsOf({ renditions }: Delivered): PushedRenditions {
  return { renditions: renditions.map(({ name, data }) => ({ name, data: concatBytes(...data) })) }
}

/** Streams that are only played here: nothing can be pushed to them. */
export type NodePlayer = Pick<NodeMedia, 'streams' | 'master' | 'media' | 'segmentPath'>

/** What a broadcaster publishes beside what a viewer plays. */
export function joinMedia(media: NodeMedia | null, player: NodePlayer | null): NodeMedia | null {
  if (player === null) return media
  const message = 'this node takes no streams'
  const refusal = err({ code: 'NOT_A_BROADCASTER', message, status: 503 } as const)
  return {
    streams: () => [...(media?.streams() ?? []), ...player.streams()],
    master: (name) => media?.master(name) ?? player.master(name),
    media: (name, rendition) => media?.media(name, rendition) ?? player.media(name, rendition),
    segmentPath: (name, rendition, seq) =>
      media?.segmentPath(name, rendition, seq) ?? player.segmentPath(name, rendition, seq),
    push: async (name, segment) => media?.push(name, segment) ?? refusal,
    end: async (name) => media?.end(name),
  }
}

/** Faults of the segment itself, ours to find or the provider's; whoever else works it. */
const UNREADABLE: ReadonlySet<string> = new Set([
  ...['TOO_LARGE', 'NOT_MPEGTS', 'NO_VIDEO', 'UNSUPPORTED_CODEC', 'TOO_MANY_PIXELS'],
  ...['TOO_MANY_FRAMES', 'BAD_TIMESTAMPS', 'NO_KEYFRAME', 'SEGMENT_UNREADABLE'],
])

function refusalOf({ code, detail }: StepFailure): PushRefusal {
  if (code === 'DUPLICATE_SEQUENCE') return { code, message: detail, status: 409 }
  return { code, message: detail, status: UNREADABLE.has(code) ? 422 : 503 }
}
