import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { agentLimits } from '../../../src/exchange/agent-limits.ts'
import {
  agentReplyJson,
  agentRequestJson,
  parseAgentReply,
  parseAgentRequest,
} from '../../../src/exchange/agent-wire.ts'
import { hostingLimits } from '../../../src/exchange/hosting-limits.ts'
import {
  hostingReplyJson,
  hostingRequestJson,
  parseHostingReply,
  parseHostingRequest,
} from '../../../src/exchange/hosting-wire.ts'
import type { Result } from '../../../src/lib/result.ts'
import { cidOf } from '../../../src/media/content/cid.ts'
import { canonicalBytes, type JsonObject } from '../../../src/rails/check/jcs.ts'

interface Vectors {
  readonly requests: readonly string[]
  readonly replies: readonly string[]
}

const vectorsOf = (name: string): Vectors =>
  JSON.parse(
    readFileSync(new URL(`../../../protocols/${name}/1.0.0/vectors.json`, import.meta.url), 'utf8'),
  ) as Vectors

/** Reads a message, writes it again, and gives both; a strange key more must be refused. */
function again<T>(
  text: string,
  parse: (message: JsonObject) => Result<T, 'MALFORMED'>,
  write: (value: T) => JsonObject,
): string {
  const message = JSON.parse(text) as JsonObject
  expect(parse({ ...message, more: 1 }).ok).toBe(false)
  for (const key of Object.keys(message)) {
    const { [key]: _, ...less } = message
    expect(parse(less).ok, `${text} without ${key}`).toBe(false)
  }
  const parsed = parse(message)
  if (!parsed.ok) throw new Error(text)
  return new TextDecoder().decode(canonicalBytes(write(parsed.value)))
}

describe('hosting and agent', () => {
  test('A4 messages of hosting come back as they were, and others are refused', () => {
    const { requests, replies } = vectorsOf('hosting')
    for (const text of requests) {
      expect(again(text, parseHostingRequest, hostingRequestJson)).toBe(text)
    }
    for (const text of replies) expect(again(text, parseHostingReply, hostingReplyJson)).toBe(text)
    const manifest = cidOf(new Uint8Array(1), 'dag-cbor')
    expect(parseHostingRequest({ op: 'get', cid: manifest }).ok).toBe(false)
    const cid = cidOf(new Uint8Array(1), 'raw')
    const cids = (count: number) => ({
      op: 'missing',
      cids: Array.from({ length: count }, () => cid),
    })
    expect(parseHostingRequest(cids(hostingLimits.maxCids)).ok).toBe(true)
    expect(parseHostingRequest(cids(hostingLimits.maxCids + 1)).ok).toBe(false)
  })

  test('A21 messages of agents come back as they were, and others are refused', () => {
    const { requests, replies } = vectorsOf('agent')
    for (const text of requests) expect(again(text, parseAgentRequest, agentRequestJson)).toBe(text)
    for (const text of replies) expect(again(text, parseAgentReply, agentReplyJson)).toBe(text)
    expect(parseAgentRequest({ op: 'peer', peer: 'nobody' }).ok).toBe(false)
    expect(parseAgentRequest({ op: 'viewers', maxPrice: '-1' }).ok).toBe(false)
    const tell = (count: number) => ({
      ...{ op: 'tell', attention: '', videos: [] },
      addresses: Array.from({ length: count }, () => '/ip4/192.0.2.1/tcp/1'),
    })
    expect(parseAgentRequest(tell(agentLimits.maxAddresses)).ok).toBe(true)
    expect(parseAgentRequest(tell(agentLimits.maxAddresses + 1)).ok).toBe(false)
    const title = 'x'.repeat(agentLimits.maxTitleLength)
    expect(parseAgentRequest({ op: 'videos', title }).ok).toBe(true)
    expect(parseAgentRequest({ op: 'videos', title: `${title}x` }).ok).toBe(false)
  })
})
