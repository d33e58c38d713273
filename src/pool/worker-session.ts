import { randomBytes } from 'node:crypto'
import { type AbortOptions, anySignal, isAbort, sleep } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import { messageOf } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { TaskGroup } from '../lib/tasks.ts'
import type { Wei } from '../lib/wei.ts'
import type { Ability } from '../media/ability.ts'
import type { TranscodeFault, TranscodePool } from '../media/transcode-pool.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import { poolLimits } from './limits.ts'
import { checkSecretProof, secretProof } from './secret-proof.ts'
import {
  type AccountClaim,
  type ChainFacts,
  encodeWorkerMessage,
  type JobFaultCode,
  type JobMessage,
  type PoolMessage,
  type PoolRefusal,
  parsePoolMessage,
  type WorkerMessage,
} from './wire.ts'

/** How a worker is paid, when it is. */
export interface Earner {
  /** The rail's offer for a debt, or why there is none. */
  offer(payer: Address, due: Wei, facts: ChainFacts): Promise<Result<Uint8Array, string>>
  /** What a payment is worth, stored before it resolves; or why it is refused. */
  receive(payer: Address, proof: Uint8Array): Promise<Result<Wei, string>>
}

/** What a worker is, on every stream it opens. */
export interface WorkerSelf {
  readonly peerId: string
  readonly slots: number
  readonly ability: Ability
  readonly secret: string | null
  readonly account: AccountClaim | null
}

/** What a session works with. */
export interface WorkerSessionComponents {
  readonly processes: Pick<TranscodePool, 'transcode'>
  readonly earner: Earner | null
  readonly logger: Logger
  /** Told of every job that ended. */
  onJob(outcome: 'ok' | JobFaultCode): void
}

/** One stream to an orchestrator, after the greeting. */
export interface WorkerSession {
  /** Works until the orchestrator ends the stream; gives its refusal if that was why. */
  run(options: AbortOptions): Promise<PoolRefusal | null>
  /** Takes no more jobs, finishes those it has, and ends the stream. */
  drain(): Promise<void>
  busy(): number
}

/** Greets an orchestrator and begins a session, or says why it was refused. */
export async function openWorkerSession(
  components: WorkerSessionComponents,
  self: WorkerSelf,
  channel: FrameChannel,
  options: AbortOptions,
): Promise<Result<WorkerSession, PoolRefusal>> {
  const bounded = { signal: anySignal([options.signal], poolLimits.greetingTimeoutMs) }
  const nonce = new Uint8Array(randomBytes(32))
  const { slots, ability, account, secret } = self
  const hasSecret = secret !== null
  const say = async (message: WorkerMessage): Promise<void> =>
    channel.send(encodeWorkerMessage(message), [], bounded)
  await say({ type: 'hello', nonce, hasSecret, slots, ability, account })
  const challenge = await next(channel, bounded)
  if (challenge?.type === 'refused') return err(challenge)
  if (challenge?.type !== 'challenge') return err(unexpected())
  const context = {
    workerPeerId: self.peerId,
    orchestratorPeerId: channel.remotePeer,
    workerNonce: nonce,
    orchestratorNonce: challenge.nonce,
  }
  const mac = secret === null ? new Uint8Array(0) : secretProof(secret, 'worker', context)
  await say({ type: 'proof', mac })
  const welcome = await next(channel, bounded)
  if (welcome?.type === 'refused') return err(welcome)
  if (welcome?.type !== 'welcome') return err(unexpected())
  if (secret !== null && !checkSecretProof(secret, 'orchestrator', context, welcome.mac)) {
    const detail = 'the orchestrator has not proven that it has the secret'
    return err({ code: 'BAD_SECRET', detail, retryAfterMs: 0 })
  }
  return ok(new StreamSession(components, self, channel, welcome.payer))
}

async function next(channel: FrameChannel, options: AbortOptions): Promise<PoolMessage | null> {
  const frame = await channel.receive({ ...options, maxBodyBytes: 0 })
  if (frame === null) return null
  const message = parsePoolMessage(frame.header)
  return message.ok ? message.value : null
}

function unexpected(): PoolRefusal {
  const detail = 'the orchestrator does not keep to the protocol'
  return { code: 'MALFORMED_HELLO', detail, retryAfterMs: 0 }
}

class StreamSession implements WorkerSession {
  readonly #components: WorkerSessionComponents
  readonly #self: WorkerSelf
  readonly #channel: FrameChannel
  readonly #payer: Address
  readonly #jobs = new Map<bigint, AbortController>()
  readonly #tasks: TaskGroup
  #isDraining = false
  #beats = 0n

  constructor(
    components: WorkerSessionComponents,
    self: WorkerSelf,
    channel: FrameChannel,
    payer: Address,
  ) {
    this.#components = components
    this.#self = self
    this.#channel = channel
    this.#payer = payer
    this.#tasks = new TaskGroup(components.logger)
  }

  busy(): number {
    return this.#jobs.size
  }

