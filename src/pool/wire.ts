import { minimalUint, readUint } from '../lib/bytes.ts'
import { type Address, addressBytes, addressFromBytes } from '../lib/crypto/address.ts'
import { err, ok, type Result } from '../lib/result.ts'
import type { Wei } from '../lib/wei.ts'
import type { Ability } from '../media/ability.ts'
import { H264_PROFILES, type H264Profile, type Profile, parseProfiles } from '../media/profile.ts'
import * as wire from '../net/wire/transcode.ts'
import { poolLimits } from './limits.ts'

/** Protocol of a worker's stream. */
export const TRANSCODE_PROTOCOL = '/millrace/transcode/1.0.0'

/** The account that answers and is paid for a worker, and its word for it. */
export interface AccountClaim {
  readonly address: Address
  readonly signature: Uint8Array
}

/** A worker's first word. */
export interface Hello {
  readonly type: 'hello'
  /** 32 bytes. */
  readonly nonce: Uint8Array
  readonly hasSecret: boolean
  readonly slots: number
  readonly ability: Ability
  readonly account: AccountClaim | null
}

/** Why a worker did not do a job. */
export type JobFaultCode = Exclude<
  keyof typeof wire.JobFaultCode,
  'JOB_FAULT_UNSPECIFIED' | 'codec'
>

/** Why an orchestrator does not take a worker, or takes it no longer. */
export type PoolRefusalCode = Exclude<
  keyof typeof wire.PoolRefusalCode,
  'POOL_REFUSAL_UNSPECIFIED' | 'codec'
>

/** A refusal as it travels. */
export interface PoolRefusal {
  readonly code: PoolRefusalCode
  readonly detail: string
  readonly retryAfterMs: number
}

/** A job done; the renditions' bytes are the frame's body, in this order. */
export interface JobDone {
  readonly type: 'done'
  readonly id: bigint
  readonly renditions: readonly { readonly name: string; readonly lengthBytes: number }[]
  readonly workMs: number
}

/** What a worker says. */
export type WorkerMessage =
  | Hello
  | { readonly type: 'proof'; readonly mac: Uint8Array }
  | { readonly type: 'beat'; readonly count: bigint }
  | JobDone
  | {
      readonly type: 'failed'
      readonly id: bigint
      readonly code: JobFaultCode
      readonly detail: string
    }
  | { readonly type: 'drain' }
  | {
      readonly type: 'offer'
      readonly id: bigint
      readonly offer: Uint8Array
      readonly detail: string
    }
  | {
      readonly type: 'receipt'
      readonly id: bigint
      readonly credited: Wei
      readonly detail: string
    }

/** A job on its way to a worker; the segment is the frame's body. */
export interface JobMessage {
  readonly type: 'job'
  readonly id: bigint
  readonly durationMs: number
  readonly deadlineMs: number
  readonly profiles: readonly Profile[]
}

/** What a worker without a chain must know of it to be paid. Hashes have 32 bytes. */
export interface ChainFacts {
  readonly block: bigint
  readonly round: bigint
  readonly roundBlockHash: Uint8Array
  readonly previousRoundBlockHash: Uint8Array
  readonly gasPrice: Wei
  /** The most that one ticket may be worth. */
  readonly maxFloat: Wei
  /** What the payer has deposited. */
  readonly deposit: Wei
}

/** What an orchestrator says. */
export type PoolMessage =
  | { readonly type: 'challenge'; readonly nonce: Uint8Array }
  | {
      readonly type: 'welcome'
      readonly mac: Uint8Array
      readonly chainId: bigint
      readonly payer: Address
    }
  | ({ readonly type: 'refused' } & PoolRefusal)
  | JobMessage
  | { readonly type: 'cancel'; readonly id: bigint }
  | { readonly type: 'beat'; readonly count: bigint }
  | ({ readonly type: 'terms'; readonly id: bigint; readonly due: Wei } & ChainFacts)
  | { readonly type: 'pay'; readonly id: bigint; readonly proof: Uint8Array }

const NONE = new Uint8Array(0)

