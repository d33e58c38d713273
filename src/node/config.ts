import { z } from 'zod'
import { REDEEM_GAS } from '../chain/profile.ts'
import { DEFAULT_LADDER } from '../media/profile.ts'
import {
  channelPayeeSchema,
  channelPayerSchema,
  contractNeededBy,
  railsField,
  watchtowerSchema,
} from './channel-config.ts'
import {
  addressField,
  exposureSchema,
  millis,
  multiaddrField,
  nameField,
  profileField,
  ratioField,
  streamNameField,
  weiField,
} from './config-fields.ts'
import { discoverySchema, marketFields, serviceField } from './market-config.ts'
import {
  advertiserSchema,
  audienceSchema,
  hostSchema,
  MEDIA_ROLES,
  mediaContractsSchema,
  publisherSchema,
  viewerSchema,
} from './media-config.ts'
import { poolSchema, transcoderSchema } from './pool-config.ts'
import { redeemerPeerSchema, redeemerSchema } from './redeemer-config.ts'

/** The roles a node can have; a transcoder is a node of its own, without a chain. */
export const ROLES = [
  'broadcaster',
  'orchestrator',
  'redeemer',
  'transcoder',
  'watchtower',
  'host',
  'agent',
  ...MEDIA_ROLES,
] as const

/** One of {@link ROLES}. */
export type Role = (typeof ROLES)[number]

/** The service that this machine's own CPU can do. */
export const DEFAULT_SERVICE = 'CPUTranscoding'

const wei = (text: string) => weiField.prefault(text)

const ownContracts = z.strictObject({
  profile: z.literal('own'),
  ticketBroker: addressField,
  roundsManager: addressField,
  bondingManager: addressField,
  serviceRegistry: addressField,
})

const livepeerContracts = z.strictObject({
  profile: z.literal('livepeer'),
  controller: addressField,
})

/** The addresses of the contracts, or of the controller that names them. */
const contractsSchema = z.preprocess(
  withProfile,
  z.discriminatedUnion('profile', [ownContracts, livepeerContracts], {
    error: ({ input }) =>
      typeof input === 'object' && input !== null
        ? 'allowed: own, with the four addresses, or livepeer, with the address of the controller'
        : 'expected object: the four addresses, or profile: livepeer and controller',
  }),
)

/** Which of the two is meant may be left out: only one has a controller. */
function withProfile(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || 'profile' in value) return value
  return { profile: 'controller' in value ? 'livepeer' : 'own', ...value }
}

const chainSchema = z.strictObject(
  {
    rpcUrl: z.string().regex(/^(https?|wss?):\/\//, {
      error: 'allowed: an http(s) or ws(s) URL of an EVM node',
    }),
    chainId: z.int().positive(),
    contracts: contractsSchema,
    paymentChannels: addressField.optional(),
    media: mediaContractsSchema.optional(),
    initializeRounds: z.boolean().default(false),
    pollIntervalMs: millis(50, 60_000).default(1_000),
    minGasPrice: wei('0'),
    maxGasPrice: wei('1000gwei'),
    reorgDepth: z.int().min(1).max(1_000).default(12),
  },
  { error: onChain },
)

/** Whoever forgot it may have thought of a transcoder. */
function onChain({ input }: { readonly input?: unknown }): string | undefined {
  return input === undefined ? 'expected object: every role but transcoder needs it' : undefined
}

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

/** Additions to the deposit by the node itself. */
const topUpSchema = z.strictObject({ target: weiField, maxPerDay: weiField })

const broadcasterSchema = z.strictObject({
  service: serviceField.default(DEFAULT_SERVICE),
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
  ...marketFields,
  discoveryTimeoutMs: millis(50, 60_000).default(2_000),
  settleMs: millis(0, 60_000).default(500),
  patienceMs: millis(0, 3_600_000).default(30_000),
  maxInFlight: z.int().min(1).max(16).default(2),
  redundancy: z.int().min(1).max(3).default(1),
  hedgeBudget: z.number().min(0).max(1).default(0.1),
  playlistSegments: z
    .union([z.literal('all'), z.int().min(3).max(1_000)], {
      error: 'allowed: all, or a whole number from 3 to 1000',
    })
    .default('all'),
  rails: railsField,
  channels: channelPayerSchema.prefault({}),
  tickets: z
    .strictObject({
      maxEv: wei('0.01 ether'),
      maxTotalEv: wei('0.1 ether'),
      depositMultiplier: z.int().positive().default(1),
      exposure: exposureSchema.prefault({}),
      topUp: topUpSchema.optional(),
    })
    .prefault({}),
  streams: z.array(streamSchema).max(16).prefault([]),
})

/** When winners are worth their gas, and how many share a transaction. */
const redemptionSchema = z.strictObject({
  maxCostPercent: z.int().min(1).max(100).optional(),
  cheapGasPrice: wei('0'),
  deadlinePercent: z.int().min(0).max(100).default(25),
  maxBatch: z.int().min(1).max(50).default(20),
  companyBlocks: z.int().min(0).max(1_000).default(2),
})

