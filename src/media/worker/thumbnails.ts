import type { FilterContext, Frame } from 'node-av/lib'
import { THUMB_HEIGHT, THUMB_WIDTH } from '../likeness.ts'
import { allocFrame, buildGraph, check, drain, openTransportStream, withScope } from './native.ts'
import { decode, demux } from './transcode.ts'

const CODE = 'DECODE_FAILED'

/**
 * The frames of an inspected segment as small grey pictures, in the order they are shown.
 *
 * @param packets how many coded pictures are decoded, from the first; all when absent
 */
export async function thumbnailsOf(
  bytes: Buffer,
  frameLimit: number,
  packets?: number,
): Promise<readonly Uint8Array[]> {
  return withScope(async (scope) => {
    const source = demux(scope, openTransportStream(scope, bytes))
    const videoPackets = source.videoPackets.slice(0, packets)
    const scaled = allocFrame(scope)
    const pictures: Uint8Array[] = []
    let ends: readonly FilterContext[] | null = null
    await decode(scope, { ...source, videoPackets }, frameLimit, (frame) => {
      ends ??= buildGraph(scope, describe(frame), ['buffer@in', 'buffersink@out'])
      const [entry, sink] = ends as readonly [FilterContext, FilterContext]
      check(entry.buffersrcAddFrameSync(frame), CODE, 'the filters refused a frame')
      drain(
        scaled,
        (holder) => sink.buffersinkGetFrameSync(holder),
        CODE,
        (holder) => void pictures.push(greyOf(holder)),
      )
    })
    return pictures
  })
}

function describe(frame: Frame): string {
  const args = [
    `video_size=${frame.width}x${frame.height}`,
    `pix_fmt=${frame.format}`,
    'time_base=1/90000',
  ].join(':')
  const scale = `scale=${THUMB_WIDTH}:${THUMB_HEIGHT}:flags=area,format=gray`
  return `buffer@in=${args},${scale},buffersink@out`
}

/** Rows without their padding, as bytes of our own: the frame's are the library's. */
function greyOf(frame: Frame): Uint8Array {
  const plane = frame.data?.[0]
  const stride = frame.linesize[0] as number
  const picture = new Uint8Array(THUMB_WIDTH * THUMB_HEIGHT)
  if (plane === undefined || plane === null) return picture
  for (let row = 0; row < THUMB_HEIGHT; row++) {
    const at = row * stride
    picture.set(plane.subarray(at, at + THUMB_WIDTH), row * THUMB_WIDTH)
  }
  return picture
}
