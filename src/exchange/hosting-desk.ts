import { concatBytes } from '../lib/bytes.ts'
import type { Logger } from '../lib/logger.ts'
import { createSerial } from '../lib/serial.ts'
import type { BlockStore } from '../media/content/block-store.ts'
import { type Cid, cidOf } from '../media/content/cid.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import type { NetHost } from '../net/host.ts'
import type { HandlerContext } from '../net/inbound.ts'
import { canonicalBytes } from '../rails/check/jcs.ts'
import { versionedCodec } from '../store/codec.ts'
import type { Store, Table } from '../store/store.ts'
import { contentExchangeLimits } from './content-limits.ts'
import { readMessage } from './content-stream.ts'
import { hostingLimits as limits } from './hosting-limits.ts'
import {
  HOSTING_PROTOCOL,
  type HostingReply,
  type HostingRequest,
  hostingReplyJson,
  parseHostingRequest,
} from './hosting-wire.ts'

/** What hosting works with. */
export interface HostingDeskComponents {
  readonly host: Pick<NetHost, 'handle'>
  readonly store: Store
  readonly blocks: BlockStore
  readonly logger: Logger
}

/** For whom blocks are kept, and how much of them. */
export interface HostingDeskInit {
  /** Peer ids of publishers, and the bytes each may keep here. */
  readonly publishers: ReadonlyMap<string, number>
}

/** What is kept of one publisher. */
export interface Hosted {
  readonly publisher: string
  readonly blocks: number
  readonly bytes: number
  readonly maxBytes: number
}

/** Keeps blocks for publishers. */
export interface HostingDesk {
  start(): Promise<void>
  hosted(): readonly Hosted[]
}

/**
 * Keeps segments for the publishers it knows, and gives each its own.
 *
 * Invariant: a block goes to nobody but a publisher that brought those very bytes. Who asks is who
 * the connection proves, so that no message needs a signature of its own.
 */
export function createHostingDesk(
  components: HostingDeskComponents,
  init: HostingDeskInit,
): HostingDesk {
  return new StoredHostingDesk(components, init)
}

interface Usage {
  blocks: number
  bytes: number
}

class StoredHostingDesk implements HostingDesk {
  readonly #parts: HostingDeskComponents
  readonly #init: HostingDeskInit
  readonly #table: Table<number>
  readonly #usage = new Map<string, Usage>()
  readonly #serial = createSerial()

  constructor(parts: HostingDeskComponents, init: HostingDeskInit) {
    this.#parts = parts
    this.#init = init
    const codec = versionedCodec<number>({
      name: 'hosted block',
      version: 1,
      parse: (value) => value as number,
    })
    this.#table = parts.store.table('hosted', codec)
  }

  async start(): Promise<void> {
    for await (const [key, bytes] of this.#table.entries()) {
      this.#count(key.slice(0, key.indexOf('/')), bytes)
    }
    const { maxHeaderBytes } = limits
    const bounds = { maxHeaderBytes, maxBodyBytes: contentExchangeLimits.maxBlockBytes }
    await this.#parts.host.handle(
      HOSTING_PROTOCOL,
      async (channel, context) => this.#serve(channel, context),
      bounds,
    )
  }

  hosted(): readonly Hosted[] {
    return [...this.#init.publishers].map(([publisher, maxBytes]) => {
      const { blocks, bytes } = this.#usage.get(publisher) ?? { blocks: 0, bytes: 0 }
      return { publisher, blocks, bytes, maxBytes }
    })
  }

  async #serve(channel: FrameChannel, { remotePeer, signal }: HandlerContext): Promise<void> {
    const maxBytes = this.#init.publishers.get(remotePeer)
    // A stranger's block is not even read.
    const bounds = maxBytes === undefined ? { maxBodyBytes: 0 } : {}
    const options = { idleMs: limits.transferTimeoutMs, signal }
    const frame = await channel.receive({ ...options, ...bounds })
    if (frame === null) return
    const request = parseHostingRequest(readMessage(frame.header))
    if (!request.ok) return
    const answer =
      maxBytes === undefined
        ? refuse('NOT_HOSTED', 'nothing is kept for this peer here')
        : await this.#answer(request.value, remotePeer, maxBytes, frame.body)
    const { reply, body } = answer
    await channel.send(canonicalBytes(hostingReplyJson(reply)), body, { signal })
  }

  async #answer(
    request: HostingRequest,
    publisher: string,
    maxBytes: number,
    body: readonly Uint8Array[],
  ): Promise<Answer> {
    if (request.op === 'missing') {
      const missing: Cid[] = []
      for (const cid of request.cids) {
        const isHere = await this.#holds(publisher, cid)
        if (!isHere || !(await this.#parts.blocks.has(cid))) missing.push(cid)
      }
      return { reply: { type: 'done', missing }, body: [] }
    }
    if (request.op === 'put') {
      return this.#serial(async () => this.#keep(request.cid, publisher, maxBytes, body))
    }
    const isHere = await this.#holds(publisher, request.cid)
    const block = isHere ? await this.#parts.blocks.get(request.cid) : undefined
    if (block === undefined) return refuse('BLOCK_UNKNOWN', request.cid)
    return { reply: { type: 'done', missing: [] }, body: [block] }
  }

  async #keep(
    cid: Cid,
    publisher: string,
    maxBytes: number,
    body: readonly Uint8Array[],
  ): Promise<Answer> {
    const bytes = concatBytes(...body)
    if (cidOf(bytes, 'raw') !== cid) return refuse('BLOCK_INVALID', 'the bytes have another CID')
    const isNew = !(await this.#holds(publisher, cid))
    const held = this.#usage.get(publisher)?.bytes ?? 0
    if (isNew && held + bytes.byteLength > maxBytes) {
      return refuse('HOST_FULL', `${held} of ${maxBytes} bytes are taken`)
    }
    await this.#parts.blocks.put(bytes, 'raw')
    if (isNew) {
      await this.#table.put(`${publisher}/${cid}`, bytes.byteLength, { sync: true })
      this.#count(publisher, bytes.byteLength)
    }
    return { reply: { type: 'done', missing: [] }, body: [] }
  }

  async #holds(publisher: string, cid: Cid): Promise<boolean> {
    return (await this.#table.get(`${publisher}/${cid}`)) !== undefined
  }

  #count(publisher: string, bytes: number): void {
    const usage = this.#usage.get(publisher) ?? { blocks: 0, bytes: 0 }
    this.#usage.set(publisher, { blocks: usage.blocks + 1, bytes: usage.bytes + bytes })
  }
}

interface Answer {
  readonly reply: HostingReply
  readonly body: readonly Uint8Array[]
}

function refuse(code: string, detail: string): Answer {
  return { reply: { type: 'refusal', code, detail }, body: [] }
}
