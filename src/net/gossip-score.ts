import {
  createPeerScoreParams,
  createTopicScoreParams,
  type PeerScoreParams,
  type PeerScoreThresholds,
} from '@chainsafe/libp2p-gossipsub/score'

/**
 * Below `gossip` a peer gets no gossip, below `publish` nothing that is published here, below
 * `graylist` nothing it sends is read.
 */
export const SCORE_THRESHOLDS: PeerScoreThresholds = {
  gossipThreshold: -10,
  publishThreshold: -50,
  graylistThreshold: -80,
  acceptPXThreshold: 1_000,
  opportunisticGraftThreshold: 2,
}

/**
 * Limit: what invalid messages cost: the square of their number times this. One stops gossip to the
 * forwarder, two graylist it.
 */
export const INVALID_MESSAGE_WEIGHT = -30

/** How peers on one address are treated. */
export interface ColocationInit {
  readonly sharedIps: readonly string[]
  readonly ipColocationThreshold: number
}

/**
 * Score parameters for topics with rare messages: nothing is expected of a mesh peer, what it
 * delivers earns a little, what is invalid costs much and is slowly forgotten.
 */
export function createScoreParams(
  topics: readonly string[],
  colocation: ColocationInit,
): PeerScoreParams {
  const topic = createTopicScoreParams({
    topicWeight: 1,
    timeInMeshWeight: 0.01,
    timeInMeshQuantum: 1_000,
    timeInMeshCap: 300,
    firstMessageDeliveriesWeight: 0.1,
    firstMessageDeliveriesDecay: 0.99,
    firstMessageDeliveriesCap: 50,
    meshMessageDeliveriesWeight: 0,
    meshFailurePenaltyWeight: 0,
    invalidMessageDeliveriesWeight: INVALID_MESSAGE_WEIGHT,
    // Per second: half of it is forgotten after about four minutes.
    invalidMessageDeliveriesDecay: 0.997,
  })
  return createPeerScoreParams({
    topics: Object.fromEntries(topics.map((name) => [name, topic])),
    topicScoreCap: 10,
    appSpecificWeight: 1,
    IPColocationFactorWeight: -5,
    IPColocationFactorThreshold: colocation.ipColocationThreshold,
    IPColocationFactorWhitelist: new Set(colocation.sharedIps),
    behaviourPenaltyWeight: -10,
    behaviourPenaltyThreshold: 3,
    behaviourPenaltyDecay: 0.9,
    retainScore: 3_600_000,
  })
}
