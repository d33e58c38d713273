import { type AbortOptions, raceSignal } from '../lib/abort.ts'
import { concatBytes, totalLength } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { MillraceError, messageOf } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { TaskGroup } from '../lib/tasks.ts'
import type { Wei } from '../lib/wei.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import { jobDeadlineMs, poolLimits } from './limits.ts'
import type { Member, MemberFault, MemberWork, PoolJob, RawOutput, Trust } from './member.ts'
import {
  type ChainFacts,
  encodePoolMessage,
  type Hello,
  type JobDone,
  type PoolMessage,
  parseWorkerMessage,
  type WorkerMessage,
} from './wire.ts'

/** A worker at the end of a stream. */
export interface RemoteMember extends Member {
  /** Serves the stream until it ends or the signal fires; its jobs are lost then. */
  run(signal: AbortSignal): Promise<void>
  /** Asks the worker's rail how it wants to be paid: its offer, or why it makes none. */
  askOffer(due: Wei, facts: ChainFacts, options: AbortOptions): Promise<Result<Uint8Array, string>>
  /** Hands over a payment; what was credited, or null when it was refused. */
  pay(proof: Uint8Array, options: AbortOptions): Promise<Wei | null>
  /** Ends the stream with a reason. */
  dismiss(refusal: Extract<PoolMessage, { type: 'refused' }>): Promise<void>
}

/** What a remote worker is made of. */
export interface RemoteMemberInit {
  readonly peerId: string
  readonly hello: Hello
  readonly trust: Extract<Trust, 'private' | 'public'>
  /** Told when it has a slot again, or takes no more. */
  onChange(): void
}

interface RunningJob {
  readonly job: PoolJob
  /** Null once nobody waits for the answer any more. */
  settle: ((result: Result<MemberWork, MemberFault>) => void) | null
  readonly stalled: NodeJS.Timeout
}

/** Takes over a worker's stream after the greeting. */
export function createRemoteMember(
  components: { readonly logger: Logger; readonly channel: FrameChannel },
  init: RemoteMemberInit,
): RemoteMember {
  return new StreamMember(components, init)
}

class StreamMember implements RemoteMember {
  readonly id: string
  readonly trust: RemoteMemberInit['trust']
  readonly account: Address | null
  readonly slots: number
  readonly ability: Hello['ability']
  readonly #channel: FrameChannel
  readonly #init: RemoteMemberInit
  readonly #tasks: TaskGroup
  readonly #jobs = new Map<bigint, RunningJob>()
  readonly #questions = new Map<bigint, (answer: WorkerMessage) => void>()
  #next = 1n
  #isDraining = false
  #isOver = false

  constructor(
    { logger, channel }: { readonly logger: Logger; readonly channel: FrameChannel },
    init: RemoteMemberInit,
  ) {
    const { peerId, hello, trust } = init
    this.id = peerId
    this.trust = trust
    this.account = hello.account?.address ?? null
    this.slots = hello.slots
    this.ability = hello.ability
    this.#channel = channel
    this.#init = init
    this.#tasks = new TaskGroup(logger)
  }

  busy(): number {
    return this.#jobs.size
  }

  isOpen(): boolean {
    return !this.#isDraining && !this.#isOver
  }

