import { z } from 'zod'
import { addressField, exposureSchema, millis, weiField } from './config-fields.ts'
import { redeemerPeerSchema } from './redeemer-config.ts'

/** The ways to pay that a node knows. */
export const RAILS = ['ticket', 'channel', 'check'] as const

/** One of {@link RAILS}. */
export type RailName = (typeof RAILS)[number]

const ETHER = '0x0000000000000000000000000000000000000000'
const wei = (text: string) => weiField.prefault(text)
const blocks = (least: number) => z.int().min(least).max(65_535)

/** The rails that are offered or taken, the preferred one first. */
const railList = z
  .array(z.enum(RAILS))
  .min(1)
  .max(RAILS.length)
  .refine((rails) => new Set(rails).size === rails.length, { error: 'allowed: each rail once' })

/** The rails of work. */
export const railsField = railList.prefault(['ticket'])

/** Additions to the deposit by the node itself. */
const topUpSchema = z.strictObject({ target: weiField, maxPerDay: weiField })

/** How a payer pays by ticket. */
const ticketPayerSchema = z.strictObject({
  maxEv: wei('0.01 ether'),
  maxTotalEv: wei('0.1 ether'),
  depositMultiplier: z.int().positive().default(1),
  exposure: exposureSchema.prefault({}),
  topUp: topUpSchema.optional(),
})

/** When winners are worth their gas, and how many share a transaction. */
export const redemptionSchema = z.strictObject({
  maxCostPercent: z.int().min(1).max(100).optional(),
  cheapGasPrice: wei('0'),
  deadlinePercent: z.int().min(0).max(100).default(25),
  maxBatch: z.int().min(1).max(50).default(20),
  companyBlocks: z.int().min(0).max(1_000).default(2),
})

/** On which terms a payee takes tickets. */
const ticketPayeeSchema = z.strictObject({
  minEv: wei('1'),
  ticketsPerSegment: z.int().min(1).max(50).default(2),
  evMultiplier: z.int().min(2).default(100),
  txCostMultiplier: z.int().min(1).default(100),
  redeemGas: z.int().min(21_000).optional(),
  maxFaceValue: wei('0'),
  paramsLifeBlocks: z.int().min(4).max(10_000).default(40),
  redemptionConcurrency: z.int().min(1).max(64).default(16),
  redemption: redemptionSchema.prefault({}),
})

/** How a payer opens channels. */
const channelPayerSchema = z.strictObject({
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
const channelPayeeSchema = z.strictObject({
  asset: addressField.prefault(ETHER),
  minDeposit: wei('0.001 ether'),
  maxDelayBlocks: blocks(0).default(300),
  minExpireBlocks: blocks(20).default(300),
  confirmations: blocks(1).default(2),
  finalityBlocks: blocks(1).optional(),
  clearanceBlocks: blocks(1).default(6),
  idleBlocks: blocks(0).default(0),
})

/** How a payer pays by check. */
const checkPayerSchema = z.strictObject({ maxEscrow: wei('1 ether') })

/** How a payee takes checks. */
const checkPayeeSchema = z.strictObject({ idleMs: millis(1_000, 86_400_000).default(600_000) })

/** How each rail is paid by. */
export const payerTerms = {
  tickets: ticketPayerSchema.prefault({}),
  channels: channelPayerSchema.prefault({}),
  checks: checkPayerSchema.prefault({}),
}

/** On which terms each rail is taken. */
export const payeeTerms = {
  tickets: ticketPayeeSchema.prefault({}),
  channels: channelPayeeSchema.prefault({}),
  checks: checkPayeeSchema.prefault({}),
  redeemer: redeemerPeerSchema.optional(),
}

/** How a viewer and an advertiser pay. */
export const payingSchema = z.strictObject({ rails: railList.prefault(['check']), ...payerTerms })

/** How a publisher and an audience are paid. */
export const earningSchema = z.strictObject({ rails: railList.prefault(['check']), ...payeeTerms })
