import { fromHex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { roundsManagerAbi } from './abi/rounds-manager.ts'
import {
  type ContractComponents,
  type ContractInit,
  createContract,
  type ReadOptions,
  type WriteOptions,
} from './contract.ts'
import type { Receipt } from './transactions.ts'

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
  /** Seconds. */
  roundLength(options?: ReadOptions): Promise<bigint>
  /** Anyone may call it, once a round; it reverts with `round already initialized`. */
  initializeRound(options: WriteOptions): Promise<Receipt>
}

/** The RoundsManager at an address. */
export function createRoundsManager(
  components: ContractComponents,
  init: ContractInit,
): RoundsManager {
  const { address, read, write } = createContract(components, roundsManagerAbi, init)
  return {
    address,
    currentRound: async (options) => read('currentRound', [], options),
    currentRoundInitialized: async (options) => read('currentRoundInitialized', [], options),
    lastInitializedRound: async (options) => read('lastInitializedRound', [], options),
    blockHashForRound: async (round, options) =>
      fromHex(await read('blockHashForRound', [round], options)),
    currentRoundStartBlock: async (options) => read('currentRoundStartBlock', [], options),
    roundLength: async (options) => read('roundLength', [], options),
    initializeRound: async (options) => write('initializeRound', [], options),
  }
}
