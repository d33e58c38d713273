import { z } from 'zod'
import type { Hex } from '../../src/lib/bytes.ts'
import { type Address, parseAddress } from '../../src/lib/crypto/address.ts'
import { MillraceError } from '../../src/lib/errors.ts'

const decimal = z
  .string('is not a decimal number in a string')
  .regex(/^\d{1,78}$/, 'is not a decimal number in a string')
  .refine((text) => /^\d{1,78}$/.test(text) && BigInt(text) < 2n ** 256n, 'is above 2^256 - 1')
const hex = z
  .string()
  .regex(/^0x([0-9a-fA-F]{2})*$/, 'is not 0x and an even number of hex digits')
  .transform((text) => text.toLowerCase() as Hex)
const bytes32 = hex.refine((text) => text.length === 66, 'is not 32 bytes')
const address = z.string().transform((text, context): Address => {
  const parsed = parseAddress(text.toLowerCase())
  if (parsed !== null) return parsed
  context.addIssue({ code: 'custom', message: 'is not an address' })
  return z.NEVER
})
/** A number, or whatever its chain said where a number cannot be had. */
const maybeDecimal = z
  .union([z.string(), z.null()])
  .transform((text) => (text !== null && /^\d{1,78}$/.test(text) ? text : null))

const vectorSchema = z.object({
  id: z.string().min(1).max(200),
  pre: z.object({
    currentRound: decimal,
    currentRoundInitialized: z.boolean(),
    ticketValidityPeriod: decimal,
    unlockPeriod: decimal,
    roundBlockHashes: z.record(decimal, bytes32),
    senderDeposit: decimal,
    senderWithdrawRound: decimal,
    reserveRemaining: decimal,
    reserveClaimedInCurrentRound: decimal,
    reserveClaimedByRecipientInRound: decimal,
    claimableByRecipient: maybeDecimal,
    activePoolSize: decimal,
    recipientRegistered: z.boolean(),
    recipientActive: z.boolean(),
    systemPaused: z.boolean(),
    ticketAlreadyUsed: z.boolean(),
  }),
  ticket: z.object({
    recipient: address,
    sender: address,
    faceValue: decimal,
    winProb: decimal,
    senderNonce: decimal,
    recipientRandHash: bytes32,
    auxData: hex,
  }),
  ticketPacked: hex,
  ticketHash: bytes32,
  signedDigest: bytes32,
  signature: hex,
  recipientRand: bytes32,
  winHash: bytes32,
  wins: z.boolean(),
  submittedBy: address,
  result: z.object({
    accepted: z.boolean(),
    /** The text of the revert, or a word about the panic; null when accepted. */
    revertReason: z.string().nullable(),
    amountPaid: decimal,
  }),
})

/** One redemption as it went on a chain. Amounts are decimal strings of wei. */
export type TicketVector = Readonly<z.infer<typeof vectorSchema>>

/** The state of the contracts before a redemption. */
export type VectorPre = TicketVector['pre']

/**
 * The vectors of a file's text.
 *
 * @throws `VECTORS_MALFORMED`, naming the vector and the key
 */
export function parseVectorFile(text: string): readonly TicketVector[] {
  let file: unknown
  try {
    file = JSON.parse(text)
  } catch (cause) {
    throw malformed('the file is not JSON', cause)
  }
  const vectors: unknown =
    typeof file === 'object' && file !== null && 'vectors' in file ? file.vectors : undefined
  if (!Array.isArray(vectors)) throw malformed('key vectors: is not a list')
  if (vectors.length === 0) throw malformed('key vectors: is empty')
  return vectors.map(parseVector)
}

function parseVector(value: unknown, index: number): TicketVector {
  const parsed = vectorSchema.safeParse(value)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const key = issue?.path.join('.') ?? ''
  throw malformed(`vector ${nameOf(value, index)}, key ${key || '(itself)'}: ${issue?.message}`)
}

function nameOf(value: unknown, index: number): string {
  const id: unknown = typeof value === 'object' && value !== null && 'id' in value ? value.id : null
  return typeof id === 'string' && id !== '' ? id.slice(0, 200) : `number ${index + 1}`
}

function malformed(message: string, cause?: unknown): MillraceError {
  return new MillraceError('VECTORS_MALFORMED', message, cause === undefined ? {} : { cause })
}
