import { bytesEqual } from '../../lib/bytes.ts'
import { hash160 } from '../../lib/crypto/hash160.ts'
import { hexBytes, quantityOf } from './checks.ts'
import { type ChannelState, type OpenedCommit, openState } from './state.ts'
import { bareHex, type ChannelDomain } from './terms.ts'

/**
 * Revoke hashes of the commits above a quantity, the highest first
 * (`mpc_revoke_secret_hashes_above`).
 *
 * @param quantity 0 revokes everything
 * @throws `INVALID_STATE`, `INVALID_QUANTITY`
 */
export function revokeSecretHashesAbove(
  domain: ChannelDomain,
  state: ChannelState,
  quantity: bigint,
): readonly string[] {
  const { active } = openState(domain, state)
  const least = quantityOf(quantity, 0n)
  return hashesOf(active.filter((commit) => commit.quantity > least))
}

/**
 * Revoke hashes whose secrets bring the transferred quantity down towards one, the highest first
 * (`revoke_hashes_until`). It stays at the quantity or above, unless `surpass` allows less.
 *
 * @throws `INVALID_STATE`, `INVALID_QUANTITY`
 */
export function revokeHashesUntil(
  domain: ChannelDomain,
  state: ChannelState,
  quantity: bigint,
  surpass = false,
): readonly string[] {
  const { active } = openState(domain, state)
  const above = active.filter((commit) => commit.quantity > quantityOf(quantity, 0n))
  const isMet = active.some((commit) => commit.quantity === quantity) || quantity === 0n
  return hashesOf(surpass || isMet ? above : above.slice(1))
}

/**
 * Revokes every commit of the given secrets (`mpc_revoke_all`). A revoked commit cannot be published
 * from the state any more; secrets of nothing here are ignored. A hash that was asked for and
 * not used is void too.
 *
 * @throws `INVALID_STATE`, `INVALID_HEX_DATA`
 */
export function revokeAll(
  domain: ChannelDomain,
  state: ChannelState,
  secrets: readonly string[],
): { readonly state: ChannelState } {
  const { active } = openState(domain, state)
  const known = secrets.map((secret) => ({ secret, hash: hash160(hexBytes(secret, 'a secret')) }))
  const secretOf = ({ revokeHash }: OpenedCommit): string | undefined =>
    known.find(({ hash }) => bytesEqual(hash, revokeHash))?.secret
  const revoked = active.flatMap((commit) => {
    const revoke_secret = secretOf(commit)
    return revoke_secret === undefined ? [] : [{ script: commit.entry.script, revoke_secret }]
  })
  const isKnown = (hash: string): boolean => known.some((entry) => bareHex(entry.hash) === hash)
  return {
    state: {
      ...state,
      commits_requested: state.commits_requested.filter((hash) => !isKnown(hash)),
      commits_active: active
        .filter((commit) => secretOf(commit) === undefined)
        .map(({ entry }) => entry),
      commits_revoked: [...state.commits_revoked, ...revoked],
    },
  }
}

function hashesOf(commits: readonly OpenedCommit[]): readonly string[] {
  return commits.toReversed().map(({ revokeHash }) => bareHex(revokeHash))
}
