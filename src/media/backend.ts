import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { promisify } from 'node:util'
import { type AbortOptions, anySignal } from '../lib/abort.ts'
import { MillraceError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { forkMediaChild, untilReady } from './child.ts'
import type { BackendSpec, HardwareReply, HardwareRequest } from './worker/protocol.ts'

/**
 * Which transcoder a pool uses. `auto`: a hardware encoder that passed a trial, else the built-in
 * library, else the system's ffmpeg. The other two force theirs, in software.
 */
export type BackendPreference = 'auto' | 'node-av' | 'system'

const TRIAL_TIMEOUT_MS = 10_000

/** Encoders that take pictures from memory; VAAPI is left to the system's ffmpeg. */
const LIBRARY_HARDWARE: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['h264_nvenc', 'h264_qsv'],
  darwin: ['h264_videotoolbox'],
  win32: ['h264_nvenc', 'h264_qsv', 'h264_amf'],
}

const SYSTEM_HARDWARE: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['h264_nvenc', 'h264_vaapi'],
  darwin: ['h264_videotoolbox'],
  win32: ['h264_nvenc'],
}

/** Whether a trial is worth a process: on Linux there is no encoder without a device file. */
function mayHaveHardware(): boolean {
  if (process.platform !== 'linux') return true
  return ['/dev/nvidiactl', '/dev/dri/renderD128', '/dev/dxg'].some((path) => existsSync(path))
}

/** The system's ffmpeg by its full path, or null: workers have no search path of their own. */
export function findSystemFfmpeg(): string | null {
  const name = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg'
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '')
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null
}

async function tryLibrary(workingDirectory: string, signal: AbortSignal): Promise<string | null> {
  const encoders = LIBRARY_HARDWARE[process.platform] ?? []
  if (encoders.length === 0) return null
  const child = forkMediaChild<HardwareRequest, HardwareReply>('hardware', workingDirectory)
  try {
    const ready = await untilReady(child, signal)
    if (ready.type !== 'ready') return null
    const reply = new Promise<HardwareReply | null>((resolve) => {
      child.onReply(resolve)
      signal.addEventListener('abort', () => resolve(null), { once: true })
      void child.exited.then(() => resolve(null))
    })
    child.send({ type: 'try', encoders })
    const answer = await reply
    return answer?.type === 'works' ? (answer.encoders[0] ?? null) : null
  } catch {
    return null
  } finally {
    child.kill()
    await child.exited
  }
}

async function trySystem(
  ffmpegPath: string,
  encoder: string,
  signal: AbortSignal,
): Promise<boolean> {
  const upload = encoder.endsWith('_vaapi') ? ['-vf', 'format=nv12,hwupload'] : []
  const device = encoder.endsWith('_vaapi') ? ['-vaapi_device', '/dev/dri/renderD128'] : []
  const source = ['-f', 'lavfi', '-i', 'testsrc2=s=256x144:r=30:d=0.2']
  const args = ['-nostdin', '-v', 'error', ...device, ...source, ...upload]
  try {
    await promisify(execFile)(ffmpegPath, [...args, '-c:v', encoder, '-f', 'null', '-'], { signal })
    return true
  } catch {
    return false
  }
}

/**
 * Decides what a pool transcodes with. `libraryLoads` says whether the built-in library could be
 * loaded in a worker. Throws `NO_TRANSCODER` when nothing is left.
 */
export async function chooseBackend(
  components: { readonly logger: Logger; readonly workingDirectory: string },
  init: { readonly preference: BackendPreference; readonly libraryLoads: boolean },
  options: AbortOptions = {},
): Promise<BackendSpec> {
  const { preference, libraryLoads } = init
  const system = preference === 'node-av' ? null : findSystemFfmpeg()
  const library: BackendSpec = { kind: 'node-av', encoder: 'libx264', ffmpegPath: '' }
  if (preference === 'auto' && mayHaveHardware()) {
    const signal = anySignal([options.signal], TRIAL_TIMEOUT_MS)
    const encoder = libraryLoads ? await tryLibrary(components.workingDirectory, signal) : null
    if (encoder !== null) return { ...library, encoder }
    for (const candidate of system === null ? [] : (SYSTEM_HARDWARE[process.platform] ?? [])) {
      if (await trySystem(system as string, candidate, signal)) {
        return { kind: 'system', encoder: candidate, ffmpegPath: system as string }
      }
    }
  }
  options.signal?.throwIfAborted()
  if (preference !== 'system' && libraryLoads) return library
  if (
    system !== null &&
    (await trySystem(system, 'libx264', anySignal([options.signal], TRIAL_TIMEOUT_MS)))
  ) {
    return { kind: 'system', encoder: 'libx264', ffmpegPath: system }
  }
  throw new MillraceError('NO_TRANSCODER', 'no transcoder works on this machine', {
    hint: 'Install ffmpeg with libx264, or use a platform the built-in library is made for',
    meta: { preference, libraryLoads, systemFfmpeg: system },
  })
}
