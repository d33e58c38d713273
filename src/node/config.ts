import { z } from 'zod'
import { REDEEM_GAS } from '../chain/profile.ts'
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
import { firstNeeded } from './config-needs.ts'
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
import {
  earningSchema,
  payeeTerms,
  payerTerms,
  payingSchema,
  railsField,
  redemptionSchema,
  watchtowerSchema,
} from './rail-config.ts'
import { redeemerSchema } from './redeemer-config.ts'

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
  ...payerTerms,
  streams: z.array(streamSchema).max(16).prefault([]),
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
  ...payeeTerms,
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
  paying: payingSchema.prefault({}),
  earning: earningSchema.prefault({}),
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
  const broadcaster = config.broadcaster ?? broadcasterSchema.parse({})
  const needed = firstNeeded({ ...config, broadcaster })
  if (needed !== null) {
    context.addIssue({ code: 'custom', path: [...needed.path], message: needed.message })
    return z.NEVER
  }
  const redeemGas = REDEEM_GAS[config.chain.contracts.profile]
  const { roles, orchestrator, earning, paying } = config
  // One wallet and one store: what a role of the market says of a rail goes for the whole node.
  const sells = roles.includes('orchestrator') ? orchestrator : undefined
  const buys = roles.includes('broadcaster') ? broadcaster : undefined
  return {
    ...config,
    broadcaster,
    orchestrator: orchestrator === undefined ? undefined : withRedeemGas(orchestrator, redeemGas),
    earning: withRedeemGas({ ...earning, ...pickTerms(sells ?? earning, payeeTerms) }, redeemGas),
    paying: { ...paying, ...pickTerms(buys ?? paying, payerTerms) },
  }
})

/** What a redemption costs depends on whose contracts do it. */
function withRedeemGas<T extends Pick<z.output<typeof earningSchema>, 'tickets'>>(
  own: T,
  gas: number,
): T & { readonly tickets: { readonly redeemGas: number } } {
  const { tickets } = own
  return { ...own, tickets: { ...tickets, redeemGas: tickets.redeemGas ?? gas } }
}

/** The terms of each rail, out of a part of the config that has them. */
function pickTerms<T extends object, K extends keyof T>(
  part: T,
  keys: Readonly<Record<K, unknown>>,
): Pick<T, K> {
  const entries = Object.keys(keys).map((key) => [key, part[key as K]] as const)
  return Object.fromEntries(entries) as Pick<T, K>
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
/** How a node is paid, whatever for. */
export type EarningConfig = NodeConfig['earning']
/** How a node pays, whatever for. */
export type PayingConfig = NodeConfig['paying']
