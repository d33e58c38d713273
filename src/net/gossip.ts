import { createHash } from 'node:crypto'
import {
  type GossipSub,
  type GossipSubComponents,
  type GossipsubMessage,
  gossipsub,
  StrictNoSign,
  TopicValidatorResult,
} from '@chainsafe/libp2p-gossipsub'
import type { Logger } from '../lib/logger.ts'
import { TaskGroup } from '../lib/tasks.ts'
import { netError } from './errors.ts'
import { createScoreParams, SCORE_THRESHOLDS } from './gossip-score.ts'
import {
  IP_COLOCATION_THRESHOLD,
  MAX_GOSSIP_FRAME_BYTES,
  MAX_GOSSIP_MESSAGE_BYTES,
  MAX_GOSSIP_OUTBOUND_BYTES,
  MAX_PENDING_VALIDATIONS,
  MAX_TOPIC_BYTES_PER_PEER,
} from './limits.ts'
import type { NetMetrics } from './metrics.ts'

/**
 * What to do with a message. `accept` delivers and forwards it, `ignore` drops it, `reject` drops
 * it and costs the peer that forwarded it score, so that two make it unheard.
 */
export type Verdict = 'accept' | 'ignore' | 'reject'

/** How one topic is served. */
export interface TopicHandler {
  /** Judges a message before it is forwarded. `from` is the peer that handed it over. */
  validate(data: Uint8Array, from: string): Verdict | Promise<Verdict>
  /** Gets each accepted message once. */
  onMessage(data: Uint8Array, from: string): void
}

/** Spreads small messages over the network. The author is whoever signed the message inside. */
export interface Gossip {
  /** @throws TOPIC_NOT_ALLOWED */
  join(topic: string, handler: TopicHandler): void
  leave(topic: string): void
  /**
   * Publishes to all peers of a topic; resolves with how many it went to. None is no error.
   *
   * @throws TOPIC_NOT_ALLOWED, MESSAGE_TOO_LARGE, NET_STOPPED
   */
  publish(topic: string, data: Uint8Array): Promise<number>
  /** A peer's score; 0 for a stranger, negative for one that misbehaves. */
  scoreOf(peerId: string): number
  /** Whether nothing that the peer sends is read any more. */
  isGraylisted(peerId: string): boolean
  /** Peers known to be subscribed to a topic. */
  subscribers(topic: string): readonly string[]
}

/** How gossip is set up. */
export interface GossipInit {
  /** The only topics there are; subscriptions and messages of others are dropped unread. */
  readonly topics: readonly string[]
  /** IP addresses that any number of peers may share without cost. */
  readonly sharedIps?: readonly string[]
  /** How many peers may share any other address. */
  readonly ipColocationThreshold?: number
}

const VERDICTS: Readonly<Record<Verdict, TopicValidatorResult>> = {
  accept: TopicValidatorResult.Accept,
  ignore: TopicValidatorResult.Ignore,
  reject: TopicValidatorResult.Reject,
}

/** What asynchronous validation needs beyond the published interface of the implementation. */
interface ValidatingGossipSub extends GossipSub {
  reportMessageValidationResult(id: string, from: string, verdict: TopicValidatorResult): void
  getScore(peerId: string): number
}

/** The libp2p service behind {@link createGossip}. */
export function gossipService(init: GossipInit): (components: GossipSubComponents) => GossipSub {
  return gossipsub({
    globalSignaturePolicy: StrictNoSign,
    msgIdFn: (message) => createHash('sha256').update(message.data).digest().subarray(0, 20),
    allowedTopics: [...init.topics],
    asyncValidation: true,
    emitSelf: false,
    fallbackToFloodsub: false,
    floodPublish: true,
    batchPublish: true,
    doPX: false,
    allowPublishToZeroTopicPeers: true,
    ignoreDuplicatePublishError: true,
    maxInboundDataLength: MAX_GOSSIP_FRAME_BYTES,
    maxOutboundBufferSize: MAX_GOSSIP_OUTBOUND_BYTES,
    maxTopicBytesPerPeer: MAX_TOPIC_BYTES_PER_PEER,
    decodeRpcLimits: {
      maxSubscriptions: 64,
      maxMessages: 1_024,
      maxControlMessages: 256,
      maxIhaveMessageIDs: 5_000,
      maxIwantMessageIDs: 5_000,
      maxIdontwantMessageIDs: 512,
      maxPeerInfos: 0,
    },
    scoreParams: createScoreParams(init.topics, {
      sharedIps: init.sharedIps ?? [],
      ipColocationThreshold: init.ipColocationThreshold ?? IP_COLOCATION_THRESHOLD,
    }),
    scoreThresholds: SCORE_THRESHOLDS,
  })
}

