import { err } from '../../lib/result.ts'
import type { ContractComponents, ContractInit } from '../contract.ts'
import { createSharedBroker, type TicketBroker } from '../ticket-broker.ts'
import type { LivepeerBondingManager } from './bonding-manager.ts'
import type { Controller } from './controller.ts'

const INSUFFICIENT = 'sender deposit and reserve insufficient to cover ticket face value'

/**
 * The TicketBroker of a deployment with Livepeer's interface.
 *
 * That broker pays what there is, if only 0, and uses the ticket up for it. Here a simulation
 * refuses such a redemption as this project's broker would, so the ticket waits until it is covered.
 * Fees are kept by the BondingManager, so {@link TicketBroker.events} has no `WithdrawFees`.
 */
export function createLivepeerBroker(
  components: ContractComponents & {
    readonly bonding: LivepeerBondingManager
    readonly controller: Controller
  },
  init: ContractInit,
): TicketBroker {
  const { bonding, controller } = components
  const broker = createSharedBroker(components, init)
  return {
    ...broker,
    isRegistered: (recipient, options) => bonding.isRegisteredTranscoder(recipient, options),
    pendingFees: (recipient, options) => bonding.pendingFees(recipient, options),
    withdrawFees: (recipient, amount, options) => bonding.withdrawFees(recipient, amount, options),
    paused: (options) => controller.paused(options),
    async simulateRedeem(redeemable, options) {
      const simulated = await broker.simulateRedeem(redeemable, options)
      if (!simulated.ok) return simulated
      const { sender, recipient, faceValue } = redeemable.ticket
      const { deposit } = await broker.senderInfo(sender, options)
      if (faceValue <= deposit) return simulated
      const claimable = await broker.claimableReserve(sender, recipient, options)
      return faceValue <= deposit + claimable ? simulated : err({ reason: INSUFFICIENT })
    },
  }
}
