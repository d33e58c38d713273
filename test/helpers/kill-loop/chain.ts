import { setUpChain, type TestnetChain } from '../../../scripts/testnet/chain-setup.ts'
import { parseAddress } from '../../../src/lib/crypto/address.ts'
import type { Logger } from '../../../src/lib/logger.ts'
import { createCheat } from '../chain.ts'

/** A chain of its own with the contracts, a bonded provider and a funded payer. */
export interface LoopChain extends TestnetChain {
  /** Deposit and reserve of the payer. */
  funds(): Promise<bigint>
}

/** Starts the chain, and mines a block every so many milliseconds until it is stopped. */
export async function startLoopChain(
  components: { readonly logger: Logger },
  init: { readonly directory: string; readonly blockMs: number },
  options: { readonly signal: AbortSignal },
): Promise<LoopChain> {
  const { directory, blockMs } = init
  const parties = { orchestrators: 1, broadcasters: 1, directory }
  const chain = await setUpChain(components, parties, options)
  const cheat = createCheat(chain.anvil.rpcUrl)
  await cheat.setIntervalMining({ interval: 0 })
  await cheat.setAutomine(false)
  let mining: Promise<void> | undefined
  const timer = setInterval(() => {
    // The chain may be gone already when the loop is broken off.
    mining ??= cheat
      .mine({ blocks: 1 })
      .catch(() => {})
      .finally(() => {
        mining = undefined
      })
  }, blockMs)
  const payer = parseAddress(chain.account(2).address)
  if (payer === null) throw new RangeError('an account without an address')
  return {
    ...chain,
    async funds() {
      const { deposit, reserve } = await chain.broker.senderInfo(payer)
      return deposit + reserve.fundsRemaining
    },
    async stop() {
      clearInterval(timer)
      await mining
      await chain.stop()
    },
  }
}
