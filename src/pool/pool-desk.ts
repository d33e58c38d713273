import { anySignal, isAbort, sleep } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import { TaskGroup } from '../lib/tasks.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import type { NetHost } from '../net/host.ts'
import type { WorkerAccounts } from './accounts.ts'
import { type AccountFunds, depositFault, greetWorker, type PoolRules } from './greeting.ts'
import { poolLimits } from './limits.ts'
import type { PoolMetrics } from './metrics.ts'
import { createRemoteMember, type RemoteMember } from './remote-member.ts'
import { encodePoolMessage, TRANSCODE_PROTOCOL } from './wire.ts'
import type { WorkPool } from './work-pool.ts'

/** Where remote workers come in. */
export interface PoolDesk extends Startable {
  members(): readonly RemoteMember[]
  /** Ends the stream of a worker that was ejected. */
  eject(peerId: string, why: string): void
}

/** What a desk works with. */
export interface PoolDeskComponents {
  readonly host: NetHost
  readonly pool: Pick<WorkPool, 'join' | 'leave' | 'changed'>
  readonly accounts: WorkerAccounts
  readonly logger: Logger
  readonly metrics: PoolMetrics
  /** Null while the chain cannot be asked. */
  funds(account: Address): Promise<AccountFunds | null>
}

/** How many workers there may be, and how often their deposits are looked at. */
export interface PoolDeskInit {
  readonly maxWorkers?: number
  readonly reviewMs?: number
}

/** Serves the transcode protocol: greets workers and keeps their streams. */
export function createPoolDesk(
  components: PoolDeskComponents,
  rules: PoolRules,
  init: PoolDeskInit = {},
): PoolDesk {
  return new Desk(components, rules, init)
}

class Desk implements PoolDesk {
  readonly #parts: PoolDeskComponents
  readonly #rules: PoolRules
  readonly #init: Required<PoolDeskInit>
  readonly #tasks: TaskGroup
  readonly #controller = new AbortController()
  readonly #members = new Map<string, RemoteMember>()
  readonly #streams = new Set<Promise<void>>()

  constructor(components: PoolDeskComponents, rules: PoolRules, init: PoolDeskInit) {
    const { maxWorkers, reviewMs } = poolLimits
    this.#parts = components
    this.#rules = rules
    this.#init = { maxWorkers, reviewMs, ...init }
    this.#tasks = new TaskGroup(components.logger)
  }

  members(): readonly RemoteMember[] {
    return [...this.#members.values()]
  }

  eject(peerId: string, detail: string): void {
    const member = this.#members.get(peerId)
    this.#members.delete(peerId)
    void member?.dismiss({ type: 'refused', code: 'EJECTED', detail, retryAfterMs: 0 })
  }

  async start(): Promise<void> {
    const { signal } = this.#controller
    const { maxHeaderBytes, maxResultBytes: maxBodyBytes, maxStreamsPerPeer } = poolLimits
    this.#tasks.run(async () => {
      for (;;) {
        await sleep(this.#init.reviewMs, { signal })
        await this.#review()
      }
    })
    await this.#parts.host.handle(
      TRANSCODE_PROTOCOL,
      async (channel, context) => this.#serve(channel, anySignal([context.signal, signal])),
      { maxInboundStreams: maxStreamsPerPeer, maxHeaderBytes, maxBodyBytes },
    )
  }

  async stop(): Promise<void> {
    this.#controller.abort()
    await this.#tasks.drain()
    await Promise.allSettled(this.#streams)
  }

  async #serve(channel: FrameChannel, signal: AbortSignal): Promise<void> {
    const running = this.#serveWorker(channel, signal)
    this.#streams.add(running)
    try {
      await running
    } catch (error) {
      if (!isAbort(error)) {
        this.#parts.logger.debug({ err: error }, 'worker stream ended with an error')
      }
      throw error
    } finally {
      this.#streams.delete(running)
    }
  }

  async #serveWorker(channel: FrameChannel, signal: AbortSignal): Promise<void> {
    const { pool, logger, metrics } = this.#parts
    const peerId = channel.remotePeer
    const greeted = await this.#greet(channel, signal)
    metrics.greeted(greeted.ok ? greeted.value.trust : greeted.error.code)
    if (!greeted.ok) {
      logger.warn({ worker: peerId, ...greeted.error }, 'worker refused')
      const refused = encodePoolMessage({ type: 'refused', ...greeted.error })
      return channel.send(refused, [], { signal })
    }
    const onChange = (): void => pool.changed()
    const member = createRemoteMember({ logger, channel }, { peerId, ...greeted.value, onChange })
    // The old stream of a worker that was started again may not have ended yet.
    const before = this.#members.get(peerId)
    if (before !== undefined) pool.leave(before)
    this.#members.set(peerId, member)
    pool.join(member)
    const { trust, slots, ability, account } = member
    const { backend } = ability
    logger.info({ worker: peerId, trust, slots, backend, account }, 'worker joined')
    try {
      await member.run(signal)
    } finally {
      this.#leave(member)
      logger.info({ worker: peerId }, 'worker left')
    }
  }

  async #greet(channel: FrameChannel, signal: AbortSignal): ReturnType<typeof greetWorker> {
    const { accounts, funds } = this.#parts
    const members = this.#members
    const isFull = (): boolean =>
      // A worker that comes back takes its own place again.
      !members.has(channel.remotePeer) && members.size >= this.#init.maxWorkers
    return greetWorker(
      {
        isFull,
        ejection: (peerId, account) => accounts.ejection(peerId, account),
        funds: async (account) => funds(account),
        workersOf: (account, peerId) =>
          publicWorkersOf(members, account).filter(({ id }) => id !== peerId).length,
      },
      this.#rules,
      channel,
      { signal: anySignal([signal], poolLimits.greetingTimeoutMs) },
    )
  }

  #leave(member: RemoteMember): void {
    this.#parts.pool.leave(member)
    if (this.#members.get(member.id) === member) this.#members.delete(member.id)
  }

  /** A deposit can be spent or withdrawn after the greeting. */
  async #review(): Promise<void> {
    const { minDeposit } = this.#rules
    if (minDeposit === null) return
    for (const member of this.#members.values()) {
      const { trust, account } = member
      if (trust !== 'public' || account === null) continue
      const funds = await this.#parts.funds(account)
      const workers = publicWorkersOf(this.#members, account).length
      const detail = funds === null ? null : depositFault(funds, minDeposit, workers)
      if (detail === null) continue
      this.#parts.logger.warn({ worker: member.id, account, detail }, 'worker dismissed')
      this.#leave(member)
      const retryAfterMs = poolLimits.refusedPauseMs
      await member.dismiss({ type: 'refused', code: 'DEPOSIT_TOO_LOW', detail, retryAfterMs })
    }
  }
}

function publicWorkersOf(
  members: ReadonlyMap<string, RemoteMember>,
  account: Address,
): readonly RemoteMember[] {
  return [...members.values()].filter((one) => one.trust === 'public' && one.account === account)
}
