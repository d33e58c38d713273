import type { AbortOptions } from '../lib/abort.ts'
import { fromHex, toHex } from '../lib/bytes.ts'
import { type Address, parseAddress } from '../lib/crypto/address.ts'
import { assert } from '../lib/errors.ts'
import { userRegistryAbi } from './abi/user-registry.ts'
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

/** A communication key that a wallet listed as its own. */
export interface ListedKey {
  readonly wallet: Address
  /** Ed25519, 32 bytes. */
  readonly key: Uint8Array
}

/**
 * The contract in which wallets say which communication keys speak for them. Anyone may list any
 * key: a listing proves nothing alone.
 */
export interface UserRegistry {
  readonly address: Address
  isRegistered(wallet: Address, options?: AbortOptions): Promise<boolean>
  isKeyOf(wallet: Address, key: Uint8Array, options?: AbortOptions): Promise<boolean>
  /** Digest of the bid that opened the wallet's last channel; zeros before the first. */
  nonceOf(wallet: Address, options?: AbortOptions): Promise<Uint8Array>
  /** What a wallet last said of itself within a range of blocks. */
  metadataOf(
    wallet: Address,
    range: BlockRange,
    options?: AbortOptions,
  ): Promise<string | undefined>
  /** Keys listed within a range of blocks and not taken back within it. */
  keys(range: BlockRange, options?: AbortOptions): Promise<readonly ListedKey[]>
  register(key: Uint8Array, metadata: string, options: WriteOptions): Promise<Receipt>
  addKey(key: Uint8Array, options: WriteOptions): Promise<Receipt>
  revokeKey(key: Uint8Array, options: WriteOptions): Promise<Receipt>
  setMetadata(metadata: string, options: WriteOptions): Promise<Receipt>
  /** Gas of a registration of the client's own account. */
  registrationGas(key: Uint8Array, metadata: string, options?: AbortOptions): Promise<bigint>
}

/** The UserRegistry at an address. */
export function createUserRegistry(
  components: ContractComponents,
  init: ContractInit,
): UserRegistry {
  const { address, read, write, encode } = createContract(components, userRegistryAbi, init)
  const { client } = components
  return {
    address,
    isRegistered: async (wallet, options) => read('isRegistered', [wallet], options),
    isKeyOf: async (wallet, key, options) => read('isKeyOf', [wallet, toHex(key)], options),
    nonceOf: async (wallet, options) => fromHex(await read('nonceOf', [wallet], options)),
    metadataOf: async (wallet, range, options) =>
      readMetadata(components, address, { ...range, wallet }, options),
    keys: async (range, options) => readKeys(components, address, range, options),
    register: async (key, metadata, options) => write('register', [toHex(key), metadata], options),
    addKey: async (key, options) => write('addKey', [toHex(key)], options),
    revokeKey: async (key, options) => write('revokeKey', [toHex(key)], options),
    setMetadata: async (metadata, options) => write('setMetadata', [metadata], options),
    async registrationGas(key, metadata, options) {
      const account = client.address
      assert(account !== undefined, 'a registration has an account')
      const data = toHex(encode('register', [toHex(key), metadata]))
      // Whoever cannot pay for it is to learn what it takes: no balance is looked at here.
      const estimate = client.viem.estimateGas({ account, to: address, data, gasPrice: 0n })
      return ask(estimate, options)
    },
  }
}

async function readKeys(
  { client }: ContractComponents,
  address: Address,
  { fromBlock, toBlock }: BlockRange,
  options: AbortOptions = {},
): Promise<readonly ListedKey[]> {
  const step = BigInt(chainLimits.maxLogBlocks)
  const listed = new Map<string, ListedKey>()
  for (let from = fromBlock; from <= toBlock; from += step) {
    const to = from + step - 1n < toBlock ? from + step - 1n : toBlock
    const query = { abi: userRegistryAbi, address, fromBlock: from, toBlock: to, strict: true }
    const logs = await ask(client.viem.getContractEvents({ ...query, strict: true }), options)
    for (const log of logs) {
      if (log.eventName !== 'KeyAdded' && log.eventName !== 'KeyRevoked') continue
      const { wallet, key } = log.args
      const parsed = parseAddress(wallet)
      if (parsed === null) continue
      if (log.eventName === 'KeyRevoked') listed.delete(`${wallet}/${key}`)
      else listed.set(`${wallet}/${key}`, { wallet: parsed, key: fromHex(key) })
    }
  }
  return [...listed.values()]
}

/** The newest first: what was said before it does not matter. */
async function readMetadata(
  { client }: ContractComponents,
  address: Address,
  { wallet, fromBlock, toBlock }: BlockRange & { readonly wallet: Address },
  options: AbortOptions = {},
): Promise<string | undefined> {
  const step = BigInt(chainLimits.maxLogBlocks)
  for (let to = toBlock; to >= fromBlock; to -= step) {
    const from = to - step + 1n > fromBlock ? to - step + 1n : fromBlock
    const query = { abi: userRegistryAbi, address, eventName: 'MetadataChanged' } as const
    const range = { args: { wallet }, fromBlock: from, toBlock: to, strict: true } as const
    const logs = await ask(client.viem.getContractEvents({ ...query, ...range }), options)
    const last = logs.at(-1)
    if (last !== undefined) return last.args.metadata
  }
  return undefined
}
