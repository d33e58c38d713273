import { createHash } from 'node:crypto'
import {
  type GossipSub,
  type GossipSubComponents,
  type GossipsubMessage,
  gossipsub,
  StrictNoSign,
  type SubscriptionChangeData,
  TopicValidatorResult,
} from '@chainsafe/libp2p-gossipsub'
import { sleep } from '../lib/abort.ts'
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
  PUBLISH_POLL_MS,
  PUBLISH_WAIT_MS,
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
   * Publishes to all peers of a topic; resolves with how many it went to. None is no error. The
   * same bytes are published once; a second time they go to nobody.
   *
   * While a peer that listens cannot be reached yet, as right after a connection, it waits a
   * little: the message would be lost to that peer without a word.
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
  /** Calls back for each peer that subscribes to a topic; late joiners learn nothing otherwise. */
  onSubscriber(topic: string, listener: (peerId: string) => void): () => void
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
  readonly streamsOutbound: ReadonlyMap<string, unknown>
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
  return new ServiceGossip(service, init)
}

interface ServiceGossipInit extends GossipInit {
  readonly logger: Logger
  readonly metrics: NetMetrics
}

class ServiceGossip implements HostedGossip {
  readonly #service: ValidatingGossipSub
  readonly #init: ServiceGossipInit
  readonly #handlers = new Map<string, TopicHandler>()
  readonly #validations: TaskGroup
  #running = false

  constructor(service: ValidatingGossipSub, init: ServiceGossipInit) {
    this.#service = service
    this.#init = init
    this.#validations = new TaskGroup(init.logger)
    service.addEventListener('gossipsub:message', ({ detail }) => this.#onMessage(detail))
  }

  begin(): void {
    this.#running = true
    for (const topic of this.#handlers.keys()) this.#service.subscribe(topic)
  }

  async drain(): Promise<void> {
    this.#running = false
    await this.#validations.drain()
  }

  join(topic: string, handler: TopicHandler): void {
    this.#allow(topic)
    this.#handlers.set(topic, handler)
    if (this.#running) this.#service.subscribe(topic)
  }

  leave(topic: string): void {
    if (this.#handlers.delete(topic) && this.#running) this.#service.unsubscribe(topic)
  }

  async publish(topic: string, data: Uint8Array): Promise<number> {
    this.#allow(topic)
    if (data.byteLength > MAX_GOSSIP_MESSAGE_BYTES) {
      throw netError('MESSAGE_TOO_LARGE', 'a gossip message is longer than peers accept', {
        meta: { sizeBytes: data.byteLength, limitBytes: MAX_GOSSIP_MESSAGE_BYTES },
      })
    }
    await this.#reachable(topic)
    if (!this.#running) throw netError('NET_STOPPED', 'the network host is not running')
    const { recipients } = await this.#service.publish(topic, data)
    this.#init.metrics.gossipPublished.inc({ topic })
    return recipients.length
  }

  scoreOf(peerId: string): number {
    return this.#service.getScore(peerId)
  }

  isGraylisted(peerId: string): boolean {
    return this.scoreOf(peerId) < SCORE_THRESHOLDS.graylistThreshold
  }

  subscribers(topic: string): readonly string[] {
    return this.#service.getSubscribers(topic).map((peer) => peer.toString())
  }

  onSubscriber(topic: string, listener: (peerId: string) => void): () => void {
    const onChange = ({ detail }: CustomEvent<SubscriptionChangeData>): void => {
      const joined = detail.subscriptions.some((it) => it.topic === topic && it.subscribe)
      if (joined) listener(detail.peerId.toString())
    }
    this.#service.addEventListener('subscription-change', onChange)
    return () => this.#service.removeEventListener('subscription-change', onChange)
  }

  #onMessage({ msg, msgId, propagationSource }: GossipsubMessage): void {
    const from = propagationSource.toString()
    const handler = this.#handlers.get(msg.topic)
    if (handler === undefined || this.#validations.size >= MAX_PENDING_VALIDATIONS) {
      this.#service.reportMessageValidationResult(msgId, from, TopicValidatorResult.Ignore)
      return
    }
    this.#validations.run(async () => {
      const verdict = await this.#judge(handler, msg.data, from)
      this.#service.reportMessageValidationResult(msgId, from, VERDICTS[verdict])
      this.#init.metrics.gossipMessages.inc({ topic: msg.topic, verdict })
      if (verdict === 'accept') handler.onMessage(msg.data, from)
    })
  }

  async #judge(handler: TopicHandler, data: Uint8Array, from: string): Promise<Verdict> {
    if (data.byteLength > MAX_GOSSIP_MESSAGE_BYTES) return 'reject'
    try {
      return await handler.validate(data, from)
    } catch (error) {
      // A fault of this node; the forwarder must not pay for it.
      this.#init.logger.error({ err: error }, 'gossip validator failed')
      return 'ignore'
    }
  }

  /** Waits until a message could reach all who are known to listen. */
  async #reachable(topic: string): Promise<void> {
    const { streamsOutbound } = this.#service
    for (let waitedMs = 0; this.#running; waitedMs += PUBLISH_POLL_MS) {
      const peers = this.subscribers(topic)
      if (peers.every((peer) => streamsOutbound.has(peer)) || waitedMs >= PUBLISH_WAIT_MS) return
      await sleep(PUBLISH_POLL_MS)
    }
  }

  #allow(topic: string): void {
    if (this.#init.topics.includes(topic)) return
    throw netError('TOPIC_NOT_ALLOWED', 'the topic is not among those fixed at creation', {
      meta: { topic },
    })
  }
}

function isValidating(service: GossipSub): service is ValidatingGossipSub {
  return (
    'reportMessageValidationResult' in service &&
    'getScore' in service &&
    'streamsOutbound' in service
  )
}
