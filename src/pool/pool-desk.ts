import { type AbortOptions, anySignal, isAbort } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import type { NetHost } from '../net/host.ts'
import type { WorkerAccounts } from './accounts.ts'
import { type AccountFunds, greetWorker, type PoolRules } from './greeting.ts'
import { poolLimits } from './limits.ts'
import type { PoolMetrics } from './metrics.ts'
import { createRemoteMember, type RemoteMember } from './remote-member.ts'
import { encodePoolMessage, type PoolRefusal, TRANSCODE_PROTOCOL } from './wire.ts'
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

/** Serves the transcode protocol: greets workers and keeps their streams. */
export function createPoolDesk(
  components: PoolDeskComponents,
  rules: PoolRules,
  init: { readonly maxWorkers?: number } = {},
): PoolDesk {
  const { host, pool, accounts, logger, metrics } = components
  const controller = new AbortController()
  const members = new Map<string, RemoteMember>()
  const streams = new Set<Promise<void>>()
  const maxWorkers = init.maxWorkers ?? poolLimits.maxWorkers

  const greet = async (channel: FrameChannel, options: AbortOptions) =>
    greetWorker(
      {
        ejection: (peerId, account) => accounts.ejection(peerId, account),
        funds: (account) => components.funds(account),
        workersOf: (account, peerId) =>
          [...members.values()].filter(
            (one) => one.trust === 'public' && one.account === account && one.id !== peerId,
          ).length,
        // A worker that comes back takes its own place again.
        isFull: () => !members.has(channel.remotePeer) && members.size >= maxWorkers,
      },
      rules,
      channel,
      options,
    )
  const serve = async (channel: FrameChannel, signal: AbortSignal): Promise<void> => {
    const peerId = channel.remotePeer
    const greeted = await greet(channel, {
      signal: anySignal([signal], poolLimits.greetingTimeoutMs),
    })
    metrics.greeted(greeted.ok ? greeted.value.trust : greeted.error.code)
    if (!greeted.ok) {
      logger.warn({ worker: peerId, ...greeted.error }, 'worker refused')
      return refuse(channel, greeted.error, signal)
    }
    const onChange = (): void => pool.changed()
    const member = createRemoteMember({ logger, channel }, { peerId, ...greeted.value, onChange })
    const before = members.get(peerId)
    members.set(peerId, member)
    // The old stream of a worker that was started again may not have ended yet.
    if (before !== undefined) pool.leave(before)
    pool.join(member)
    const { trust, slots, ability, account } = member
    logger.info(
      { worker: peerId, trust, slots, backend: ability.backend, account },
      'worker joined',
    )
    try {
      await member.run(signal)
    } finally {
      pool.leave(member)
      if (members.get(peerId) === member) members.delete(peerId)
      logger.info({ worker: peerId }, 'worker left')
    }
  }
  return {
    members: () => [...members.values()],
    eject(peerId, why) {
      const member = members.get(peerId)
      members.delete(peerId)
      void member?.dismiss({ type: 'refused', code: 'EJECTED', detail: why, retryAfterMs: 0 })
    },
    async start() {
      const { maxHeaderBytes, maxResultBytes, maxStreamsPerPeer } = poolLimits
      await host.handle(
        TRANSCODE_PROTOCOL,
        async (channel, { signal }) => {
          const running = serve(channel, anySignal([signal, controller.signal]))
          streams.add(running)
          try {
            await running
          } catch (error) {
            if (!isAbort(error)) logger.debug({ err: error }, 'worker stream ended with an error')
            throw error
          } finally {
            streams.delete(running)
          }
        },
        {
          maxInboundStreams: maxStreamsPerPeer,
          maxHeaderBytes,
          maxBodyBytes: maxResultBytes,
        },
      )
    },
    async stop() {
      controller.abort()
      await Promise.allSettled(streams)
    },
  }
}

async function refuse(
  channel: FrameChannel,
  refusal: PoolRefusal,
  signal: AbortSignal,
): Promise<void> {
  await channel.send(encodePoolMessage({ type: 'refused', ...refusal }), [], { signal })
}
