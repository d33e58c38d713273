import {
  type AgentRequest,
  agentReplyJson,
  agentRequestJson,
} from '../../src/exchange/agent-wire.ts'
import {
  type HostingReply,
  type HostingRequest,
  hostingReplyJson,
  hostingRequestJson,
} from '../../src/exchange/hosting-wire.ts'
import { cidOf } from '../../src/media/content/cid.ts'
import { canonicalBytes, type JsonObject } from '../../src/rails/check/jcs.ts'
import { type Json, plain } from './json.ts'

const PEER = '12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5'

const text = (message: JsonObject): string => new TextDecoder().decode(canonicalBytes(message))

/** Vectors of `/millrace/hosting/1.0.0`. */
export function buildHostingVectors(): Json {
  const segment = new TextEncoder().encode('one')
  const cid = cidOf(segment, 'raw')
  const requests: readonly HostingRequest[] = [
    { op: 'put', cid },
    { op: 'get', cid },
    { op: 'missing', cids: [cid] },
  ]
  const replies: readonly HostingReply[] = [
    { type: 'done', missing: [] },
    { type: 'done', missing: [cid] },
    { type: 'refusal', code: 'HOST_FULL', detail: '4096 of 6000 bytes are taken' },
  ]
  return plain({
    segment: { bytes: segment, cid },
    requests: requests.map((request) => text(hostingRequestJson(request))),
    replies: replies.map((reply) => text(hostingReplyJson(reply))),
  })
}

/** Vectors of `/millrace/agent/1.0.0`. */
export function buildAgentVectors(): Json {
  const hash = new Uint8Array(32).fill(7)
  const addresses = [`/ip4/192.0.2.1/tcp/4001/p2p/${PEER}`]
  const requests: readonly AgentRequest[] = [
    { op: 'tell', addresses, attention: 1_000_000_000n, videos: [{ hash, title: 'A film' }] },
    { op: 'tell', addresses: [], attention: null, videos: [] },
    { op: 'viewers', maxPrice: 2_000_000_000n },
    { op: 'videos', title: 'A film' },
    { op: 'peer', peerId: PEER },
  ]
  const entries = [
    { peerId: PEER, addresses, hash },
    { peerId: PEER, addresses: [], hash: null },
  ]
  return plain({
    requests: requests.map((request) => text(agentRequestJson(request))),
    replies: [text(agentReplyJson([])), text(agentReplyJson(entries))],
  })
}