const orchestratorSchema = z.strictObject({
  services: z.array(serviceField).min(1).max(16).prefault([DEFAULT_SERVICE]),
  regions: z.array(nameField).max(16).prefault([]),
  pricePerUnit: ratioField,
  slots: z.int().min(1).max(1_000).default(10),
  reward: z.boolean().default(true),
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
  rails: railsField,
  channels: channelPayeeSchema.prefault({}),
  tickets: z
    .strictObject({
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
    .prefault({}),
  redeemer: redeemerPeerSchema.optional(),
  pool: poolSchema.prefault({}),
  transcoding: z
    .strictObject({
      workers: z.int().min(1).max(256).optional(),
      backend: z.enum(['auto', 'node-av', 'system', 'copy']).default('auto'),
    })
    .prefault({}),
})

const commonFields = {
  roles: z.array(z.enum(ROLES)).min(1).max(ROLES.length),
  dataDirectory: z.string().min(1).default('./millrace-data'),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
  network: networkSchema.prefault({}),
  http: httpSchema.prefault({}),
}

/** The config of a transcoder: it takes no part in the market, so there is no chain and no wallet. */
export const transcoderNodeSchema = z.strictObject({
  ...commonFields,
  roles: z.tuple([z.literal('transcoder')], {
    error: 'allowed: transcoder alone; a transcoder is a node of its own',
  }),
  network: z
    .strictObject({ ...networkSchema.shape, listen: z.array(multiaddrField).max(8).prefault([]) })
    .prefault({}),
  transcoder: transcoderSchema,
})

const baseSchema = z.strictObject({
  ...commonFields,
  wallet: z.strictObject({ keyFile: z.string().min(1) }, { error: onChain }),
  chain: chainSchema,
  discovery: discoverySchema.prefault({}),
  broadcaster: broadcasterSchema.optional(),
  orchestrator: orchestratorSchema.optional(),
  host: hostSchema.prefault({}),
  publisher: publisherSchema.prefault({}),
  viewer: viewerSchema.prefault({}),
  advertiser: advertiserSchema.prefault({}),
  audience: audienceSchema.optional(),
  redeemer: redeemerSchema.extend({ redemption: redemptionSchema.prefault({}) }).optional(),
  watchtower: watchtowerSchema.prefault({}),
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
  if (config.roles.includes('redeemer') && config.redeemer === undefined) {
    context.addIssue({
      code: 'custom',
      path: ['redeemer'],
      message: 'required by the role redeemer; at least redeemer.orchestrators must be set',
    })
    return z.NEVER
  }
  if (config.roles.includes('redeemer') && config.roles.includes('orchestrator')) {
    context.addIssue({
      code: 'custom',
      path: ['roles'],
      message: 'allowed: redeemer or orchestrator; a redeemer is a node of its own',
    })
    return z.NEVER
  }
  if (MEDIA_ROLES.some((role) => config.roles.includes(role)) && config.chain.media === undefined) {
    const message = 'required by the roles publisher, viewer, advertiser and audience'
    context.addIssue({ code: 'custom', path: ['chain', 'media'], message })
    return z.NEVER
  }
  if (config.roles.includes('audience') && config.audience === undefined) {
    const message = 'required by the role audience; at least audience.price must be set'
    context.addIssue({ code: 'custom', path: ['audience'], message })
    return z.NEVER
  }
  const buying = config.broadcaster ?? broadcasterSchema.parse({})
  const used = [
    ...(config.roles.includes('broadcaster') ? buying.rails : []),
    ...(config.roles.includes('orchestrator') ? (config.orchestrator?.rails ?? []) : []),
  ]
  const missing = contractNeededBy(used, config.roles.includes('watchtower'))
  if (missing !== undefined && config.chain.paymentChannels === undefined) {
    context.addIssue({ code: 'custom', path: ['chain', 'paymentChannels'], message: missing })
    return z.NEVER
  }
  return {
    ...config,
    broadcaster: buying,
    orchestrator: withRedeemGas(config.orchestrator, REDEEM_GAS[config.chain.contracts.profile]),
  }
})

/** What a redemption costs depends on whose contracts do it. */
function withRedeemGas(orchestrator: z.output<typeof orchestratorSchema> | undefined, gas: number) {
  if (orchestrator === undefined) return undefined
  const { tickets } = orchestrator
  return { ...orchestrator, tickets: { ...tickets, redeemGas: tickets.redeemGas ?? gas } }
}

/** The config of a node that takes part in the market. */
export type NodeConfig = z.output<typeof configSchema>
/** The config of a transcoder. */
export type TranscoderNodeConfig = z.output<typeof transcoderNodeSchema>
/** The config of any node. */
export type AnyNodeConfig = NodeConfig | TranscoderNodeConfig

/** Whether a config is a transcoder's. */
export function isTranscoder(config: AnyNodeConfig): config is TranscoderNodeConfig {
  return config.roles[0] === 'transcoder'
}

/** A broadcaster's part of the config. */
export type BroadcasterConfig = z.output<typeof broadcasterSchema>
/** A redeemer's part of the config. */
export type RedeemerConfig = NonNullable<NodeConfig['redeemer']>
/** An orchestrator's part of the config. */
export type OrchestratorConfig = NonNullable<NodeConfig['orchestrator']>