/** Encodes what a worker says. */
export function encodeWorkerMessage(message: WorkerMessage): Uint8Array {
  switch (message.type) {
    case 'hello':
      return wire.WorkerMessage.encode({ hello: helloToWire(message) })
    case 'proof':
      return wire.WorkerMessage.encode({ proof: { mac: message.mac } })
    case 'beat':
      return wire.WorkerMessage.encode({ beat: { count: message.count } })
    case 'done': {
      const { id, renditions, workMs } = message
      return wire.WorkerMessage.encode({ done: { id, renditions: [...renditions], workMs } })
    }
    case 'failed': {
      const { id, code, detail } = message
      return wire.WorkerMessage.encode({
        failed: { id, code: wire.JobFaultCode[code], detail: shortened(detail) },
      })
    }
    case 'drain':
      return wire.WorkerMessage.encode({ drain: {} })
    case 'offer': {
      const { id, offer, detail } = message
      return wire.WorkerMessage.encode({ offer: { id, offer, detail: shortened(detail) } })
    }
    case 'receipt': {
      const { id, credited, detail } = message
      return wire.WorkerMessage.encode({
        receipt: { id, credited: minimalUint(credited), detail: shortened(detail) },
      })
    }
  }
}

/** Parses what a worker says; lengths and numbers are checked, meaning is not. */
export function parseWorkerMessage(bytes: Uint8Array): Result<WorkerMessage, 'MALFORMED'> {
  try {
    const limits = {
      hello: { h264Profiles: H264_PROFILES.length },
      done: { renditions: poolLimits.maxProfiles },
    }
    const message = wire.WorkerMessage.decode(bytes, { limits })
    const { hello, proof, beat, done, failed, drain, offer, receipt } = message
    if (hello !== undefined) return helloFromWire(hello)
    if (proof !== undefined) return macOf(proof.mac, (mac) => ({ type: 'proof', mac }))
    if (beat !== undefined) return ok({ type: 'beat', count: beat.count })
    if (done !== undefined) return ok({ type: 'done', ...done })
    if (drain !== undefined) return ok({ type: 'drain' })
    if (failed !== undefined) {
      const { id, code, detail } = failed
      if (code === 'JOB_FAULT_UNSPECIFIED') return err('MALFORMED')
      return ok({ type: 'failed', id, code, detail: shortened(detail) })
    }
    if (offer !== undefined) {
      return ok({ type: 'offer', ...offer, detail: shortened(offer.detail) })
    }
    if (receipt === undefined) return err('MALFORMED')
    const { id, credited, detail } = receipt
    return ok({ type: 'receipt', id, credited: readUint(credited), detail: shortened(detail) })
  } catch {
    return err('MALFORMED')
  }
}

/** Encodes what an orchestrator says. */
export function encodePoolMessage(message: PoolMessage): Uint8Array {
  switch (message.type) {
    case 'challenge':
      return wire.PoolMessage.encode({ challenge: { nonce: message.nonce } })
    case 'welcome': {
      const { mac, chainId, payer } = message
      return wire.PoolMessage.encode({ welcome: { mac, chainId, payer: addressBytes(payer) } })
    }
    case 'refused': {
      const { code, detail, retryAfterMs } = message
      const refused = { code: wire.PoolRefusalCode[code], detail: shortened(detail), retryAfterMs }
      return wire.PoolMessage.encode({ refused })
    }
    case 'job': {
      const { id, durationMs, deadlineMs, profiles } = message
      const job = { id, durationMs, deadlineMs, profiles: profiles.map(profileToWire) }
      return wire.PoolMessage.encode({ job })
    }
    case 'cancel':
      return wire.PoolMessage.encode({ cancel: { id: message.id } })
    case 'beat':
      return wire.PoolMessage.encode({ beat: { count: message.count } })
    case 'terms': {
      const { type: _, due, gasPrice, maxFloat, deposit, ...rest } = message
      const amounts = {
        due: minimalUint(due),
        gasPrice: minimalUint(gasPrice),
        maxFloat: minimalUint(maxFloat),
        deposit: minimalUint(deposit),
      }
      return wire.PoolMessage.encode({ terms: { ...rest, ...amounts } })
    }
    case 'pay':
      return wire.PoolMessage.encode({ pay: { id: message.id, proof: message.proof } })
  }
}

