import { createSerial } from '../../lib/serial.ts'
import type { PayerChannel } from './payer-store.ts'

/** Lets what signs on a channel go one after the other. */
export type ChannelTurns = (channel: PayerChannel) => ReturnType<typeof createSerial>

/** One row of turns for each channel. */
export function createChannelTurns(): ChannelTurns {
  const turns = new Map<string, ReturnType<typeof createSerial>>()
  return ({ key }) => {
    const turn = turns.get(key) ?? createSerial()
    turns.set(key, turn)
    return turn
  }
}
