import { z } from 'zod'
import { parseAddress } from '../lib/crypto/address.ts'
import { parseRatio, parseWei } from '../lib/wei.ts'
import { parseProfile } from '../media/profile.ts'

/** Field types of the config: each says in one phrase what is allowed. */

const AMOUNT = 'allowed: an amount such as "12", "8gwei" or "0.5 ether", no finer than a wei'
const PRICE = 'allowed: wei per pixel, such as 1200, "0.25" or "3/2"'

/** An amount as a string with a unit, in wei once parsed. */
export const weiField = z
  .union([z.string(), z.int().nonnegative()], { error: AMOUNT })
  .transform((value, context) => {
    const wei = parseWei(String(value))
    if (wei !== null) return wei
    context.addIssue({ code: 'custom', message: AMOUNT })
    return z.NEVER
  })

/** A price per unit in wei, as a whole, decimal or fractional number. */
export const ratioField = z
  .union([z.string(), z.number().nonnegative()], { error: PRICE })
  .transform((value, context) => {
    const ratio = parseRatio(String(value))
    if (ratio !== null) return ratio
    context.addIssue({ code: 'custom', message: PRICE })
    return z.NEVER
  })

/** An EVM address; a mixed-case one must carry its checksum. */
export const addressField = z.string().transform((value, context) => {
  const address = parseAddress(value)
  if (address !== null) return address
  context.addIssue({
    code: 'custom',
    message: 'allowed: an EVM address, 0x and 40 hex digits, in one case or with its checksum',
  })
  return z.NEVER
})

/** A rendition's profile: a preset's name or an object. */
export const profileField = z.unknown().transform((value, context) => {
  const profile = parseProfile(value)
  if (profile.ok) return profile.value
  const { key, allowed } = profile.error
  context.addIssue({
    code: 'custom',
    message: `allowed${key === '' ? '' : ` for ${key}`}: ${allowed}`,
  })
  return z.NEVER
})

/** A multiaddr; its parts are checked when the network starts. */
export const multiaddrField = z
  .string()
  .regex(/^\/(ip4|ip6|dns|dns4|dns6)\/[^/]+\/tcp\/\d+(\/.*)?$/, {
    error: 'allowed: a multiaddr such as /ip4/127.0.0.1/tcp/4001',
  })

/** A whole number of milliseconds within bounds. */
export function millis(min: number, max: number) {
  return z.int().min(min).max(max)
}

/** A short name of a service or region. */
export const nameField = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$/, {
  error: 'allowed: 1 to 64 letters, digits, "-", "_", ".", ":" or "/"',
})

/** A stream's name; part of a URL. */
export const streamNameField = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/, {
  error: 'allowed: 1 to 64 letters, digits, "-" or "_"',
})

/** How much may be outstanding in tickets whose wins are not known yet. */
export const exposureSchema = z.strictObject({
  quantile: z.number().min(0.5).max(0.999999).default(0.999),
  warnAtPercent: z.int().min(1).max(100).default(80),
  redemptionLagBlocks: z.int().min(0).max(1_000_000).default(40),
})