/** Parses what an orchestrator says; lengths and numbers are checked, meaning is not. */
export function parsePoolMessage(bytes: Uint8Array): Result<PoolMessage, 'MALFORMED'> {
  try {
    const limits = { job: { profiles: poolLimits.maxProfiles } }
    const message = wire.PoolMessage.decode(bytes, { limits })
    const { challenge, welcome, refused, job, cancel, beat, terms, pay } = message
    if (challenge !== undefined) {
      const { nonce } = challenge
      return nonce.byteLength === 32 ? ok({ type: 'challenge', nonce }) : err('MALFORMED')
    }
    if (welcome !== undefined) {
      const { chainId } = welcome
      const payer = addressFromBytes(welcome.payer)
      return macOf(welcome.mac, (mac) => ({ type: 'welcome', mac, chainId, payer }))
    }
    if (refused !== undefined) {
      const { code, detail, retryAfterMs } = refused
      if (code === 'POOL_REFUSAL_UNSPECIFIED') return err('MALFORMED')
      return ok({ type: 'refused', code, detail: shortened(detail), retryAfterMs })
    }
    if (job !== undefined) return jobFromWire(job)
    if (cancel !== undefined) return ok({ type: 'cancel', id: cancel.id })
    if (beat !== undefined) return ok({ type: 'beat', count: beat.count })
    if (pay !== undefined) return ok({ type: 'pay', ...pay })
    return terms === undefined ? err('MALFORMED') : termsFromWire(terms)
  } catch {
    return err('MALFORMED')
  }
}

function helloToWire({ nonce, hasSecret, slots, ability, account }: Hello): wire.Hello {
  const { h264Profiles, ...rest } = ability
  return {
    nonce,
    hasSecret,
    slots,
    ...rest,
    h264Profiles: [...h264Profiles],
    account: account === null ? NONE : addressBytes(account.address),
    accountSignature: account?.signature ?? NONE,
  }
}

function helloFromWire(hello: wire.Hello): Result<WorkerMessage, 'MALFORMED'> {
  const { nonce, hasSecret, slots, backend, hardware, h264Profiles } = hello
  const { minWidth, minHeight, maxWidth, maxHeight } = hello
  const { maxSlotsPerWorker, maxBackendLength } = poolLimits
  if (nonce.byteLength !== 32 || slots < 1 || slots > maxSlotsPerWorker) return err('MALFORMED')
  if (backend.length > maxBackendLength) return err('MALFORMED')
  const known = h264Profiles.filter((name): name is H264Profile =>
    H264_PROFILES.includes(name as H264Profile),
  )
  const sides = { minWidth, minHeight, maxWidth, maxHeight }
  const ability = { backend, hardware, ...sides, h264Profiles: known }
  if (hello.account.byteLength === 0 && hello.accountSignature.byteLength === 0) {
    return ok({ type: 'hello', nonce, hasSecret, slots, ability, account: null })
  }
  if (hello.account.byteLength !== 20 || hello.accountSignature.byteLength !== 65) {
    return err('MALFORMED')
  }
  const account = {
    address: addressFromBytes(hello.account),
    signature: hello.accountSignature,
  }
  return ok({ type: 'hello', nonce, hasSecret, slots, ability, account })
}

function macOf<T>(mac: Uint8Array, make: (mac: Uint8Array) => T): Result<T, 'MALFORMED'> {
  return mac.byteLength === 0 || mac.byteLength === 32 ? ok(make(mac)) : err('MALFORMED')
}

function profileToWire(profile: Profile): wire.TranscodeProfile {
  const { gopSeconds, fps, ...rest } = profile
  const rate = fps === 'source' ? { num: 0, den: 0 } : fps
  return {
    ...rest,
    fpsNum: rate.num,
    fpsDen: rate.den,
    gopMs: Math.round(gopSeconds * 1000),
  }
}

function jobFromWire(job: wire.Job): Result<PoolMessage, 'MALFORMED'> {
  const { id, durationMs, deadlineMs } = job
  const profiles = parseProfiles(
    job.profiles.map(({ fpsNum, fpsDen, gopMs, ...rest }) => ({
      ...rest,
      fps: fpsNum === 0 && fpsDen === 0 ? 'source' : { num: fpsNum, den: fpsDen },
      gopSeconds: gopMs / 1000,
    })),
  )
  if (!profiles.ok || durationMs < 1 || deadlineMs < 1) return err('MALFORMED')
  return ok({ type: 'job', id, durationMs, deadlineMs, profiles: profiles.value })
}

function termsFromWire(terms: wire.PayTerms): Result<PoolMessage, 'MALFORMED'> {
  const { due, gasPrice, maxFloat, deposit, ...rest } = terms
  if (rest.roundBlockHash.byteLength !== 32 || rest.previousRoundBlockHash.byteLength !== 32) {
    return err('MALFORMED')
  }
  return ok({
    type: 'terms',
    ...rest,
    due: readUint(due),
    gasPrice: readUint(gasPrice),
    maxFloat: readUint(maxFloat),
    deposit: readUint(deposit),
  })
}

function shortened(detail: string): string {
  return detail.slice(0, poolLimits.maxDetailLength)
}
