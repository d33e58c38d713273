import { err, ok, type Result } from '../lib/result.ts'
import { type Cid, digestOfCid } from '../media/content/cid.ts'
import { hasKeys, type Json, type JsonObject } from '../rails/check/jcs.ts'
import { hostingLimits as limits } from './hosting-limits.ts'

/** Blocks that a publisher keeps with somebody else. */
export const HOSTING_PROTOCOL = '/millrace/hosting/1.0.0'

/** What a publisher asks of a host. The block of a `put` is the frame's body. */
export type HostingRequest =
  | { readonly op: 'put' | 'get'; readonly cid: Cid }
  | { readonly op: 'missing'; readonly cids: readonly Cid[] }

/** What a host says. The block of a `get` is the frame's body. */
export type HostingReply =
  | { readonly type: 'done'; readonly missing: readonly Cid[] }
  | { readonly type: 'refusal'; readonly code: string; readonly detail: string }

/** A publisher's question as it travels. */
export function hostingRequestJson(request: HostingRequest): JsonObject {
  return request.op === 'missing'
    ? { op: request.op, cids: request.cids }
    : { op: request.op, cid: request.cid }
}

/** Reads a publisher's question. */
export function parseHostingRequest(message: JsonObject): Result<HostingRequest, 'MALFORMED'> {
  const { op } = message
  if (op === 'missing' && hasKeys(message, ['op', 'cids'])) {
    const cids = parseBlocks(message['cids'])
    return cids === null ? err('MALFORMED') : ok({ op, cids })
  }
  if ((op !== 'put' && op !== 'get') || !hasKeys(message, ['op', 'cid'])) return err('MALFORMED')
  const { cid } = message
  return isBlock(cid) ? ok({ op, cid }) : err('MALFORMED')
}

/** A host's answer as it travels. */
export function hostingReplyJson(reply: HostingReply): JsonObject {
  if (reply.type === 'done') return { missing: reply.missing }
  return { code: reply.code, detail: reply.detail.slice(0, limits.maxDetailLength) }
}

/** Reads a host's answer. */
export function parseHostingReply(message: JsonObject): Result<HostingReply, 'MALFORMED'> {
  if (hasKeys(message, ['missing'])) {
    const missing = parseBlocks(message['missing'])
    return missing === null ? err('MALFORMED') : ok({ type: 'done', missing })
  }
  if (!hasKeys(message, ['code', 'detail'])) return err('MALFORMED')
  const { code, detail } = message
  if (typeof code !== 'string' || typeof detail !== 'string') return err('MALFORMED')
  const clip = (text: string): string => text.slice(0, limits.maxDetailLength)
  return ok({ type: 'refusal', code: clip(code), detail: clip(detail) })
}

function parseBlocks(value: Json | undefined): Cid[] | null {
  if (!Array.isArray(value) || value.length > limits.maxCids) return null
  const cids = value as readonly Json[]
  return cids.every(isBlock) ? [...cids] : null
}

/** Only segments are hosted: manifests are public, and stay with their publisher. */
function isBlock(value: Json | undefined): value is Cid {
  return typeof value === 'string' && digestOfCid(value, 'raw') !== null
}
