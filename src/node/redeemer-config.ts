import { z } from 'zod'
import { parseAddress } from '../lib/crypto/address.ts'
import { isPeerId } from '../net/peer-key.ts'
import { multiaddrField } from './config-fields.ts'

const PEER_ID = 'allowed: an Ed25519 peer id, 12D3KooW…'

/** A peer id in its one spelling. */
export const peerIdField = z.string().refine(isPeerId, { error: PEER_ID })

/** A peer id as it is, or an account with its checksum. */
const partyField = z.string().transform((value, context) => {
  const party = isPeerId(value) ? value : parseAddress(value)
  if (party !== null) return party
  context.addIssue({
    code: 'custom',
    message: 'allowed: a peer id, 12D3KooW…, or an EVM address, 0x and 40 hex digits',
  })
  return z.NEVER
})

/** Who redeems for an orchestrator, and where it is found. */
export const redeemerPeerSchema = z
  .strictObject({ peerId: peerIdField, addresses: z.array(multiaddrField).min(1).max(8) })
  .refine(
    ({ peerId, addresses }) =>
      addresses.every((address) => {
        const named = /\/p2p\/([^/]+)$/.exec(address)?.[1]
        return named === undefined || named === peerId
      }),
    {
      path: ['addresses'],
      error: 'allowed: addresses that end in /p2p/ and the peerId beside them',
    },
  )

/** What a redeemer needs to know, besides when gas is worth it. */
export const redeemerSchema = z.strictObject({
  orchestrators: z
    .array(partyField, {
      error: 'allowed: a list of the peer ids or accounts whose winners this node redeems',
    })
    .min(1, {
      error:
        'allowed: 1 to 1000 peer ids or accounts; an empty list serves nobody, so name the orchestrators whose winners this node redeems',
    })
    .max(1_000),
  concurrency: z.int().min(1).max(64).default(16),
})

/** An orchestrator's way to its redeemer. */
export type RedeemerPeerConfig = z.output<typeof redeemerPeerSchema>