  async run({ signal }: AbortOptions): Promise<PoolRefusal | null> {
    const beats = setInterval(
      () => this.#say({ type: 'beat', count: this.#beats++ }),
      poolLimits.beatMs,
    )
    try {
      for (;;) {
        const idleMs = poolLimits.silenceMs
        const frame = await this.#channel.receive({ signal, idleMs })
        if (frame === null) return null
        const message = parsePoolMessage(frame.header)
        if (!message.ok) return unexpected()
        if (message.value.type === 'refused') return message.value
        this.#take(message.value, frame.body)
      }
    } finally {
      clearInterval(beats)
      const gone = new DOMException('the stream has ended', 'AbortError')
      for (const job of this.#jobs.values()) job.abort(gone)
      await this.#tasks.drain()
    }
  }

  async drain(): Promise<void> {
    this.#isDraining = true
    this.#say({ type: 'drain' })
    const deadline = Date.now() + poolLimits.drainMs
    while (this.#jobs.size > 0 && Date.now() < deadline && !this.#channel.signal.aborted) {
      await Promise.race([sleep(DRAIN_POLL_MS), this.#channel.closed])
    }
    await this.#channel
      .closeWrite({ signal: AbortSignal.timeout(poolLimits.silenceMs) })
      .catch((error: unknown) => this.#components.logger.debug({ err: error }, 'stream not closed'))
  }

  #take(message: Exclude<PoolMessage, { type: 'refused' }>, body: readonly Uint8Array[]): void {
    switch (message.type) {
      case 'job':
        this.#tasks.run(async () => this.#work(message, body))
        return
      case 'cancel':
        this.#jobs.get(message.id)?.abort(new DOMException('called off', 'AbortError'))
        return
      case 'terms':
        this.#tasks.run(async () => this.#offer(message))
        return
      case 'pay':
        this.#tasks.run(async () => this.#receive(message.id, message.proof))
        return
      default:
    }
  }

  async #work(message: JobMessage, data: readonly Uint8Array[]): Promise<void> {
    const { id, durationMs, deadlineMs, profiles } = message
    const fail = async (code: JobFaultCode, detail: string): Promise<void> => {
      this.#components.onJob(code)
      await this.#send({ type: 'failed', id, code, detail })
    }
    if (this.#isDraining || this.#jobs.size >= this.#self.slots || this.#jobs.has(id)) {
      return fail('NO_SLOT', this.#isDraining ? 'stopping' : 'every slot is taken')
    }
    const controller = new AbortController()
    this.#jobs.set(id, controller)
    const begunAt = performance.now()
    try {
      const signal = anySignal([controller.signal], deadlineMs)
      const done = await this.#components.processes.transcode(
        { data, durationMs, profiles },
        { signal },
      )
      if (!done.ok) return await fail(faultOf(done.error), `${done.error.code}`)
      const outputs = done.value.renditions
      const renditions = outputs.map(({ profile: name, data: { byteLength: lengthBytes } }) => ({
        name,
        lengthBytes,
      }))
      const workMs = Math.round(performance.now() - begunAt)
      this.#components.onJob('ok')
      await this.#send(
        { type: 'done', id, renditions, workMs },
        outputs.map((output) => output.data),
      )
    } catch (error) {
      await fail(isAbort(error) ? 'CANCELLED' : 'FAILED', messageOf(error))
    } finally {
      this.#jobs.delete(id)
    }
  }

  async #offer({ id, due, ...facts }: Extract<PoolMessage, { type: 'terms' }>): Promise<void> {
    const { earner } = this.#components
    const offer: Result<Uint8Array, string> =
      earner === null ? err('no account to be paid') : await earner.offer(this.#payer, due, facts)
    const answer = offer.ok
      ? { offer: offer.value, detail: '' }
      : { offer: new Uint8Array(0), detail: offer.error }
    await this.#send({ type: 'offer', id, ...answer })
  }

  async #receive(id: bigint, proof: Uint8Array): Promise<void> {
    const { earner } = this.#components
    const received: Result<Wei, string> =
      earner === null ? err('no account to be paid') : await earner.receive(this.#payer, proof)
    const answer = received.ok
      ? { credited: received.value, detail: '' }
      : { credited: 0n, detail: received.error }
    await this.#send({ type: 'receipt', id, ...answer })
  }

  #say(message: WorkerMessage): void {
    this.#tasks.run(async () => this.#send(message))
  }

  async #send(message: WorkerMessage, body: readonly Uint8Array[] = []): Promise<void> {
    try {
      await this.#channel.send(encodeWorkerMessage(message), body)
    } catch (error) {
      // The end of the stream shows in the reading loop.
      this.#components.logger.debug({ err: error, type: message.type }, 'not sent')
    }
  }
}

const DRAIN_POLL_MS = 20

function faultOf({ code }: TranscodeFault): JobFaultCode {
  switch (code) {
    case 'BUSY':
    case 'STOPPED':
      return 'NO_SLOT'
    case 'DEADLINE':
    case 'WORKER_CRASHED':
    case 'OUT_OF_MEMORY':
    case 'ENCODE_FAILED':
    case 'BAD_JOB':
      return 'FAILED'
    default:
      return 'UNREADABLE'
  }
}
