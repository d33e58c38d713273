import { z } from 'zod'
import { DEFAULT_LADDER } from '../media/profile.ts'
import {
  addressField,
  millis,
  multiaddrField,
  nameField,
  profileField,
  ratioField,
  streamNameField,
  weiField,
} from './config-fields.ts'

/** The roles a node can have. */
export const ROLES = ['broadcaster', 'orchestrator'] as const

/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number]

/** The service that this machine's own CPU can do. */
export const DEFAULT_SERVICE = 'CPUTranscoding'

const wei = (text: string) => weiField.prefault(text)

const chainSchema = z.strictObject({
  rpcUrl: z.string().regex(/^(https?|wss?):\/\//, {
    error: 'allowed: an http(s) or ws(s) URL of an EVM node',
  }),
  chainId: z.int().positive(),
  contracts: z.strictObject({
    ticketBroker: addressField,
    roundsManager: addressField,
    bondingManager: addressField,
    serviceRegistry: addressField,
  }),
  initializeRounds: z.boolean().default(false),
  pollIntervalMs: millis(50, 60_000).default(1_000),
  minGasPrice: wei('0'),
  maxGasPrice: wei('1000gwei'),
})

const networkSchema = z.strictObject({
  listen: z.array(multiaddrField).min(1).max(8).prefault(['/ip4/0.0.0.0/tcp/4001']),
  announce: z.array(multiaddrField).max(8).prefault([]),
  bootstrap: z.array(multiaddrField).max(32).prefault([]),
  allowLoopback: z.boolean().default(false),
})

const httpSchema = z.strictObject({
  host: z.string().min(1).default('127.0.0.1'),
  port: z.int().min(0).max(65_535).default(7935),
  token: z.string().min(16, { error: 'allowed: 16 characters or more' }).optional(),
})

const streamSchema = z.strictObject({
  name: streamNameField,
  input: z.string().min(1),
  pace: z.enum(['fast', 'realtime']).default('realtime'),
  maxDurationMs: millis(1_000, 30 * 86_400_000).optional(),
})

const broadcasterSchema = z.strictObject({
  service: nameField.default(DEFAULT_SERVICE),
  region: z
    .union([z.literal(''), nameField], { error: 'allowed: a region, or "" for any' })
    .default(''),
  profiles: z
    .array(profileField)
    .min(1)
    .max(8)
    .prefault(DEFAULT_LADDER.map(({ name }) => name)),
  segmentMs: millis(500, 10_000).default(2_000),
  maxPricePerUnit: ratioField.optional(),
  minStake: wei('0'),
  priceWeight: z.number().min(0).max(1).default(0.7),
  latencyWeight: z.number().min(0).max(1).default(0.3),
  discoveryTimeoutMs: millis(50, 60_000).default(2_000),
  settleMs: millis(0, 60_000).default(500),
  patienceMs: millis(0, 3_600_000).default(30_000),
  maxInFlight: z.int().min(1).max(16).default(2),
  playlistSegments: z
    .union([z.literal('all'), z.int().min(3).max(1_000)], {
      error: 'allowed: all, or a whole number from 3 to 1000',
    })
    .default('all'),
  tickets: z
    .strictObject({
      maxEv: wei('0.01 ether'),
      maxTotalEv: wei('0.1 ether'),
      depositMultiplier: z.int().positive().default(1),
    })
    .prefault({}),
  streams: z.array(streamSchema).max(16).prefault([]),
})

const orchestratorSchema = z.strictObject({
  services: z.array(nameField).min(1).max(16).prefault([DEFAULT_SERVICE]),
  regions: z.array(nameField).max(16).prefault([]),
  pricePerUnit: ratioField,
  slots: z.int().min(1).max(1_000).default(10),
  maxInFlight: z.int().min(1).max(16).default(2),
  quoteTtlMs: millis(1_000, 600_000).default(30_000),
  advert: z
    .strictObject({
      ttlMs: millis(5_000, 600_000).default(120_000),
      intervalMs: millis(1_000, 300_000).default(45_000),
    })
    .refine(({ ttlMs, intervalMs }) => intervalMs * 1.2 < ttlMs, {
      path: ['intervalMs'],
      error: 'allowed: at most five sixths of ttlMs, or adverts expire before the next one',
    })
    .prefault({}),
  tickets: z
    .strictObject({
      minEv: wei('1'),
      ticketsPerSegment: z.int().min(1).max(50).default(2),
      evMultiplier: z.int().min(2).default(100),
      txCostMultiplier: z.int().min(1).default(100),
      redeemGas: z.int().min(21_000).default(90_000),
      maxFaceValue: wei('0'),
      paramsLifeBlocks: z.int().min(4).max(10_000).default(40),
      redemptionConcurrency: z.int().min(1).max(64).default(16),
    })
    .prefault({}),
  transcoding: z
    .strictObject({
      workers: z.int().min(1).max(256).optional(),
      backend: z.enum(['auto', 'node-av', 'system']).default('auto'),
    })
    .prefault({}),
})

const baseSchema = z.strictObject({
  roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
  dataDirectory: z.string().min(1).default('./millrace-data'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  wallet: z.strictObject({ keyFile: z.string().min(1) }),
  chain: chainSchema,
  network: networkSchema.prefault({}),
  http: httpSchema.prefault({}),
  broadcaster: broadcasterSchema.optional(),
  orchestrator: orchestratorSchema.optional(),
})

/** The whole config of a node, parsed and with defaults. */
export const configSchema = baseSchema.transform((config, context) => {
  if (config.roles.includes('orchestrator') && config.orchestrator === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['orchestrator'],
      message: 'required by the role orchestrator; at least orchestrator.pricePerUnit must be set',
    })
    return z.NEVER
  }
  return { ...config, broadcaster: config.broadcaster ?? broadcasterSchema.parse({}) }
})

/** A node's config. */
export type NodeConfig = z.output<typeof configSchema>
/** A broadcaster's part of the config. */
export type BroadcasterConfig = z.output<typeof broadcasterSchema>
/** An orchestrator's part of the config. */
export type OrchestratorConfig = z.output<typeof orchestratorSchema>
