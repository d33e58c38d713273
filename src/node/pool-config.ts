import { z } from 'zod'
import { parseHex } from '../lib/bytes.ts'
import { poolLimits } from '../pool/limits.ts'
import { addressField, exposureSchema, millis, weiField } from './config-fields.ts'
import { redeemerPeerSchema } from './redeemer-config.ts'

const { minSecretLength, maxWorkers, maxSlotsPerWorker } = poolLimits

const secretFields = {
  secret: z
    .string()
    .min(minSecretLength, { error: `allowed: ${minSecretLength} characters or more` })
    .optional(),
  secretFile: z.string().min(1).optional(),
}

function hasOneSecret({ secret, secretFile }: { secret?: unknown; secretFile?: unknown }): boolean {
  return secret === undefined || secretFile === undefined
}

const ONE_SECRET = {
  path: ['secretFile'],
  error: 'allowed: secret or secretFile, not both',
}

/** What workers with an account are paid. */
const paySchema = z.strictObject({
  sharePercent: z.int().min(0).max(100).default(75),
  intervalMs: millis(1_000, 86_400_000).default(60_000),
  minimum: weiField.prefault('0'),
  maxEv: weiField.prefault('0.01 ether'),
  depositMultiplier: z.int().positive().default(1),
  exposure: exposureSchema.prefault({}),
})

/** Who works for an orchestrator. */
export const poolSchema = z
  .strictObject({
    local: z.boolean().default(true),
    ...secretFields,
    public: z.boolean().default(false),
    minDeposit: weiField.prefault('0.1 ether'),
    maxWorkers: z.int().min(1).max(maxWorkers).default(64),
    spotCheckOneIn: z.int().min(1).max(10_000).default(10),
    pay: paySchema.prefault({}),
  })
  .refine(hasOneSecret, ONE_SECRET)
  .refine(
    ({ local, secret, secretFile, public: isPublic }) =>
      local || isPublic || secret !== undefined || secretFile !== undefined,
    {
      path: ['local'],
      error: 'allowed: false only with secret, secretFile or public, or nobody would work',
    },
  )

const signatureField = z.string().refine((text) => parseHex(text)?.byteLength === 65, {
  error: 'allowed: 65 bytes in hex, as millrace vouch prints them',
})

/** What a transcoder needs to know. */
export const transcoderSchema = z
  .strictObject({
    orchestrator: redeemerPeerSchema,
    ...secretFields,
    account: z.strictObject({ address: addressField, signature: signatureField }).optional(),
    slots: z.int().min(1).max(maxSlotsPerWorker).optional(),
    backend: z.enum(['auto', 'node-av', 'system']).default('auto'),
    tickets: z
      .strictObject({
        perPayment: z.int().min(1).max(50).default(2),
        evMultiplier: z.int().min(2).default(100),
        txCostMultiplier: z.int().min(1).default(100),
        redeemGas: z.int().min(21_000).default(90_000),
        paramsLifeBlocks: z.int().min(4).max(10_000).default(40),
      })
      .prefault({}),
  })
  .refine(hasOneSecret, ONE_SECRET)

/** An orchestrator's pool. */
export type PoolConfig = z.output<typeof poolSchema>
/** A transcoder's part of the config. */
export type TranscoderConfig = z.output<typeof transcoderSchema>
