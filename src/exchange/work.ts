import type { AbortOptions } from '../lib/abort.ts'
import { toHex } from '../lib/bytes.ts'
import { verifySignature } from '../lib/crypto/eip191.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { priceOf } from '../lib/wei.ts'
import { checkRendition, type Probe } from '../media/probe.ts'
import type { Profile } from '../media/profile.ts'
import { type Chunks, hashChunks, splitChunks } from './chunks.ts'
import { type Order, orderIdBytes } from './order.ts'
import { type ResultMessage, resultDigest } from './segment-wire.ts'
import type { WireErrorCode } from './wire-error.ts'

/** A segment to be worked. */
export interface WorkJob {
  readonly data: Chunks
  readonly durationMs: number
  readonly profiles: readonly Profile[]
}

/** One output of a job. */
export interface WorkOutput {
  readonly name: string
  readonly data: Uint8Array
  readonly pixels: bigint
}

/** A job done. */
export interface WorkDone {
  readonly outputs: readonly WorkOutput[]
  readonly workMs: number
}

/** A job refused or failed, in the wire's terms. */
export interface WorkFault {
  readonly code: Extract<
    WireErrorCode,
    'BUSY' | 'SEGMENT_UNREADABLE' | 'WORK_FAILED' | 'SHUTTING_DOWN'
  >
  readonly detail: string
}

/** What does the work: this machine, or later a pool. */
export interface Worker {
  work(job: WorkJob, options: AbortOptions): Promise<Result<WorkDone, WorkFault>>
}

/** Looks into a segment without decoding it. */
export interface Prober {
  probe(
    data: Chunks,
    options: AbortOptions,
  ): Promise<Result<Probe, { code: string; message: string }>>
}

/** A rendition as the payer accepted it. */
export interface Rendition {
  readonly name: string
  readonly data: Chunks
  readonly probe: Probe
}

/** Why a payer does not accept a result. */
export interface ResultFault {
  readonly code:
    | 'BAD_SIGNATURE'
    | 'WRONG_RENDITIONS'
    | 'WRONG_HASH'
    | 'WRONG_UNITS'
    | 'OVERCHARGED'
    | 'UNREADABLE_RENDITION'
    | 'WRONG_RENDITION'
  readonly detail: string
}

/** What a result is judged by. */
export interface ResultExpectation {
  readonly order: Order
  readonly inputHash: Uint8Array
  readonly source: Probe
  readonly durationMs: number
  readonly prober: Prober
}

/**
 * Judges a result before it is published: signed by the provider, one rendition a profile, the
 * bytes hashed as signed, probed as asked, and charged at no more than the quote's price for the
 * pixels that are really there.
 */
export async function verifyResult(
  result: ResultMessage,
  body: Chunks,
  expected: ResultExpectation,
  options: AbortOptions,
): Promise<Result<Rendition[], ResultFault>> {
  const fault = (code: ResultFault['code'], detail: string) => err({ code, detail })
  const { order } = expected
  const digest = resultDigest(orderIdBytes(order), expected.inputHash, result)
  if (!verifySignature(order.provider, digest, result.providerSignature)) {
    return fault('BAD_SIGNATURE', 'the result is not signed by the provider')
  }
  const names = result.renditions.map(({ name }) => name).join()
  const wanted = order.profiles.map(({ name }) => name).join()
  if (names !== wanted) return fault('WRONG_RENDITIONS', `asked for ${wanted}, got ${names}`)
  let parts: Chunks[]
  try {
    parts = splitChunks(
      body,
      result.renditions.map(({ lengthBytes }) => lengthBytes),
    )
  } catch {
    return fault('WRONG_HASH', 'the body is not as long as its renditions')
  }
  const renditions: Rendition[] = []
  let pixels = 0n
  for (const [i, profile] of order.profiles.entries()) {
    const data = parts[i] as Chunks
    const header = result.renditions[i] as ResultMessage['renditions'][number]
    if (toHex(hashChunks(data)) !== toHex(header.outputHash)) {
      return fault('WRONG_HASH', `${profile.name} is not what was signed`)
    }
    const probe = await expected.prober.probe(data, options)
    if (!probe.ok) return fault('UNREADABLE_RENDITION', `${profile.name}: ${probe.error.code}`)
    const checked = checkRendition(expected.source, probe.value, profile, expected.durationMs)
    if (!checked.ok) {
      const { code, expected: want, actual } = checked.error
      return fault('WRONG_RENDITION', `${profile.name}: ${code}, expected ${want}, got ${actual}`)
    }
    const { width, height, frames } = probe.value.video
    if (header.pixels !== BigInt(width) * BigInt(height) * BigInt(frames)) {
      return fault('WRONG_UNITS', `${profile.name}: ${header.pixels} pixels claimed`)
    }
    pixels += header.pixels
    renditions.push({ name: profile.name, data, probe: probe.value })
  }
  if (result.units !== pixels)
    return fault('WRONG_UNITS', `${result.units} pixels charged, ${pixels} there`)
  if (result.debited > priceOf(pixels, order.price)) {
    return fault('OVERCHARGED', `${result.debited} wei for ${pixels} pixels`)
  }
  return ok(renditions)
}