/** Gossip with the hooks of its host. */
export interface HostedGossip extends Gossip {
  /** Subscribes to what was joined before the service ran. */
  begin(): void
  /** Resolves when no validator is at work. */
  drain(): Promise<void>
}

/** Gossip over a {@link gossipService}. Topics may be joined before the service runs. */
export function createGossip(
  service: GossipSub,
  init: GossipInit & { readonly logger: Logger; readonly metrics: NetMetrics },
): HostedGossip {
  if (!isValidating(service)) throw new TypeError('not a gossipsub with asynchronous validation')
  const { logger, metrics } = init
  const handlers = new Map<string, TopicHandler>()
  const validations = new TaskGroup(logger)
  let running = false

  const judge = async (handler: TopicHandler, data: Uint8Array, from: string): Promise<Verdict> => {
    if (validations.size > MAX_PENDING_VALIDATIONS) return 'ignore'
    try {
      return data.byteLength > MAX_GOSSIP_MESSAGE_BYTES
        ? 'reject'
        : await handler.validate(data, from)
    } catch (error) {
      // A fault of this node; the forwarder must not pay for it.
      logger.error({ err: error }, 'gossip validator failed')
      return 'ignore'
    }
  }

  service.addEventListener('gossipsub:message', (event: CustomEvent<GossipsubMessage>) => {
    const { msg, msgId, propagationSource } = event.detail
    const from = propagationSource.toString()
    const handler = handlers.get(msg.topic)
    if (handler === undefined) {
      service.reportMessageValidationResult(msgId, from, TopicValidatorResult.Ignore)
      return
    }
    validations.run(async () => {
      const verdict = await judge(handler, msg.data, from)
      service.reportMessageValidationResult(msgId, from, VERDICTS[verdict])
      metrics.gossipMessages.inc({ topic: msg.topic, verdict })
      if (verdict === 'accept') handler.onMessage(msg.data, from)
    })
  })

  const allow = (topic: string): void => {
    if (init.topics.includes(topic)) return
    throw netError('TOPIC_NOT_ALLOWED', 'the topic is not among those fixed at creation', {
      meta: { topic },
    })
  }

  return {
    begin() {
      running = true
      for (const topic of handlers.keys()) service.subscribe(topic)
    },
    async drain() {
      running = false
      await validations.drain()
    },
    join(topic, handler) {
      allow(topic)
      handlers.set(topic, handler)
      if (running) service.subscribe(topic)
    },
    leave(topic) {
      if (handlers.delete(topic) && running) service.unsubscribe(topic)
    },
    async publish(topic, data) {
      allow(topic)
      if (data.byteLength > MAX_GOSSIP_MESSAGE_BYTES) {
        throw netError('MESSAGE_TOO_LARGE', 'a gossip message is longer than peers accept', {
          meta: { sizeBytes: data.byteLength, limitBytes: MAX_GOSSIP_MESSAGE_BYTES },
        })
      }
      if (!running) throw netError('NET_STOPPED', 'the network host is not running')
      const { recipients } = await service.publish(topic, data)
      metrics.gossipPublished.inc({ topic })
      return recipients.length
    },
    scoreOf: (peerId) => service.getScore(peerId),
    isGraylisted: (peerId) => service.getScore(peerId) < SCORE_THRESHOLDS.graylistThreshold,
    subscribers: (topic) => service.getSubscribers(topic).map((peer) => peer.toString()),
  }
}

function isValidating(service: GossipSub): service is ValidatingGossipSub {
  return 'reportMessageValidationResult' in service && 'getScore' in service
}
