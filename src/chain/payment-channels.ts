import type { AbortOptions } from '../lib/abort.ts'
import { fromHex, toHex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { paymentChannelsAbi } from './abi/payment-channels.ts'
import { ask } from './client.ts'
import {
  type Contract,
  type ContractComponents,
  type ContractInit,
  createContract,
  type ReadOptions,
  type WriteOptions,
} from './contract.ts'
import { chainLimits } from './limits.ts'
import type { BlockRange } from './ticket-broker.ts'
import type { Receipt } from './transactions.ts'

/** What a channel is. */
export interface ChannelTerms {
  readonly payer: Address
  readonly payee: Address
  /** The null address for ether. */
  readonly asset: Address
  /** HASH160 of the spend secret, 20 bytes. */
  readonly spendHash: Uint8Array
  /** Blocks, 0 to 65535. */
  readonly expireTime: number
}

/** A channel as the contract has it; `openedAt` 0 when there never was one. */
export interface ChannelSlots {
  readonly balance: bigint
  readonly committed: bigint
  /** Block. */
  readonly openedAt: bigint
  /** 20 bytes. */
  readonly revokeHash: Uint8Array
  /** Block; 0 while no commit is published. */
  readonly publishedAt: bigint
  /** Blocks from there to the payout. */
  readonly delay: number
}

/** A commit with the payer's signature, 65 bytes. */
export interface SignedCommit {
  readonly quantity: bigint
  readonly revokeHash: Uint8Array
  readonly delay: number
  readonly payerSig: Uint8Array
}

/** What an event says. Amounts in the asset's smallest unit. */
export type ChannelEventBody =
  | {
      readonly type: 'Deposited'
      readonly payer: Address
      readonly payee: Address
      readonly amount: bigint
    }
  | { readonly type: 'ToppedUp' | 'ChangeRecovered' | 'Expired'; readonly amount: bigint }
  | {
      readonly type: 'CommitPublished'
      readonly quantity: bigint
      readonly revokeHash: Uint8Array
      readonly delay: number
    }
  | { readonly type: 'PaidOut'; readonly quantity: bigint; readonly spendSecret: Uint8Array }
  | { readonly type: 'Revoked'; readonly quantity: bigint; readonly revokeSecret: Uint8Array }
  | { readonly type: 'Closed'; readonly quantity: bigint; readonly change: bigint }

/** An event of one channel. */
export type ChannelEvent = ChannelEventBody & {
  readonly channel: Uint8Array
  readonly blockNumber: bigint
}

/** Payment channels for ether and tokens. */
export interface PaymentChannels {
  readonly address: Address
  channelId(terms: ChannelTerms, options?: AbortOptions): Promise<Uint8Array>
  channelOf(id: Uint8Array, options?: ReadOptions): Promise<ChannelSlots>
  /** The account is the payer; with a token, it has approved the amount before. */
  makeDeposit(terms: ChannelTerms, amount: bigint, options: WriteOptions): Promise<Receipt>
  topUp(terms: ChannelTerms, amount: bigint, options: WriteOptions): Promise<Receipt>
  /** The account is the payee. */
  publishCommit(terms: ChannelTerms, commit: SignedCommit, options: WriteOptions): Promise<Receipt>
  /** For a payee that signed the `Publish`. */
  publishCommitFor(
    terms: ChannelTerms,
    commit: SignedCommit & { readonly payeeSig: Uint8Array },
    options: WriteOptions,
  ): Promise<Receipt>
  payout(terms: ChannelTerms, spendSecret: Uint8Array, options: WriteOptions): Promise<Receipt>
  revoke(terms: ChannelTerms, revokeSecret: Uint8Array, options: WriteOptions): Promise<Receipt>
  /** While no commit is published, the spend secret is asked for. */
  recoverChange(
    terms: ChannelTerms,
    spendSecret: Uint8Array | null,
    options: WriteOptions,
  ): Promise<Receipt>
  recoverExpired(terms: ChannelTerms, options: WriteOptions): Promise<Receipt>
  close(
    terms: ChannelTerms,
    agreed: {
      readonly quantity: bigint
      readonly payerSig: Uint8Array
      readonly payeeSig: Uint8Array
    },
    options: WriteOptions,
  ): Promise<Receipt>
  /** Events in the order of the chain, of one channel or of all. */
  events(
    range: BlockRange & { readonly channel?: Uint8Array },
    options?: AbortOptions,
  ): Promise<readonly ChannelEvent[]>
}

const NO_SECRET = new Uint8Array(32)

/** The PaymentChannels contract at an address. */
export function createPaymentChannels(
  components: ContractComponents,
  init: ContractInit,
): PaymentChannels {
  const contract = createContract(components, paymentChannelsAbi, init)
  const { address, read } = contract
  return {
    address,
    ...createWrites(contract),
    async channelId(terms, options) {
      return fromHex(await read('channelId', [encodeTerms(terms)], options))
    },
    async channelOf(id, options) {
      const slots = await read('channelOf', [toHex(id)], options)
      return {
        balance: slots.balance,
        committed: slots.committed,
        openedAt: BigInt(slots.openedAt),
        revokeHash: fromHex(slots.revokeHash),
        publishedAt: BigInt(slots.publishedAt),
        delay: slots.delay,
      }
    },
    events: async (range, options) => readEvents(components, address, range, options),
  }
}

function createWrites({ write }: Contract<typeof paymentChannelsAbi>) {
  return {
    makeDeposit: async (terms, amount, options) =>
      write('makeDeposit', [encodeTerms(terms), amount], options, weiOf(terms, amount)),
    topUp: async (terms, amount, options) =>
      write('topUp', [encodeTerms(terms), amount], options, weiOf(terms, amount)),
    publishCommit: async (terms, commit, options) =>
      write('publishCommit', [encodeTerms(terms), ...encodeCommit(commit)], options),
    async publishCommitFor(terms, commit, options) {
      const args = [...encodeCommit(commit), toHex(commit.payeeSig)] as const
      return write('publishCommitFor', [encodeTerms(terms), ...args], options)
    },
    payout: async (terms, secret, options) =>
      write('payout', [encodeTerms(terms), toHex(secret)], options),
    revoke: async (terms, secret, options) =>
      write('revoke', [encodeTerms(terms), toHex(secret)], options),
    recoverChange: async (terms, secret, options) =>
      write('recoverChange', [encodeTerms(terms), toHex(secret ?? NO_SECRET)], options),
    recoverExpired: async (terms, options) =>
      write('recoverExpired', [encodeTerms(terms)], options),
    async close(terms, { quantity, payerSig, payeeSig }, options) {
      const signatures = [toHex(payerSig), toHex(payeeSig)] as const
      return write('close', [encodeTerms(terms), quantity, ...signatures], options)
    },
  } satisfies Partial<PaymentChannels>
}

async function readEvents(
  { client }: ContractComponents,
  address: Address,
  { fromBlock, toBlock, channel }: BlockRange & { readonly channel?: Uint8Array },
  options: AbortOptions = {},
): Promise<readonly ChannelEvent[]> {
  const step = BigInt(chainLimits.maxLogBlocks)
  const events: ChannelEvent[] = []
  for (let from = fromBlock; from <= toBlock; from += step) {
    const to = from + step - 1n < toBlock ? from + step - 1n : toBlock
    const query = { abi: paymentChannelsAbi, address, fromBlock: from, toBlock: to }
    const logs = await ask(client.viem.getContractEvents({ ...query, strict: true }), options)
    for (const { eventName, args, blockNumber } of logs) {
      const id = fromHex(args.channel)
      if (channel !== undefined && Buffer.compare(id, channel) !== 0) continue
      events.push({ ...bodyOf({ eventName, args }), channel: id, blockNumber })
    }
  }
  return events
}

interface LogBody {
  readonly eventName: ChannelEventBody['type']
  readonly args: Readonly<Record<string, unknown>>
}

function bodyOf({ eventName: type, args }: LogBody): ChannelEventBody {
  const bytes = (name: string): Uint8Array => fromHex(args[name] as string)
  const [amount, quantity] = [args['amount'] as bigint, args['quantity'] as bigint]
  switch (type) {
    case 'Deposited':
      return { type, payer: args['payer'] as Address, payee: args['payee'] as Address, amount }
    case 'CommitPublished': {
      const delay = args['delayTime'] as number
      return { type, quantity, revokeHash: bytes('revokeSecretHash'), delay }
    }
    case 'PaidOut':
      return { type, quantity, spendSecret: bytes('spendSecret') }
    case 'Revoked':
      return { type, quantity, revokeSecret: bytes('revokeSecret') }
    case 'Closed':
      return { type, quantity, change: args['change'] as bigint }
    default:
      return { type, amount }
  }
}

function encodeTerms(terms: ChannelTerms) {
  return { ...terms, spendHash: toHex(terms.spendHash) }
}

function encodeCommit({ quantity, revokeHash, delay, payerSig }: SignedCommit) {
  return [quantity, toHex(revokeHash), delay, toHex(payerSig)] as const
}

function weiOf({ asset }: ChannelTerms, amount: bigint): bigint {
  return BigInt(asset) === 0n ? amount : 0n
}
