/** What a wallet says of itself on chain. */
export interface UserMetadata {
  /** Multiaddrs at which its keys can be dialled, each with the peer id of one. */
  readonly addresses: readonly string[]
}

/** Limit: characters of metadata that are read or written; each costs gas. */
export const MAX_METADATA_LENGTH = 2048
/** Limit: addresses in it. */
const MAX_ADDRESSES = 16
const ADDRESS = /^\/(ip4|ip6|dns|dns4|dns6)\/[^/]{1,253}\/tcp\/\d{1,5}\/p2p\/[A-Za-z0-9]{32,64}$/

/** Metadata as it stands on chain: JSON with the member `addresses`. */
export function metadataText({ addresses }: UserMetadata): string {
  const kept = addresses.filter((address) => ADDRESS.test(address)).slice(0, MAX_ADDRESSES)
  return JSON.stringify({ addresses: kept })
}

/** Reads what anybody may have written: what cannot be read says nothing. */
export function parseMetadata(text: string): UserMetadata {
  const none = { addresses: [] }
  if (text.length > MAX_METADATA_LENGTH) return none
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return none
  }
  if (typeof value !== 'object' || value === null || !('addresses' in value)) return none
  const { addresses } = value
  if (!Array.isArray(addresses)) return none
  const isAddress = (item: unknown): item is string =>
    typeof item === 'string' && ADDRESS.test(item)
  return { addresses: addresses.filter(isAddress).slice(0, MAX_ADDRESSES) }
}
