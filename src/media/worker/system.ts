import { type ChildProcess, spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import { MillraceError } from '../../lib/errors.ts'
import { MAX_FRAME_PIXELS, MAX_SEGMENT_BYTES } from '../limits.ts'
import type { Probe } from '../probe.ts'
import { fpsOf, type Profile } from '../profile.ts'

/** Limits of the child set by the shell: address space in KiB, CPU seconds, open files, no core. */
const ULIMITS = 'ulimit -v 2000000 2>/dev/null; ulimit -t 60; ulimit -n 64; ulimit -c 0; exec "$@"'

/** Most of the child's complaint that is kept. */
const MAX_STDERR_BYTES = 2_000

/** A job for the system's ffmpeg, after its bytes were inspected. */
export interface SystemJob {
  readonly bytes: Uint8Array
  readonly probe: Probe
  readonly profiles: readonly Profile[]
  readonly encoder: string
  readonly frameLimit: number
  readonly ffmpegPath: string
}

function videoArgs(profile: Profile, encoder: string, fps: number): readonly string[] {
  const rate = String(profile.bitrateBps)
  const bFrames = profile.h264Profile === 'main' || profile.h264Profile === 'high' ? '3' : '0'
  const h264 = profile.h264Profile === 'constrained-high' ? 'high' : profile.h264Profile
  const software = ['-preset', 'veryfast', '-threads', '1', '-x264-params', 'cpu-independent=1']
  return [
    ...['-c:v', encoder, ...(encoder === 'libx264' ? software : [])],
    ...['-profile:v', h264, '-bf', bFrames, '-flags', '+cgop'],
    ...['-g', String(Math.max(1, Math.round(profile.gopSeconds * fps)))],
    ...['-b:v', rate, '-minrate', rate, '-maxrate', rate, '-bufsize', rate],
  ]
}

/** The command line: forced demuxer, pipes only, caps on pixels and frames, times kept. */
export function systemArgs(job: Omit<SystemJob, 'bytes' | 'ffmpegPath'>): readonly string[] {
  const { profiles, probe, encoder, frameLimit } = job
  const upload = encoder.endsWith('_vaapi') ? ',format=nv12,hwupload' : ',format=yuv420p'
  const chains = profiles.map((profile, i) => {
    const rate = profile.fps === 'source' ? '' : `,fps=${profile.fps.num}/${profile.fps.den}`
    return `[s${i}]scale=${profile.width}:${profile.height}:flags=bicubic${rate}${upload}[o${i}]`
  })
  const split = `[0:v:0]split=${profiles.length}${profiles.map((_, i) => `[s${i}]`).join('')}`
  const outputs = profiles.flatMap((profile, i) => [
    ...['-map', `[o${i}]`, ...(probe.audio === null ? [] : ['-map', '0:a:0', '-c:a', 'copy'])],
    ...videoArgs(profile, encoder, fpsOf(profile, probe.video.fps)),
    ...(profile.fps === 'source' ? ['-vsync', 'passthrough'] : []),
    ...['-frames:v', String(frameLimit), '-muxdelay', '0', '-muxpreload', '0'],
    ...['-f', 'mpegts', `pipe:${3 + i}`],
  ])
  return [
    ...['-nostdin', '-v', 'error', '-xerror', '-protocol_whitelist', 'pipe'],
    ...(encoder.endsWith('_vaapi') ? ['-vaapi_device', '/dev/dri/renderD128'] : []),
    ...['-max_pixels', String(MAX_FRAME_PIXELS), '-threads', '1', '-f', 'mpegts', '-copyts'],
    ...['-i', 'pipe:0', '-filter_complex', [split, ...chains].join(';'), ...outputs],
  ]
}

async function collect(stream: Readable, child: ChildProcess): Promise<Buffer> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer)
    sizeBytes += (chunk as Buffer).length
    if (sizeBytes > MAX_SEGMENT_BYTES) child.kill('SIGKILL')
  }
  return Buffer.concat(chunks)
}

/** Transcodes an inspected segment with one run of the system's ffmpeg. */
export async function transcodeSystem(job: SystemJob): Promise<readonly Buffer[]> {
  const args = [job.ffmpegPath, ...systemArgs(job)]
  const [command, ...rest] =
    process.platform === 'win32' ? args : ['/bin/sh', '-c', ULIMITS, 'sh', ...args]
  const pipes = job.profiles.map(() => 'pipe' as const)
  const child = spawn(command as string, rest, {
    stdio: ['pipe', 'ignore', 'pipe', ...pipes],
    env: {},
    cwd: process.cwd(),
  })
  const stop = (): void => void child.kill('SIGKILL')
  process.once('exit', stop)
  try {
    const exited = new Promise<number | null>((resolve, reject) => {
      child.once('error', reject)
      child.once('exit', resolve)
    })
    const complaint: Buffer[] = []
    child.stderr?.on('data', (chunk: Buffer) => {
      if (complaint.length < 16) complaint.push(chunk.subarray(0, MAX_STDERR_BYTES))
    })
    // It may stop reading before the end; the exit code tells the rest.
    child.stdin?.on('error', () => {})
    child.stdin?.end(job.bytes)
    const outputs = job.profiles.map((_, i) => collect(child.stdio[3 + i] as Readable, child))
    const [code, ...data] = await Promise.all([exited, ...outputs])
    if (code !== 0) {
      const stderr = Buffer.concat(complaint).toString('utf8').slice(0, MAX_STDERR_BYTES)
      const meta = { exitCode: code, stderr }
      throw new MillraceError('ENCODE_FAILED', 'ffmpeg could not transcode the segment', { meta })
    }
    return data
  } finally {
    process.off('exit', stop)
    stop()
  }
}
