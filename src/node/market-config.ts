import { z } from 'zod'
import { DEFAULT_REPUTATION } from '../market/reputation.ts'
import { CRITERIA, PRESETS } from '../market/selection-policy.ts'
import { isService } from '../market/service.ts'
import { addressField, millis, multiaddrField, nameField } from './config-fields.ts'
import { redeemerPeerSchema } from './redeemer-config.ts'

/** A service: an id or a pair of formats. */
export const serviceField = z.string().refine(isService, {
  error:
    'allowed: 1 to 64 letters, digits, "-", "_", ".", ":" or "/", or a pair such as h264:1080p30>h264:720p30',
})

const weight = z.number().min(0).max(1_000)

/** How a broadcaster chooses: a preset, and what differs from it. */
const selectionSchema = z.strictObject({
  preset: z.enum(PRESETS).default('balanced'),
  weights: z.partialRecord(z.enum(CRITERIA), weight).prefault({}),
  hysteresis: z.number().min(0).max(10).optional(),
  explore: z.number().min(0).max(0.5).optional(),
  preferRegion: z
    .union([z.literal(''), nameField], { error: 'allowed: a region, or "" for none' })
    .default(''),
})

/** How quotes are kept at hand. */
const tableSchema = z.strictObject({
  enabled: z.boolean().default(true),
  size: z.int().min(1).max(64).default(8),
  refreshMs: millis(1_000, 600_000).default(20_000),
  hedgeMs: millis(20, 60_000).default(500),
  idleMs: millis(1_000, 86_400_000).default(600_000),
})

/** How long what a peer did is remembered, and how long a failure keeps it out. */
const reputationSchema = z.strictObject({
  halfLifeMs: millis(60_000, 365 * 86_400_000).default(DEFAULT_REPUTATION.halfLifeMs),
  suspendMs: millis(100, 3_600_000).default(DEFAULT_REPUTATION.suspendMs),
})

/** What a broadcaster's config says of the market, besides what it wants to buy. */
export const marketFields = {
  prefer: z.array(addressField).max(64).prefault([]),
  selection: selectionSchema.prefault({}),
  table: tableSchema.prefault({}),
  reputation: reputationSchema.prefault({}),
}

/** A multiaddr that says whom one meets there. */
const peerField = multiaddrField.regex(/\/p2p\/[A-Za-z0-9]{32,64}$/, {
  error: 'allowed: a multiaddr with a peer id, such as /ip4/127.0.0.1/tcp/4001/p2p/12D3KooW…',
})

/** How orchestrators are found. */
export const discoverySchema = z
  .strictObject({
    mode: z.enum(['gossip', 'registry', 'static']).default('gossip'),
    peers: z.array(peerField).max(1_000).prefault([]),
    refreshMs: millis(1_000, 300_000).default(30_000),
    fromBlock: z.int().min(0).default(0),
    agents: z.array(redeemerPeerSchema).max(8).prefault([]),
  })
  .refine(({ mode, peers }) => mode !== 'static' || peers.length > 0, {
    path: ['peers'],
    error: 'allowed: one or more where mode is static',
  })
