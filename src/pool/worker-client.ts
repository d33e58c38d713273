import { isAbort, sleep } from '../lib/abort.ts'
import { asError, hasCode, messageOf } from '../lib/errors.ts'
import type { Startable } from '../lib/lifecycle.ts'
import { TaskGroup } from '../lib/tasks.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import type { NetHost } from '../net/host.ts'
import { poolLimits } from './limits.ts'
import { type PoolRefusal, TRANSCODE_PROTOCOL } from './wire.ts'
import {
  openWorkerSession,
  type WorkerSelf,
  type WorkerSession,
  type WorkerSessionComponents,
} from './worker-session.ts'

/** How a worker stands with its orchestrator. */
export interface WorkerStanding {
  readonly state: 'joining' | 'joined' | 'refused' | 'stopping'
  /** Why it is not joined; empty when it is. */
  readonly detail: string
  /** Times it has joined. */
  readonly joins: number
  readonly busy: number
}

/** Keeps a worker in an orchestrator's pool. */
export interface WorkerClient extends Startable {
  standing(): WorkerStanding
}

/** What a client works with. */
export interface WorkerClientComponents extends WorkerSessionComponents {
  readonly host: NetHost
}

/** Where a worker works, and as whom. */
export interface WorkerClientInit {
  readonly orchestrator: { readonly peerId: string; readonly addresses: readonly string[] }
  /** Asked at each joining: what encodes is known once the processes run. */
  self(): WorkerSelf
}

/**
 * Joins the orchestrator and joins again whenever the stream ends; a refusal is tried again slowly.
 * Stopped, it finishes what it has first.
 */
export function createWorkerClient(
  components: WorkerClientComponents,
  init: WorkerClientInit,
): WorkerClient {
  return new Joiner(components, init)
}

class Joiner implements WorkerClient {
  readonly #components: WorkerClientComponents
  readonly #init: WorkerClientInit
  readonly #tasks: TaskGroup
  readonly #stopping = new AbortController()
  #session: WorkerSession | null = null
  #state: WorkerStanding['state'] = 'joining'
  #detail = 'not connected yet'
  #joins = 0
  #isStopping = false

  constructor(components: WorkerClientComponents, init: WorkerClientInit) {
    this.#components = components
    this.#init = init
    this.#tasks = new TaskGroup(components.logger)
  }

  standing(): WorkerStanding {
    return {
      state: this.#isStopping ? 'stopping' : this.#state,
      detail: this.#detail,
      joins: this.#joins,
      busy: this.#session?.busy() ?? 0,
    }
  }

  async start(): Promise<void> {
    this.#tasks.run(async () => this.#loop())
  }

  async stop(): Promise<void> {
    this.#isStopping = true
    if (this.#session !== null) {
      await this.#session.drain()
      // The far side ends the stream once it has read all of it.
      await Promise.race([this.#tasks.drain(), sleep(poolLimits.endingMs)])
    }
    this.#stopping.abort(new DOMException('the worker stops', 'AbortError'))
    await this.#tasks.drain()
  }

  async #loop(): Promise<void> {
    const { signal } = this.#stopping
    let pauseMs: number = poolLimits.rejoinMs
    while (!this.#isStopping) {
      const joins = this.#joins
      const refusal = await this.#join().catch((error: unknown) => {
        if (signal.aborted) throw error
        this.#say('joining', isAbort(error) ? 'the orchestrator does not answer' : say(error))
        return null
      })
      if (signal.aborted || this.#isStopping) return
      if (refusal !== null) {
        this.#refused(refusal)
        await sleep(Math.max(refusal.retryAfterMs, poolLimits.refusedPauseMs), { signal })
        continue
      }
      pauseMs = this.#joins > joins ? poolLimits.rejoinMs : pauseMs
      await sleep(pauseMs, { signal })
      pauseMs = Math.min(pauseMs * 2, poolLimits.maxRejoinMs)
    }
  }

  /** Joins once and works until the stream ends. */
  async #join(): Promise<PoolRefusal | null> {
    const { host, logger } = this.#components
    const { orchestrator } = this.#init
    const { signal } = this.#stopping
    const { maxHeaderBytes, maxSegmentBytes } = poolLimits
    const channel = await host.open(orchestrator, TRANSCODE_PROTOCOL, {
      signal,
      maxHeaderBytes,
      maxBodyBytes: maxSegmentBytes,
    })
    try {
      const opened = await openWorkerSession(this.#components, this.#init.self(), channel, {
        signal,
      })
      if (!opened.ok) return opened.error
      this.#session = opened.value
      this.#joins++
      this.#say('joined', '')
      logger.info({ orchestrator: orchestrator.peerId }, 'joined the pool')
      const refusal = await opened.value.run({ signal })
      this.#say('joining', 'the orchestrator ended the stream')
      return refusal
    } finally {
      this.#session = null
      endOf(channel, signal)
    }
  }

  #say(state: WorkerStanding['state'], detail: string): void {
    if (this.#isStopping) return
    if (detail !== '' && detail !== this.#detail) {
      this.#components.logger.warn({ detail }, 'not in the pool')
    }
    this.#state = state
    this.#detail = detail
  }

  #refused({ code, detail }: PoolRefusal): void {
    this.#state = 'refused'
    this.#detail = `${code}: ${detail}`
    const { peerId } = this.#init.orchestrator
    this.#components.logger.error(
      { orchestrator: peerId, code, detail },
      'the orchestrator does not take this worker',
    )
  }
}

function endOf(channel: FrameChannel, signal: AbortSignal): void {
  if (channel.signal.aborted) return
  void channel.close({ signal }).catch((error: unknown) => channel.abort(asError(error)))
}

function say(error: unknown): string {
  return hasCode(error, 'PROTOCOL_UNSUPPORTED')
    ? 'the peer runs no pool for remote workers'
    : messageOf(error)
}
