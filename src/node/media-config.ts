import { z } from 'zod'
import { addressField, millis, multiaddrField, profileField, weiField } from './config-fields.ts'
import { peerIdField, redeemerPeerSchema } from './redeemer-config.ts'

const wei = (text: string) => weiField.prefault(text)
const title = z.string().min(1).max(256)

/** The contracts of content and attention. */
export const mediaContractsSchema = z.strictObject({
  mediaExchange: addressField,
  userRegistry: addressField,
  videoRegistry: addressField,
})

const defenceField = z
  .union([z.enum(['none', 'last']), z.strictObject({ random: z.int().min(1).max(100) })], {
    error: 'allowed: none, last, or {random: N}',
  })
  .transform((value) => {
    if (typeof value === 'object') return { type: 'random', count: value.random } as const
    return { type: value } as const
  })

/** Where a publisher keeps segments: with another node, or in another directory. */
const hostField = z.union([redeemerPeerSchema, z.strictObject({ directory: z.string().min(1) })], {
  error: 'allowed: { peerId, addresses } of a host, or { directory }',
})

/** Whose segments a host keeps. */
export const hostSchema = z.strictObject({
  publishers: z
    .array(
      z.strictObject({
        peerId: peerIdField,
        maxBytes: z
          .int()
          .min(1)
          .default(64 * 1024 ** 3),
      }),
    )
    .max(256)
    .prefault([]),
})

/** What a publisher offers. */
export const publisherSchema = z.strictObject({
  segmentSeconds: z.int().min(1).max(10).default(2),
  profiles: z.array(profileField).min(1).max(8).optional(),
  maxInFlight: z.int().min(1).max(16).default(2),
  hosts: z.array(hostField).max(16).prefault([]),
  keepsSegments: z.boolean().default(true),
  register: z.boolean().default(false),
  videos: z
    .array(
      z.strictObject({
        title,
        input: z.string().min(1),
        price: weiField.optional(),
        defence: defenceField.prefault('none'),
        maxDurationMs: millis(1_000, 86_400_000).optional(),
      }),
    )
    .max(64)
    .prefault([]),
})

/** What a viewer watches. */
export const viewerSchema = z.strictObject({
  maxEscrow: wei('1 ether'),
  videos: z
    .array(
      z.strictObject({
        video: title,
        format: z.string().min(1).max(64).optional(),
        maxPrice: weiField,
      }),
    )
    .max(64)
    .prefault([]),
})

/** Whom an advertiser pays to watch what. */
export const advertiserSchema = z.strictObject({
  maxEscrow: wei('1 ether'),
  campaigns: z
    .array(
      z.strictObject({
        video: title,
        format: z.string().min(1).max(64).optional(),
        maxPrice: weiField,
        /** Peers to bid to; whoever is found where left out. */
        viewers: z
          .array(
            z.strictObject({
              peerId: z.string().min(1).max(128),
              addresses: z.array(multiaddrField).max(16).prefault([]),
            }),
          )
          .max(64)
          .optional(),
      }),
    )
    .max(64)
    .prefault([]),
})

/** For how much an audience watches. */
export const audienceSchema = z.strictObject({
  price: weiField,
  batch: z.int().min(1).max(16).default(1),
  register: z.boolean().default(false),
})

/** The roles that this file is about. */
export const MEDIA_ROLES = ['publisher', 'viewer', 'advertiser', 'audience'] as const