  async run(signal: AbortSignal): Promise<void> {
    const beats = setInterval(() => this.#beat(), poolLimits.beatMs)
    try {
      for (;;) {
        const idleMs = poolLimits.silenceMs
        const frame = await this.#channel.receive({ signal, idleMs })
        if (frame === null) return
        const message = parseWorkerMessage(frame.header)
        if (!message.ok || !this.#take(message.value, frame.body)) {
          const detail = 'unexpected frame'
          await this.dismiss({ type: 'refused', code: 'MALFORMED_HELLO', detail, retryAfterMs: 0 })
          return
        }
      }
    } finally {
      clearInterval(beats)
      this.#end()
      await this.#tasks.drain()
    }
  }

  async work(job: PoolJob, { signal }: AbortOptions): Promise<Result<MemberWork, MemberFault>> {
    signal?.throwIfAborted()
    if (!this.isOpen()) return err({ code: 'NO_SLOT', detail: 'the worker takes no more' })
    const id = this.#next++
    const deadlineMs = jobDeadlineMs(job.durationMs)
    const { promise, resolve } = Promise.withResolvers<Result<MemberWork, MemberFault>>()
    const stalled = setTimeout(
      () => this.#giveUp(`job ${id} was not answered`),
      deadlineMs + poolLimits.stalledGraceMs,
    )
    stalled.unref()
    const running: RunningJob = { job, settle: resolve, stalled }
    this.#jobs.set(id, running)
    const { durationMs, profiles, data } = job
    // Not under the job's signal: half a frame would cost the stream and every other job on it.
    this.#say({ type: 'job', id, durationMs, deadlineMs, profiles }, data)
    try {
      return await raceSignal(promise, { signal })
    } catch (error) {
      running.settle = null
      if (this.#jobs.has(id)) this.#say({ type: 'cancel', id })
      throw error
    }
  }

  async askOffer(
    due: Wei,
    facts: ChainFacts,
    options: AbortOptions,
  ): Promise<Result<Uint8Array, string>> {
    const answer = await this.#ask((id) => ({ type: 'terms', id, due, ...facts }), options)
    if (answer.type !== 'offer') return err('it answers something else')
    return answer.offer.byteLength > 0 ? ok(answer.offer) : err(answer.detail)
  }

  async pay(proof: Uint8Array, options: AbortOptions): Promise<Wei | null> {
    const answer = await this.#ask((id) => ({ type: 'pay', id, proof }), options)
    return answer.type === 'receipt' && answer.detail === '' ? answer.credited : null
  }

  async dismiss(refusal: Extract<PoolMessage, { type: 'refused' }>): Promise<void> {
    this.#isDraining = true
    try {
      await this.#channel.send(encodePoolMessage(refusal), [], { idleMs: poolLimits.silenceMs })
      await this.#channel.close({ signal: AbortSignal.timeout(poolLimits.silenceMs) })
    } catch (error) {
      this.#channel.abort(error instanceof Error ? error : new Error(messageOf(error)))
    }
  }

  /** Whether the message makes sense here. */
  #take(message: WorkerMessage, body: readonly Uint8Array[]): boolean {
    switch (message.type) {
      case 'beat':
        return true
      case 'drain':
        this.#isDraining = true
        this.#init.onChange()
        return true
      case 'done':
        return this.#settle(message.id, ({ job }) => outputsOf(message, body, job))
      case 'failed': {
        const { code, detail } = message
        const faultCode = code === 'UNREADABLE' || code === 'NO_SLOT' ? code : 'FAILED'
        return this.#settle(message.id, () => err({ code: faultCode, detail }))
      }
      case 'offer':
      case 'receipt': {
        this.#questions.get(message.id)?.(message)
        this.#questions.delete(message.id)
        return true
      }
      default:
        return false
    }
  }

  #settle(id: bigint, outcome: (running: RunningJob) => Result<MemberWork, MemberFault>): boolean {
    const running = this.#jobs.get(id)
    if (running === undefined) return false
    this.#jobs.delete(id)
    clearTimeout(running.stalled)
    running.settle?.(outcome(running))
    this.#init.onChange()
    return true
  }

  async #ask(
    message: (id: bigint) => PoolMessage,
    { signal }: AbortOptions,
  ): Promise<WorkerMessage> {
    const id = this.#next++
    const { promise, resolve } = Promise.withResolvers<WorkerMessage>()
    this.#questions.set(id, resolve)
    const bounded = AbortSignal.any([
      this.#channel.signal,
      AbortSignal.timeout(poolLimits.payTimeoutMs),
      ...(signal === undefined ? [] : [signal]),
    ])
    try {
      this.#say(message(id))
      return await raceSignal(promise, { signal: bounded })
    } finally {
      this.#questions.delete(id)
    }
  }

  #beat(): void {
    // While a segment is on its way the worker sees bytes anyhow; beats must not pile up behind it.
    if (this.#tasks.size === 0) this.#say({ type: 'beat', count: 0n })
  }

  #say(message: PoolMessage, body: readonly Uint8Array[] = []): void {
    if (this.#isOver) return
    this.#tasks.run(async () => {
      try {
        const idleMs = poolLimits.silenceMs
        await this.#channel.send(encodePoolMessage(message), body, { idleMs })
      } catch (error) {
        this.#giveUp(messageOf(error))
      }
    })
  }

  #giveUp(why: string): void {
    if (!this.#isOver) this.#channel.abort(new MillraceError('WORKER_LOST', why))
    this.#end()
  }

  #end(): void {
    if (this.#isOver) return
    this.#isOver = true
    const lost: MemberFault = { code: 'LOST', detail: 'the stream of the worker has ended' }
    for (const { settle, stalled } of this.#jobs.values()) {
      clearTimeout(stalled)
      settle?.(err(lost))
    }
    this.#jobs.clear()
    this.#init.onChange()
  }
}

/** The renditions of a frame, each as one piece; a frame that does not add up is a failed job. */
function outputsOf(
  { renditions }: JobDone,
  body: readonly Uint8Array[],
  { profiles }: PoolJob,
): Result<MemberWork, MemberFault> {
  const names = renditions.map(({ name }) => name).join()
  const wanted = profiles.map(({ name }) => name).join()
  if (names !== wanted) return err({ code: 'FAILED', detail: `asked for ${wanted}, got ${names}` })
  const lengths = renditions.reduce((sum, { lengthBytes }) => sum + lengthBytes, 0)
  if (lengths !== totalLength(body)) {
    return err({ code: 'FAILED', detail: 'the body is not as long as its renditions' })
  }
  const bytes = concatBytes(...body)
  let at = 0
  const outputs: RawOutput[] = renditions.map(({ name, lengthBytes }) => {
    // A copy, so that a rendition that is kept does not keep all of them.
    const data = bytes.slice(at, at + lengthBytes)
    at += lengthBytes
    return { name, data }
  })
  return ok({ outputs, pixels: null })
}
