import {
  type Abi,
  type ContractFunctionArgs,
  type ContractFunctionName,
  type ContractFunctionReturnType,
  type EncodeFunctionDataParameters,
  encodeFunctionData,
  type ReadContractParameters,
} from 'viem'
import type { AbortOptions } from '../lib/abort.ts'
import { fromHex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { MillraceError } from '../lib/errors.ts'
import type { Wei } from '../lib/wei.ts'
import { ask, type ChainClient } from './client.ts'
import type { Receipt, Transactions } from './transactions.ts'

/** The last argument of everything that changes the chain. */
export interface WriteOptions extends AbortOptions {
  /** Names the effect, see {@link TransactionRequest}: the same id is the same transaction. */
  readonly id: string
  /** Limit of gas; estimated when left out. */
  readonly gas?: bigint
}

/** Where a contract is. */
export interface ContractInit {
  readonly address: Address
}

/** What a contract needs; without `transactions` it can only be read. */
export interface ContractComponents {
  readonly client: ChainClient
  readonly transactions?: Transactions | undefined
}

type ViewName<A extends Abi> = ContractFunctionName<A, 'pure' | 'view'>
type WriteName<A extends Abi> = ContractFunctionName<A, 'nonpayable' | 'payable'>

type WriteArgs<A extends Abi, N extends WriteName<A>> = ContractFunctionArgs<
  A,
  'nonpayable' | 'payable',
  N
>

/** The typed calls of one contract. Used inside the room only. */
export interface Contract<A extends Abi> {
  readonly address: Address
  /** @throws `CALL_REVERTED`, `CONTRACT_MISSING` or `CHAIN_UNREACHABLE` */
  readonly read: <
    N extends ViewName<A>,
    const P extends ContractFunctionArgs<A, 'pure' | 'view', N>,
  >(
    name: N,
    args: P,
    options?: ReadOptions,
  ) => Promise<ContractFunctionReturnType<A, 'pure' | 'view', N, P>>
  readonly encode: <N extends WriteName<A>>(name: N, args: WriteArgs<A, N>) => Uint8Array
  /** @throws what {@link Transactions.submit} throws, or `CHAIN_READ_ONLY` */
  readonly write: <N extends WriteName<A>>(
    name: N,
    args: WriteArgs<A, N>,
    options: WriteOptions,
    value?: Wei,
  ) => Promise<Receipt>
}

/** How a contract is read. */
export interface ReadOptions extends AbortOptions {
  /** The state to read: the newest block, or the one being made. Default `latest`. */
  readonly blockTag?: 'latest' | 'pending'
}

/** Binds an interface to an address. */
export function createContract<const A extends Abi>(
  { client, transactions }: ContractComponents,
  abi: A,
  { address }: ContractInit,
): Contract<A> {
  const encode: Contract<A>['encode'] = (functionName, args) => {
    const call = { abi, functionName, args } as unknown as EncodeFunctionDataParameters
    return fromHex(encodeFunctionData(call))
  }
  return {
    address,
    encode,
    async read(functionName, args, { signal, blockTag = 'latest' } = {}) {
      const call = { abi, address, functionName, args, blockTag }
      const parameters = call as unknown as ReadContractParameters<A, typeof functionName>
      return (await ask(client.viem.readContract(parameters), { signal })) as never
    },
    async write(name, args, { id, gas, signal }, value = 0n) {
      if (transactions === undefined) {
        throw new MillraceError('CHAIN_READ_ONLY', `${name} needs an account`, {
          hint: 'Configure the key of the account that pays for gas',
        })
      }
      const data = encode(name, args)
      const request = { id, to: address, data, value, ...(gas === undefined ? {} : { gas }) }
      return transactions.submit(request, { signal })
    },
  }
}
