import type { Address } from '../../src/lib/crypto/address.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { noMetrics } from '../../src/lib/metrics.ts'
import { createChannelChain } from '../../src/rails/channel/channel-chain.ts'
import {
  type ChannelPayee,
  type ChannelPayer,
  openChannelPayee,
  openChannelPayer,
} from '../../src/rails/channel/open.ts'
import type { ChannelPayeeInit } from '../../src/rails/channel/payee-channels.ts'
import type { ChannelPayerInit } from '../../src/rails/channel/payer-channels.ts'
import type { TestChain } from './chain.ts'
import { type ChainSide, openSide, ownDirectory } from './chain-side.ts'

export const ETHER: Address = '0x0000000000000000000000000000000000000000'

/** How the payers of tests open channels. */
export const payerTerms = {
  asset: ETHER,
  deposit: 10n ** 15n,
  maxDeposit: 10n ** 16n,
  expireBlocks: 200,
  maxExpireBlocks: 1_000,
  delayBlocks: 3,
  openTimeoutMs: 20_000,
  finalityBlocks: 3,
} as const

/** On which terms the payees of tests are paid. */
export const payeeTerms = {
  asset: ETHER,
  minDeposit: 10n ** 14n,
  maxDelay: 10,
  minExpire: 30,
  confirmations: 1,
  finalityBlocks: 3,
} as const

/** A half of the channel rail over a database of its own. */
export interface Half<T> {
  side(): ChainSide
  half(): T
  /** Drops it without a farewell and opens it again over the same database. */
  restart(isWatching?: boolean): Promise<void>
  stop(): Promise<void>
}

interface Watched {
  readonly watch: { start(): Promise<void>; stop(): Promise<void> }
}

/** A half with account `index`, made anew over its database at each restart. */
export async function createHalf<T extends Watched>(
  chain: TestChain,
  index: number,
  make: (side: ChainSide) => Promise<T>,
): Promise<Half<T>> {
  const { directory, remove } = await ownDirectory()
  let side = await openSide(chain, index, directory)
  let half = await make(side)
  return {
    side: () => side,
    half: () => half,
    async restart(isWatching = false) {
      await half.watch.stop()
      await side.close()
      side = await openSide(chain, index, directory)
      half = await make(side)
      if (isWatching) await half.watch.start()
    },
    async stop() {
      await half.watch.stop()
      await side.close()
      await remove()
    },
  }
}

/** What a half stands on. */
export function componentsOf(chain: TestChain, side: ChainSide) {
  return {
    store: side.store,
    chain: createChannelChain(side, { contract: chain.addresses.paymentChannels }),
    logger: silentLogger,
    metrics: noMetrics,
  }
}

/** A payer with account `index`. */
export async function payerHalf(
  chain: TestChain,
  index: number,
  init: Partial<ChannelPayerInit & { finalityBlocks: number }> = {},
): Promise<Half<ChannelPayer>> {
  return createHalf(chain, index, async (side) =>
    openChannelPayer(
      { ...componentsOf(chain, side), signer: side.digests },
      {
        address: side.wallet.address,
        ...payerTerms,
        ...init,
      },
    ),
  )
}

/** A payee with account `index`. */
export async function payeeHalf(
  chain: TestChain,
  index: number,
  init: Partial<ChannelPayeeInit> = {},
): Promise<Half<ChannelPayee>> {
  return createHalf(chain, index, async (side) =>
    openChannelPayee(componentsOf(chain, side), {
      address: side.wallet.address,
      ...payeeTerms,
      ...init,
    }),
  )
}
