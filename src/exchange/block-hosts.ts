import { type AbortOptions, anySignal } from '../lib/abort.ts'
import { concatBytes } from '../lib/bytes.ts'
import { MillraceError } from '../lib/errors.ts'
import type { BlockStore } from '../media/content/block-store.ts'
import { type Cid, cidOf, isContentOf } from '../media/content/cid.ts'
import type { NetHost } from '../net/host.ts'
import type { PeerTarget } from '../net/lanes.ts'
import { canonicalBytes } from '../rails/check/jcs.ts'
import type { BlockSource } from './content-catalog.ts'
import { contentExchangeLimits } from './content-limits.ts'
import { readMessage } from './content-stream.ts'
import { hostingLimits as limits } from './hosting-limits.ts'
import {
  HOSTING_PROTOCOL,
  type HostingReply,
  type HostingRequest,
  hostingRequestJson,
  parseHostingReply,
} from './hosting-wire.ts'

/** Somebody else's store, in which a publisher keeps its segments. */
export interface BlockHost extends BlockSource {
  /** For a person: a peer id, or a directory. */
  readonly name: string
  /** @throws `HOST_REFUSED` and what the network throws */
  put(bytes: Uint8Array, options?: AbortOptions): Promise<void>
  /** Which of at most 256 blocks it lacks. @throws as {@link BlockHost.put} */
  missing(cids: readonly Cid[], options?: AbortOptions): Promise<readonly Cid[]>
}

/** A directory as a host: another disk, or another machine's. */
export function createDirectoryHost(name: string, blocks: BlockStore): BlockHost {
  return {
    name,
    get: async (cid) => blocks.get(cid),
    async put(bytes) {
      await blocks.put(bytes, 'raw')
    },
    async missing(cids) {
      const lacking: Cid[] = []
      for (const cid of cids) if (!(await blocks.has(cid))) lacking.push(cid)
      return lacking
    },
  }
}

/**
 * Another node as a host. What it gives is looked at before it is used.
 *
 * Invariant: only this node's own key opens what it brought there.
 */
export function createPeerHost(
  { host }: { readonly host: Pick<NetHost, 'open'> },
  peer: PeerTarget,
): BlockHost {
  const ask = async (
    request: HostingRequest,
    block: readonly Uint8Array[],
    options: AbortOptions,
  ): Promise<{ readonly reply: HostingReply; readonly body: readonly Uint8Array[] }> => {
    const signal = anySignal([options.signal], limits.transferTimeoutMs)
    const channel = await host.open(peer, HOSTING_PROTOCOL, {
      ...{ lane: 'bulk', signal, maxHeaderBytes: limits.maxHeaderBytes },
      maxBodyBytes: contentExchangeLimits.maxBlockBytes,
    })
    try {
      await channel.send(canonicalBytes(hostingRequestJson(request)), block, { signal })
      await channel.closeWrite({ signal })
      const frame = await channel.receive({ signal })
      const reply = frame === null ? null : parseHostingReply(readMessage(frame.header))
      if (frame === null || reply?.ok !== true) throw refused(peer, 'an answer nobody can read')
      await channel.close({ signal })
      return { reply: reply.value, body: frame.body }
    } catch (error) {
      channel.abort(new Error('hosting failed'))
      throw error
    }
  }
  return {
    name: peer.peerId,
    async get(cid, options = {}) {
      const { reply, body } = await ask({ op: 'get', cid }, [], options)
      const bytes = concatBytes(...body)
      if (reply.type === 'refusal') return undefined
      return isContentOf(cid, bytes) ? bytes : undefined
    },
    async put(bytes, options = {}) {
      const { reply } = await ask({ op: 'put', cid: cidOf(bytes, 'raw') }, [bytes], options)
      if (reply.type === 'refusal') throw refused(peer, `${reply.code}: ${reply.detail}`)
    },
    async missing(cids, options = {}) {
      const { reply } = await ask({ op: 'missing', cids }, [], options)
      if (reply.type === 'refusal') throw refused(peer, `${reply.code}: ${reply.detail}`)
      return reply.missing
    },
  }
}

function refused({ peerId }: PeerTarget, why: string): MillraceError {
  return new MillraceError('HOST_REFUSED', `the host ${peerId} refused: ${why}`)
}
