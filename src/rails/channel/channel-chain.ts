import type { ChainClient } from '../../chain/client.ts'
import { createPaymentChannels } from '../../chain/payment-channels.ts'
import type { Transactions } from '../../chain/transactions.ts'
import { createWorkToken } from '../../chain/work-token.ts'
import { toHex } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import type { ChannelChain } from './ports.ts'

/** What {@link createChannelChain} joins. */
export interface ChannelChainComponents {
  readonly client: ChainClient
  readonly transactions: Transactions
  readonly time: {
    lastSeenBlock(): bigint
    onBlock(listener: (block: bigint) => void): () => void
  }
  readonly gas: { gasPrice(): bigint }
}

/** The chain as channels need it, over the contract at an address. */
export function createChannelChain(
  { client, transactions, time, gas }: ChannelChainComponents,
  { contract }: { readonly contract: Address },
): ChannelChain {
  const channels = createPaymentChannels({ client, transactions }, { address: contract })
  const tokenAt = (address: Address) => createWorkToken({ client, transactions }, { address })
  return {
    domain: { chainId: BigInt(client.chainId), contract },
    block: () => time.lastSeenBlock(),
    onBlock: (listener) => time.onBlock(listener),
    async channelOf(id, options) {
      const slots = await channels.channelOf(id, options)
      return slots.openedAt === 0n ? null : slots
    },
    async fundsOf(asset, account, options) {
      const wei = await client.balance(account, options)
      if (BigInt(asset) === 0n) return { balance: wei, wei }
      return { balance: await tokenAt(asset).balanceOf(account, options), wei }
    },
    gasCost: (amount) => amount * gas.gasPrice(),
    async approve(asset, amount, options) {
      const { id } = options
      await tokenAt(asset).approve(contract, amount, { ...options, id: `${id}/approve` })
    },
    async submit({ to, data, value }, { id, signal }) {
      const { blockNumber } = await transactions.submit({ id, to, data, value }, { signal })
      return blockNumber
    },
    recheck: async (id, options) => transactions.recheck(id, options),
  }
}

/** The id of a channel's transaction: what it is for, and the channel. */
export function effectId(what: string, channel: Uint8Array): string {
  return `channel/${what}/${toHex(channel).slice(2)}`
}
