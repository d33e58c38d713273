import type { AbortOptions } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import { serviceRegistryAbi } from './abi/service-registry.ts'
import {
  type ContractComponents,
  type ContractInit,
  createContract,
  type WriteOptions,
} from './contract.ts'
import type { Receipt } from './transactions.ts'

/** The contract in which an address says where its services are. */
export interface ServiceRegistry {
  readonly address: Address
  /** What an address published, untrusted; empty when it never did. */
  serviceUri(account: Address, options?: AbortOptions): Promise<string>
  setServiceUri(uri: string, options: WriteOptions): Promise<Receipt>
}

/** The ServiceRegistry at an address. */
export function createServiceRegistry(
  components: ContractComponents,
  init: ContractInit,
): ServiceRegistry {
  const { address, read, write } = createContract(components, serviceRegistryAbi, init)
  return {
    address,
    serviceUri: async (account, options) => read('getServiceURI', [account], options),
    setServiceUri: async (uri, options) => write('setServiceURI', [uri], options),
  }
}
