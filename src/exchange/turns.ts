import type { Address } from '../lib/crypto/address.ts'
import { createSerial } from '../lib/serial.ts'

/** Runs what is done with one payer's payments one after the other. */
export type Turns = (payer: Address) => ReturnType<typeof createSerial>

/**
 * One payer's payments take turns over all of its orders, of whatever kind: between the checking of
 * a proof and the storing of its credit, the same proof must not be checked for another order.
 */
export function createTurns(): Turns {
  const turns = new Map<Address, ReturnType<typeof createSerial>>()
  return (payer) => {
    const turn = turns.get(payer) ?? createSerial()
    turns.set(payer, turn)
    return turn
  }
}
