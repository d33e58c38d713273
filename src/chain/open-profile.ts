import type { AbortOptions } from '../lib/abort.ts'
import type { Logger } from '../lib/logger.ts'
import { createBondingManager } from './bonding-manager.ts'
import { requireCode } from './code.ts'
import type { ContractComponents } from './contract.ts'
import { openLivepeerProfile } from './livepeer/profile.ts'
import type { ChainProfile, ContractPlaces, MarketAddresses, OwnProfile } from './profile.ts'
import { createRoundsManager } from './rounds-manager.ts'
import { createServiceRegistry } from './service-registry.ts'
import { createTicketBroker } from './ticket-broker.ts'

/**
 * Finds the contracts of the market and makes sure that there is code at each address.
 *
 * @throws `CONTRACT_MISSING` when an address has no code
 * @throws `CONTROLLER_INVALID` or `CONTRACT_UNREGISTERED` when a controller does not lead to them
 */
export async function openProfile(
  components: ContractComponents & { readonly logger: Logger },
  places: ContractPlaces,
  options: AbortOptions = {},
): Promise<ChainProfile> {
  const profile =
    places.profile === 'livepeer'
      ? await openLivepeerProfile(components, places, options)
      : openOwnProfile(components, places)
  for (const [name, address] of Object.entries(profile.addresses)) {
    await requireCode(components.client, { name, address }, options)
  }
  components.logger.info({ profile: profile.name, ...profile.addresses }, 'contracts found')
  return profile
}

function openOwnProfile(
  components: ContractComponents,
  { ticketBroker, roundsManager, bondingManager, serviceRegistry }: MarketAddresses,
): OwnProfile {
  return {
    name: 'own',
    addresses: { ticketBroker, roundsManager, bondingManager, serviceRegistry },
    broker: createTicketBroker(components, { address: ticketBroker }),
    rounds: createRoundsManager(components, { address: roundsManager }),
    bonding: createBondingManager(components, { address: bondingManager }),
    registry: createServiceRegistry(components, { address: serviceRegistry }),
  }
}
