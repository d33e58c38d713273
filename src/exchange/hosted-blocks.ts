import { type AbortOptions, sleep } from '../lib/abort.ts'
import type { Clock } from '../lib/clock.ts'
import { MillraceError, messageOf } from '../lib/errors.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import { TaskGroup } from '../lib/tasks.ts'
import type { BlockStore } from '../media/content/block-store.ts'
import { type Cid, digestOfCid, isContentOf } from '../media/content/cid.ts'
import type { BlockHost } from './block-hosts.ts'
import { hostingLimits as limits } from './hosting-limits.ts'

/** What hosted blocks work with. */
export interface HostedBlocksComponents {
  readonly own: BlockStore
  /** The preferred first. */
  readonly hosts: readonly BlockHost[]
  readonly clock: Clock
  readonly logger: Logger
  /** Segments of this node's videos: what hosts lack of them is brought to them. */
  segments(): Promise<readonly Cid[]>
}

/** One host, as its publisher sees it. */
export interface HostState {
  readonly name: string
  /** Blocks brought there, and got from there, since the start. */
  readonly put: number
  readonly got: number
  /** What went wrong last; absent when nothing did since. */
  readonly fault?: string
}

/** The blocks of a publisher, of which segments are with hosts too. */
export interface HostedBlocks extends BlockStore, Startable {
  hosts(): readonly HostState[]
  /** Brings hosts what they lack. Resolves to how many blocks they were brought. */
  repair(options?: AbortOptions): Promise<number>
}

/**
 * Keeps segments with hosts, and finds them there.
 *
 * Invariant: a segment is dropped here only when a host has taken it, and one that comes back from a
 * host is what its CID says.
 *
 * @param init.keepsSegments - whether this node keeps every segment itself too
 */
export function createHostedBlocks(
  components: HostedBlocksComponents,
  init: { readonly keepsSegments: boolean },
): HostedBlocks {
  return new OutsourcedBlocks(components, init.keepsSegments)
}

interface Seat {
  readonly host: BlockHost
  put: number
  got: number
  fault: string | undefined
  /** Until when it is asked last. */
  restsUntilMs: number
}

class OutsourcedBlocks implements HostedBlocks {
  readonly #parts: HostedBlocksComponents
  readonly #keepsSegments: boolean
  readonly #seats: readonly Seat[]
  readonly #tasks: TaskGroup
  #controller = new AbortController()

  constructor(parts: HostedBlocksComponents, keepsSegments: boolean) {
    this.#parts = parts
    this.#keepsSegments = keepsSegments
    this.#seats = parts.hosts.map((host) => ({
      ...{ host, put: 0, got: 0, fault: undefined, restsUntilMs: 0 },
    }))
    this.#tasks = new TaskGroup(parts.logger)
  }

  async start(): Promise<void> {
    this.#controller = new AbortController()
    const { signal } = this.#controller
    if (this.#seats.length > 0) this.#tasks.run(async () => this.#keepRepaired(signal))
  }

  async stop(): Promise<void> {
    this.#controller.abort(new DOMException('the exchange is stopping', 'AbortError'))
    await this.#tasks.drain()
  }

  hosts(): readonly HostState[] {
    return this.#seats.map(({ host, put, got, fault }) => {
      return { name: host.name, put, got, ...(fault === undefined ? {} : { fault }) }
    })
  }

  path(cid: Cid): string {
    return this.#parts.own.path(cid)
  }

  async has(cid: Cid): Promise<boolean> {
    return this.#parts.own.has(cid)
  }

  async remove(cid: Cid): Promise<void> {
    await this.#parts.own.remove(cid)
  }

  async put(bytes: Uint8Array, codec: 'raw' | 'dag-cbor'): Promise<Cid> {
    const cid = await this.#parts.own.put(bytes, codec)
    if (codec !== 'raw' || this.#seats.length === 0) return cid
    const { signal } = this.#controller
    const placed = await Promise.all(
      this.#seats.map(async (seat) => this.#place(seat, bytes, { signal })),
    )
    if (!this.#keepsSegments && placed.includes(true)) await this.#parts.own.remove(cid)
    return cid
  }

  async get(cid: Cid, options: AbortOptions = {}): Promise<Uint8Array | undefined> {
    const own = await this.#parts.own.get(cid)
    if (own !== undefined || digestOfCid(cid, 'raw') === null) return own
    const now = this.#parts.clock.now()
    const rested = this.#seats.filter(({ restsUntilMs }) => restsUntilMs <= now)
    const resting = this.#seats.filter((seat) => !rested.includes(seat))
    for (const seat of [...rested, ...resting]) {
      try {
        const bytes = await seat.host.get(cid, options)
        if (bytes !== undefined && isContentOf(cid, bytes)) {
          Object.assign(seat, { got: seat.got + 1, fault: undefined, restsUntilMs: 0 })
          return bytes
        }
        this.#fail(seat, new MillraceError('HOST_REFUSED', `it lacks ${cid}`))
      } catch (error) {
        options.signal?.throwIfAborted()
        this.#fail(seat, error)
      }
    }
    return undefined
  }

  async repair(options: AbortOptions = {}): Promise<number> {
    const segments = await this.#parts.segments()
    let brought = 0
    for (const seat of this.#seats) {
      for (let from = 0; from < segments.length; from += limits.maxCids) {
        const some = segments.slice(from, from + limits.maxCids)
        const lacking = await seat.host.missing(some, options).catch((error: unknown) => {
          options.signal?.throwIfAborted()
          this.#fail(seat, error)
          return null
        })
        if (lacking === null) break
        seat.fault = undefined
        for (const cid of lacking) {
          const bytes = await this.get(cid, options)
          if (bytes === undefined || !(await this.#place(seat, bytes, options))) continue
          brought += 1
        }
      }
    }
    if (!this.#keepsSegments) await this.#drop(segments, options)
    return brought
  }

  /** Drops what some host has. */
  async #drop(segments: readonly Cid[], options: AbortOptions): Promise<void> {
    for (const cid of segments) {
      if (!(await this.#parts.own.has(cid))) continue
      for (const { host } of this.#seats) {
        const lacking = await host.missing([cid], options).catch(() => [cid])
        if (lacking.length > 0) continue
        await this.#parts.own.remove(cid)
        break
      }
    }
  }

  async #place(seat: Seat, bytes: Uint8Array, options: AbortOptions): Promise<boolean> {
    try {
      await seat.host.put(bytes, options)
      seat.put += 1
      return true
    } catch (error) {
      options.signal?.throwIfAborted()
      this.#fail(seat, error)
      return false
    }
  }

  #fail(seat: Seat, error: unknown): void {
    const fault = messageOf(error)
    if (seat.fault !== fault) {
      this.#parts.logger.warn({ host: seat.host.name, fault }, 'a host failed')
    }
    seat.fault = fault
    seat.restsUntilMs = this.#parts.clock.now() + limits.pauseMs
  }

  async #keepRepaired(signal: AbortSignal): Promise<void> {
    for (;;) {
      await this.repair({ signal }).catch((error: unknown) => {
        signal.throwIfAborted()
        this.#parts.logger.warn({ err: error }, 'hosts could not be looked after')
      })
      await sleep(limits.repairMs, { signal })
    }
  }
}
