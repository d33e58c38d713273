import type { AbortOptions } from '../lib/abort.ts'
import { fromHex, toHex } from '../lib/bytes.ts'
import { type Address, parseAddress } from '../lib/crypto/address.ts'
import type { Wei } from '../lib/wei.ts'
import { mediaExchangeAbi } from './abi/media-exchange.ts'
import {
  type ContractComponents,
  type ContractInit,
  createContract,
  type WriteOptions,
} from './contract.ts'
import type { Receipt } from './transactions.ts'

/** Ether, where an asset is named. */
export const ETHER: Address = '0x0000000000000000000000000000000000000000'

/** A bid as the chain knows it. */
export interface ChainBid {
  /** 32 bytes. */
  readonly nonce: Uint8Array
  /** Units of the asset for a second. */
  readonly bid: bigint
  /** Unix seconds. */
  readonly expiration: bigint
  /** sha256 of the directory, 32 bytes. */
  readonly hash: Uint8Array
  readonly format: string
  /** Ed25519 key of the recipient, 32 bytes. */
  readonly to: Uint8Array
  readonly payee: Address
  readonly asset: Address
  /** Whole seconds. */
  readonly duration: number
  readonly segmentSeconds: number
  /** Ed25519 key of the bidder, 32 bytes. */
  readonly key: Uint8Array
}

/** A channel as the chain keeps it. */
export interface ExchangeChannel {
  readonly payer: Address
  /** 0 once it is closed. */
  readonly escrow: Wei
}

/**
 * The contract that holds the money of bids. Whoever a bid names as payee opens its channel and
 * cashes one check; anyone may give the escrow back once the bid has expired.
 */
export interface MediaExchange {
  readonly address: Address
  /** What an account can withdraw, or bid with. */
  balanceOf(asset: Address, account: Address, options?: AbortOptions): Promise<Wei>
  /** The channel of a bid's digest, if it was ever opened. */
  channelOf(digest: Uint8Array, options?: AbortOptions): Promise<ExchangeChannel | undefined>
  /** 32 bytes, as the contract computes it. */
  bidDigest(bid: ChainBid, options?: AbortOptions): Promise<Uint8Array>
  checkDigest(channel: Uint8Array, balance: number, options?: AbortOptions): Promise<Uint8Array>
  /** Tokens must be approved before. */
  fund(asset: Address, amount: Wei, options: WriteOptions): Promise<Receipt>
  withdraw(asset: Address, amount: Wei, options: WriteOptions): Promise<Receipt>
  open(bid: ChainBid, sig: Uint8Array, options: WriteOptions): Promise<Receipt>
  cash(bid: ChainBid, balance: number, sig: Uint8Array, options: WriteOptions): Promise<Receipt>
  reclaim(bid: ChainBid, options: WriteOptions): Promise<Receipt>
}

/** The MediaExchange at an address. */
export function createMediaExchange(
  components: ContractComponents,
  init: ContractInit,
): MediaExchange {
  const { address, read, write } = createContract(components, mediaExchangeAbi, init)
  return {
    address,
    balanceOf: async (asset, account, options) => read('balanceOf', [asset, account], options),
    async channelOf(digest, options) {
      const [payer, escrow] = await read('channelOf', [toHex(digest)], options)
      const parsed = parseAddress(payer)
      return parsed === null || parsed === ETHER ? undefined : { payer: parsed, escrow }
    },
    bidDigest: async (bid, options) => fromHex(await read('bidDigest', [encodeBid(bid)], options)),
    checkDigest: async (channel, balance, options) =>
      fromHex(await read('checkDigest', [toHex(channel), balance], options)),
    fund: async (asset, amount, options) =>
      write('fund', [asset, amount], options, asset === ETHER ? amount : 0n),
    withdraw: async (asset, amount, options) => write('withdraw', [asset, amount], options),
    open: async (bid, sig, options) => write('open', [encodeBid(bid), toHex(sig)], options),
    cash: async (bid, balance, sig, options) =>
      write('cash', [encodeBid(bid), balance, toHex(sig)], options),
    reclaim: async (bid, options) => write('reclaim', [encodeBid(bid)], options),
  }
}

function encodeBid({ nonce, hash, to, key, ...rest }: ChainBid) {
  return { ...rest, nonce: toHex(nonce), hash: toHex(hash), to: toHex(to), key: toHex(key) }
}
