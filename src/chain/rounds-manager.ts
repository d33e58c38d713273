import type { AbortOptions } from '../lib/abort.ts'
import { fromHex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { roundsManagerAbi } from './abi/rounds-manager.ts'
import { ask } from './client.ts'
import {
  type ContractComponents,
  type ContractInit,
  createContract,
  type ReadOptions,
  type WriteOptions,
} from './contract.ts'
import type { Receipt } from './transactions.ts'

/** In what the length of rounds is measured. */
export type RoundUnit = 'second' | 'block'

/** The contract that divides time into rounds. */
export interface RoundsManager {
  readonly address: Address
  currentRound(options?: ReadOptions): Promise<bigint>
  currentRoundInitialized(options?: ReadOptions): Promise<boolean>
  /** 0 before the first. */
  lastInitializedRound(options?: ReadOptions): Promise<bigint>
  /** 32 bytes, zero when the round was never initialized. */
  blockHashForRound(round: bigint, options?: ReadOptions): Promise<Uint8Array>
  /** The block in which the newest round was initialized. */
  currentRoundStartBlock(options?: ReadOptions): Promise<bigint>
  readonly roundUnit: RoundUnit
  /** In {@link RoundsManager.roundUnit}s. */
  roundLength(options?: ReadOptions): Promise<bigint>
  /** The share of the current round that is over by the newest block, 0 to 1. */
  roundElapsed(options?: AbortOptions): Promise<number>
  /** Anyone may call it, once a round; it reverts with `round already initialized`. */
  initializeRound(options: WriteOptions): Promise<Receipt>
}

/** The RoundsManager at an address. */
export function createRoundsManager(
  components: ContractComponents,
  { roundUnit = 'second', ...init }: ContractInit & { readonly roundUnit?: RoundUnit },
): RoundsManager {
  const { address, read, write } = createContract(components, roundsManagerAbi, init)
  const elapsed = async (options?: AbortOptions): Promise<bigint> => {
    const { viem } = components.client
    const [{ number, timestamp }, start] = await Promise.all([
      ask(viem.getBlock({ includeTransactions: false }), options),
      roundUnit === 'second'
        ? read('startTime', [], options)
        : read('currentRoundStartBlock', [], options),
    ])
    return (roundUnit === 'second' ? timestamp : number) - start
  }
  return {
    address,
    roundUnit,
    currentRound: async (options) => read('currentRound', [], options),
    currentRoundInitialized: async (options) => read('currentRoundInitialized', [], options),
    lastInitializedRound: async (options) => read('lastInitializedRound', [], options),
    blockHashForRound: async (round, options) =>
      fromHex(await read('blockHashForRound', [round], options)),
    currentRoundStartBlock: async (options) => read('currentRoundStartBlock', [], options),
    roundLength: async (options) => read('roundLength', [], options),
    async roundElapsed(options) {
      const [since, length] = await Promise.all([
        elapsed(options),
        read('roundLength', [], options),
      ])
      // Seconds are counted from the first round on, blocks from the start of this one.
      const over = roundUnit === 'second' ? since % length : since
      return Math.min(1, Math.max(0, Number(over) / Number(length)))
    },
    initializeRound: async (options) => write('initializeRound', [], options),
  }
}
