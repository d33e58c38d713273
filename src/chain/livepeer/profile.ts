import type { AbortOptions } from '../../lib/abort.ts'
import type { Address } from '../../lib/crypto/address.ts'
import type { ContractComponents } from '../contract.ts'
import type { LivepeerProfile } from '../profile.ts'
import { createRoundsManager } from '../rounds-manager.ts'
import { createServiceRegistry } from '../service-registry.ts'
import { createLivepeerBonding } from './bonding-manager.ts'
import { openController } from './controller.ts'
import { createLivepeerBroker } from './ticket-broker.ts'

/**
 * A deployment with Livepeer's interface, found through its controller. RoundsManager and
 * ServiceRegistry are called as this project's are: the functions are the same ones.
 *
 * @throws `CONTRACT_MISSING`, `CONTROLLER_INVALID` or `CONTRACT_UNREGISTERED`
 */
export async function openLivepeerProfile(
  components: ContractComponents,
  init: { readonly controller: Address },
  options: AbortOptions,
): Promise<LivepeerProfile> {
  const controller = await openController(components, { address: init.controller }, options)
  const addresses = {
    ticketBroker: await controller.find('TicketBroker', options),
    roundsManager: await controller.find('RoundsManager', options),
    bondingManager: await controller.find('BondingManager', options),
    serviceRegistry: await controller.find('ServiceRegistry', options),
  }
  const rounds = createRoundsManager(components, {
    address: addresses.roundsManager,
    roundUnit: 'block',
  })
  const bonding = createLivepeerBonding(
    { ...components, controller, rounds },
    { address: addresses.bondingManager },
  )
  return {
    name: 'livepeer',
    addresses,
    rounds,
    bonding,
    broker: createLivepeerBroker(
      { ...components, bonding, controller },
      { address: addresses.ticketBroker },
    ),
    registry: createServiceRegistry(components, { address: addresses.serviceRegistry }),
  }
}
