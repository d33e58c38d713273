import type { Address } from '../lib/crypto/address.ts'
import type { BondingManager, OwnBondingManager } from './bonding-manager.ts'
import type { RoundsManager } from './rounds-manager.ts'
import type { OwnServiceRegistry, ServiceRegistry } from './service-registry.ts'
import type { OwnTicketBroker, TicketBroker } from './ticket-broker.ts'

/** Whose contracts a chain has: this project's, or some with Livepeer's interface. */
export type ProfileName = 'own' | 'livepeer'

/** Where the four contracts of the market are. */
export interface MarketAddresses {
  readonly ticketBroker: Address
  readonly roundsManager: Address
  readonly bondingManager: Address
  readonly serviceRegistry: Address
}

/** What an operator says of the contracts: all addresses, or the one that names the others. */
export type ContractPlaces =
  | ({ readonly profile: 'own' } & MarketAddresses)
  | { readonly profile: 'livepeer'; readonly controller: Address }

/**
 * The contracts of one chain, as the rest of the node knows them.
 *
 * Each part is a port. What differs between deployments is behind it: where fees are kept, by what
 * reserves are divided, in what rounds are measured, and whether a ticket may be used up for less
 * than its face value, which no profile lets a simulation pass.
 */
export type ChainProfile = OwnProfile | LivepeerProfile

interface AnyProfile {
  readonly addresses: MarketAddresses
  readonly broker: TicketBroker
  readonly rounds: RoundsManager
  readonly bonding: BondingManager
  readonly registry: ServiceRegistry
}

/** This project's contracts, which know delegation, services and regions too. */
export interface OwnProfile extends AnyProfile {
  readonly name: 'own'
  readonly broker: OwnTicketBroker
  readonly bonding: OwnBondingManager
  readonly registry: OwnServiceRegistry
}

/** Contracts with Livepeer's interface. */
export interface LivepeerProfile extends AnyProfile {
  readonly name: 'livepeer'
}

/**
 * Gas of one redemption, the dearest usual case, from which face values are reckoned. A rollup that
 * charges for its calldata needs more.
 */
export const REDEEM_GAS: Readonly<Record<ProfileName, number>> = { own: 90_000, livepeer: 350_000 }
