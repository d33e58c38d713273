import { likenessOf } from '../likeness.ts'
import { MAX_FRAMES_PER_SECOND, MAX_SPAN_RATIO, SPAN_SLACK_MS } from '../limits.ts'
import { InspectionError, inspectOrThrow } from './inspection.ts'
import type { BackendSpec, CompareExtent, JobReply, JobRequest } from './protocol.ts'

/** Loads the codec library ahead of the first job; without it only a system ffmpeg can be used. */
export async function warmUp(): Promise<boolean> {
  try {
    const [{ AV_LOG_QUIET }, { Log }] = await Promise.all([
      import('node-av/constants'),
      import('node-av/lib'),
    ])
    await import('./transcode.ts')
    Log.setLevel(AV_LOG_QUIET)
    return true
  } catch {
    return false
  }
}

/** The chunks as one piece: the codecs read a segment as a whole. One chunk is not copied. */
function joined(data: readonly Uint8Array[]): Buffer {
  const [only] = data
  return data.length === 1 && only !== undefined
    ? Buffer.from(only.buffer, only.byteOffset, only.byteLength)
    : Buffer.concat(data)
}

async function encode(
  backend: BackendSpec,
  job: Parameters<typeof import('./transcode.ts').transcodeNative>[0],
): Promise<readonly Uint8Array[]> {
  if (backend.kind === 'system') {
    const { transcodeSystem } = await import('./system.ts')
    return transcodeSystem({ ...job, ffmpegPath: backend.ffmpegPath })
  }
  const { transcodeNative } = await import('./transcode.ts')
  return transcodeNative(job)
}

/** Decodes both segments, inspected first, and measures how alike they look. */
async function compare(one: Buffer, other: Buffer, extent: CompareExtent): Promise<JobReply> {
  const { thumbnailsOf } = await import('./thumbnails.ts')
  const pictures = async (bytes: Buffer): Promise<readonly Uint8Array[]> => {
    const { video } = inspectOrThrow(bytes)
    return thumbnailsOf(bytes, video.frames + 1, extent === 'first' ? 1 : undefined)
  }
  const likeness = likenessOf(await pictures(one), await pictures(other))
  return { type: 'compared', likeness }
}

/** Does one job. What it throws has a code; the bytes were inspected before any codec sees them. */
export async function runJob(request: JobRequest): Promise<JobReply> {
  const bytes = joined(request.data)
  if (request.type === 'probe') return { type: 'probed', probe: inspectOrThrow(bytes) }
  if (request.type === 'compare') return compare(bytes, joined(request.other), request.extent)
  const began = process.hrtime.bigint()
  const { durationMs, profiles, backend } = request
  const source = inspectOrThrow(bytes, durationMs)
  if (!source.video.keyframeFirst) {
    throw new InspectionError('NO_KEYFRAME', 'the segment does not begin with an IDR picture')
  }
  const spanMs = durationMs * MAX_SPAN_RATIO + SPAN_SLACK_MS
  const outputs = await encode(backend, {
    bytes,
    probe: source,
    profiles,
    encoder: backend.encoder,
    frameLimit: Math.ceil((spanMs / 1000) * MAX_FRAMES_PER_SECOND),
  })
  const renditions = outputs.map((data, i) => ({
    profile: profiles[i]?.name ?? '',
    data,
    probe: inspectOrThrow(data, durationMs),
  }))
  const transcodeMs = Number(process.hrtime.bigint() - began) / 1e6
  return { type: 'transcoded', source, renditions, transcodeMs }
}
