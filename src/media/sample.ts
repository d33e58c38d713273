import { createHash, randomUUID } from 'node:crypto'
import { access, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { AbortOptions } from '../lib/abort.ts'
import { MillraceError } from '../lib/errors.ts'
import { createWorkingDirectory, forkMediaChild, untilReady } from './child.ts'
import type { SampleReply, SampleRequest, SampleSpec } from './worker/protocol.ts'

/** Raised when the picture or the sound changes, so that old caches are not used. */
const SAMPLE_VERSION = 1

/** The sample's looks; every field has a default that suits two cores. */
export interface SampleInit extends Partial<SampleSpec> {
  /** Where the finished file is kept; made when missing. */
  readonly cacheDirectory: string
  /** Told how much is made, in seconds of video; not called when the file is there already. */
  readonly onProgress?: (madeSeconds: number, totalSeconds: number) => void
}

const DEFAULTS: SampleSpec = {
  seconds: 30,
  width: 640,
  height: 360,
  fps: 30,
  gopSeconds: 2,
  crf: 26,
}

/**
 * Makes the default test video, or finds it in the cache, and gives its path.
 *
 * A zoom with turning hues and a drawn arpeggio, H.264 and stereo AAC in MP4, key frames where
 * 2-second segments begin. Generated from formulas, so it is nobody's footage (CC0). The same
 * parameters give the same bytes. The file appears under its name only when it is whole.
 */
export async function createSample(init: SampleInit, options: AbortOptions = {}): Promise<string> {
  const { cacheDirectory, onProgress, ...wanted } = init
  const spec: SampleSpec = { ...DEFAULTS, ...wanted }
  const parameters = JSON.stringify([SAMPLE_VERSION, Object.entries(spec).sort(byKey)])
  const key = createHash('sha256').update(parameters).digest('hex').slice(0, 12)
  const path = join(cacheDirectory, `sample-${spec.seconds}s-${key}.mp4`)
  const exists = await access(path).then(
    () => true,
    () => false,
  )
  if (exists) return path
  await mkdir(cacheDirectory, { recursive: true })
  const draft = `${path}.${randomUUID()}.tmp`
  try {
    await make(draft, spec, (seconds) => onProgress?.(seconds, spec.seconds), options)
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
  return path
}

function byKey([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1
}

async function make(
  path: string,
  spec: SampleSpec,
  onProgress: (seconds: number) => void,
  { signal }: AbortOptions,
): Promise<void> {
  const directory = await createWorkingDirectory()
  const child = forkMediaChild<SampleRequest, SampleReply>('sample', directory.path)
  const fail = (message: string, meta: object = {}): MillraceError =>
    new MillraceError('SAMPLE_FAILED', message, { meta: { ...meta } })
  try {
    const ready = await untilReady(child, signal)
    if (ready.type === 'fault') throw fail(ready.message, ready.meta)
    await new Promise<void>((resolve, reject) => {
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
      child.onReply((reply) => {
        if (reply.type === 'progress') onProgress(reply.seconds)
        if (reply.type === 'made') resolve()
        if (reply.type === 'fault') reject(fail(reply.message, { reported: reply.code }))
      })
      void child.exited.then((exit) =>
        reject(fail('the process that makes the sample ended', exit)),
      )
      child.send({ type: 'make', path, spec })
    })
  } finally {
    child.kill()
    await child.exited
    await directory.release()
  }
}
