import type { AbortOptions } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import { serviceRegistryAbi } from './abi/service-registry.ts'
import {
  type ContractComponents,
  type ContractInit,
  createContract,
  type WriteOptions,
} from './contract.ts'
import { chainLimits } from './limits.ts'
import type { Receipt } from './transactions.ts'

/** The contract in which an address says where its services are. */
export interface ServiceRegistry {
  readonly address: Address
  /** What an address published, untrusted; empty when it never did. */
  serviceUri(account: Address, options?: AbortOptions): Promise<string>
  /** @throws `TX_REVERTED` with `serviceURI is too long` above 256 bytes */
  setServiceUri(uri: string, options: WriteOptions): Promise<Receipt>
}

/** A service on offer. */
export interface OfferedService {
  /** 1 to 64 bytes, such as `CPUTranscoding` or `H264 1080p -> 720p`. */
  readonly id: string
  /** The contract that can verify results; null when they cannot be challenged. */
  readonly verifier: Address | null
}

/** What an orchestrator says of itself. There is no price: prices are negotiated. */
export interface ServiceOffer {
  readonly serviceUri: string
  /** At most 16. */
  readonly services: readonly OfferedService[]
  /** Regions served, at most 16, 1 to 64 bytes each. */
  readonly regions: readonly string[]
}

/** A registry entry, untrusted, with the shares that the chain keeps. */
export interface ServiceRecord extends ServiceOffer {
  /** Part of the inflation that the orchestrator keeps in this round, per million. */
  readonly rewardCut: bigint
  /** Part of the fees that it passes on in this round, per million. */
  readonly feeShare: bigint
}

/** This project's ServiceRegistry, which knows services and regions too. */
export interface OwnServiceRegistry extends ServiceRegistry {
  /** Everything empty and zero for an address that never published anything. */
  record(account: Address, options?: AbortOptions): Promise<ServiceRecord>
  /** The records of many addresses, in their order. */
  records(accounts: readonly Address[], options?: AbortOptions): Promise<readonly ServiceRecord[]>
  /**
   * Publishes the sender's whole entry in place of the one before.
   *
   * @throws `TX_REVERTED` with the contract's reason when something is too long or too many
   */
  register(offer: ServiceOffer, options: WriteOptions): Promise<Receipt>
}

const nobody: Address = '0x0000000000000000000000000000000000000000'

/** The ServiceRegistry at an address. */
export function createServiceRegistry(
  components: ContractComponents,
  init: ContractInit,
): OwnServiceRegistry {
  const { address, read, write } = createContract(components, serviceRegistryAbi, init)
  return {
    address,
    serviceUri: async (account, options) => read('getServiceURI', [account], options),
    setServiceUri: async (uri, options) => write('setServiceURI', [uri], options),
    record: async (account, options) => recordOf(await read('getRecord', [account], options)),
    async records(accounts, options) {
      const records: ServiceRecord[] = []
      for (let i = 0; i < accounts.length; i += chainLimits.maxRecordsAtOnce) {
        const some = accounts.slice(i, i + chainLimits.maxRecordsAtOnce)
        records.push(...(await read('getRecords', [some], options)).map(recordOf))
      }
      return records
    },
    async register({ serviceUri, services, regions }, options) {
      const named = services.map(({ id, verifier }) => ({ id, verifier: verifier ?? nobody }))
      return write('register', [serviceUri, named, regions], options)
    },
  }
}

interface ChainRecord {
  readonly serviceURI: string
  readonly services: readonly { readonly id: string; readonly verifier: Address }[]
  readonly regions: readonly string[]
  readonly rewardCut: bigint
  readonly feeShare: bigint
}

function recordOf({ serviceURI, services, ...rest }: ChainRecord): ServiceRecord {
  return {
    ...rest,
    serviceUri: serviceURI,
    services: services.map(({ id, verifier }) => ({
      id,
      verifier: verifier === nobody ? null : verifier,
    })),
  }
}
