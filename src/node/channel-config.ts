import { z } from 'zod'
import { addressField, weiField } from './config-fields.ts'

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

/** What a role needs of the chain before it can use its rails; undefined when nothing is missing. */
export function missingForRails(
  rails: readonly RailName[],
  paymentChannels: string | undefined,
): string | undefined {
  if (!rails.includes('channel') || paymentChannels !== undefined) return undefined
  return 'required by the rail channel: the address of the PaymentChannels contract'
}
