import { z } from 'zod'
import { addressField, weiField } from './config-fields.ts'
import { redeemerPeerSchema } from './redeemer-config.ts'

/** The ways to pay that a node knows. */
export const RAILS = ['ticket', 'channel'] as const

/** One of {@link RAILS}. */
export type RailName = (typeof RAILS)[number]

const ETHER = '0x0000000000000000000000000000000000000000'
const wei = (text: string) => weiField.prefault(text)
const blocks = (least: number) => z.int().min(least).max(65_535)

/** The rails that are offered or taken, the preferred one first. */
export const railsField = z
  .array(z.enum(RAILS))
  .min(1)
  .max(RAILS.length)
  .refine((rails) => new Set(rails).size === rails.length, { error: 'allowed: each rail once' })
  .prefault(['ticket'])

/** How a payer opens channels. */
export const channelPayerSchema = z.strictObject({
  asset: addressField.prefault(ETHER),
  deposit: wei('0.05 ether'),
  maxDeposit: wei('0.5 ether'),
  expireBlocks: blocks(20).default(7_200),
  maxExpireBlocks: blocks(20).default(50_000),
  delayBlocks: blocks(0).default(50),
  watchtowers: z.array(redeemerPeerSchema).max(8).prefault([]),
})

/** How much a watchtower takes on. */
export const watchtowerSchema = z.strictObject({
  maxChannels: z.int().min(1).max(100_000).default(4_096),
})

/** On which terms a payee takes payments by channel. */
export const channelPayeeSchema = z.strictObject({
  asset: addressField.prefault(ETHER),
  minDeposit: wei('0.001 ether'),
  maxDelayBlocks: blocks(0).default(300),
  minExpireBlocks: blocks(20).default(300),
  confirmations: blocks(1).default(2),
  finalityBlocks: blocks(1).optional(),
  clearanceBlocks: blocks(1).default(6),
  idleBlocks: blocks(0).default(0),
})

/** Why the contract of channels must be named, when it must; undefined when it need not. */
export function contractNeededBy(
  rails: readonly RailName[],
  isWatchtower: boolean,
): string | undefined {
  const who = isWatchtower
    ? 'role watchtower'
    : rails.includes('channel')
      ? 'rail channel'
      : undefined
  if (who === undefined) return undefined
  return `required by the ${who}: the address of the PaymentChannels contract`
}
