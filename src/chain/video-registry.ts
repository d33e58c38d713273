import type { AbortOptions } from '../lib/abort.ts'
import { fromHex, toHex } from '../lib/bytes.ts'
import { type Address, parseAddress } from '../lib/crypto/address.ts'
import { videoRegistryAbi } from './abi/video-registry.ts'
import { ask } from './client.ts'
import {
  type ContractComponents,
  type ContractInit,
  createContract,
  type WriteOptions,
} from './contract.ts'
import { chainLimits } from './limits.ts'
import type { BlockRange } from './ticket-broker.ts'
import type { Receipt } from './transactions.ts'

/** What is registered of a video. All but the title never changes. */
export interface RegisteredVideo {
  /** sha256 of the directory, 32 bytes. */
  readonly directory: Uint8Array
  /** Ed25519 key of the owner, 32 bytes. Bids go to it. */
  readonly owner: Uint8Array
  /** Who is paid. */
  readonly payee: Address
  readonly title: string
  /** Whole seconds. */
  readonly duration: number
  readonly segment: {
    /** Whole seconds; the last may be shorter. */
    readonly length: number
    /** Bytes of the largest. */
    readonly size: number
  }
  readonly formats: readonly string[]
}

/** A registration, as it was announced. */
export interface AnnouncedVideo {
  readonly directory: Uint8Array
  readonly title: string
}

/** The contract that says who offers which video: the first registrant keeps a directory. */
export interface VideoRegistry {
  readonly address: Address
  /** What is registered under a directory's digest, if anything. */
  videoOf(directory: Uint8Array, options?: AbortOptions): Promise<RegisteredVideo | undefined>
  /** Videos registered within a range of blocks, oldest first, with the titles of then. */
  announced(range: BlockRange, options?: AbortOptions): Promise<readonly AnnouncedVideo[]>
  register(video: RegisteredVideo, options: WriteOptions): Promise<Receipt>
  setTitle(directory: Uint8Array, title: string, options: WriteOptions): Promise<Receipt>
}

/** The VideoRegistry at an address. */
export function createVideoRegistry(
  components: ContractComponents,
  init: ContractInit,
): VideoRegistry {
  const { address, read, write } = createContract(components, videoRegistryAbi, init)
  return {
    address,
    async videoOf(directory, options) {
      const video = await read('videoOf', [toHex(directory)], options)
      const payee = parseAddress(video.payee)
      if (video.duration === 0 || payee === null) return undefined
      return {
        directory,
        owner: fromHex(video.owner),
        payee,
        title: video.title,
        duration: video.duration,
        segment: { length: video.segmentLength, size: video.segmentSize },
        formats: video.formats,
      }
    },
    announced: async (range, options) => readAnnounced(components, address, range, options),
    async register({ directory, owner, payee, title, duration, segment, formats }, options) {
      const video = {
        ...{ owner: toHex(owner), payee, duration, title, formats },
        segmentLength: segment.length,
        segmentSize: segment.size,
      }
      return write('register', [toHex(directory), video], options)
    },
    setTitle: async (directory, title, options) =>
      write('setTitle', [toHex(directory), title], options),
  }
}

async function readAnnounced(
  { client }: ContractComponents,
  address: Address,
  { fromBlock, toBlock }: BlockRange,
  options: AbortOptions = {},
): Promise<readonly AnnouncedVideo[]> {
  const step = BigInt(chainLimits.maxLogBlocks)
  const videos: AnnouncedVideo[] = []
  for (let from = fromBlock; from <= toBlock; from += step) {
    const to = from + step - 1n < toBlock ? from + step - 1n : toBlock
    const query = { abi: videoRegistryAbi, address, eventName: 'VideoRegistered' } as const
    const range = { fromBlock: from, toBlock: to, strict: true } as const
    const logs = await ask(client.viem.getContractEvents({ ...query, ...range }), options)
    for (const { args } of logs) {
      videos.push({ directory: fromHex(args.directory), title: args.title })
    }
  }
  return videos
}
