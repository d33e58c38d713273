import { bytesEqual } from '../../lib/bytes.ts'
import { hash160 } from '../../lib/crypto/hash160.ts'
import { hexBytes } from './checks.ts'
import { type ChannelFacts, confirmationsOf, type OnChain } from './facts.ts'
import { type ChannelState, openState, scriptHex } from './state.ts'
import type { ChannelDomain } from './terms.ts'
import { expireCall, secretCall } from './unsigned.ts'

/**
 * The highest commit, to be published for closing the channel (`mpc_highest_commit`); null when none
 * was made.
 *
 * @throws `INVALID_STATE`
 */
export function highestCommit(
  domain: ChannelDomain,
  state: ChannelState,
): {
  readonly commit_rawtx: string
  readonly commit_script: string
  readonly deposit_script: string
} | null {
  const highest = openState(domain, state).active.at(-1)
  if (highest === undefined) return null
  const { rawtx, script } = highest.entry
  return { commit_rawtx: rawtx, commit_script: script, deposit_script: state.deposit_script }
}

/**
 * What was transferred from payer to payee, by either's state (`mpc_transferred_amount`).
 *
 * @throws `INVALID_STATE`
 */
export function transferredAmount(domain: ChannelDomain, state: ChannelState): bigint {
  return openState(domain, state).active.at(-1)?.quantity ?? 0n
}

/**
 * The commits of a channel that are on the chain (`published_commits`), as scripts.
 *
 * @throws `INVALID_STATE`
 */
export function publishedCommits(state: ChannelState, facts: ChannelFacts): readonly string[] {
  const { channel } = openState(facts.domain, state)
  return isPublished(facts.channel) ? [scriptHex({ channel, ...facts.channel })] : []
}

/** A payout, with the commit it takes. */
export interface Payout {
  readonly payout_rawtx: string
  readonly commit_script: string
}

/**
 * Payouts of published commits whose delay is over (`mpc_payouts`). Sending one gives the spend secret
 * away: whoever does must know that the commit stays published, or the payer may take all.
 *
 * @param spendSecret hex
 * @throws `INVALID_STATE`, `INVALID_HEX_DATA`
 */
export function payouts(
  state: ChannelState,
  spendSecret: string,
  facts: ChannelFacts,
): readonly Payout[] {
  const { terms } = openState(facts.domain, state)
  const secret = hexBytes(spendSecret, 'spend_secret')
  const { channel, block } = facts
  if (!isPublished(channel) || channel.committed === 0n) return []
  const script = publishedCommits(state, facts)[0] as string
  if (state.commits_revoked.some((revoked) => revoked.script === script)) return []
  if (!bytesEqual(hash160(secret), terms.spendHash)) return []
  if (confirmationsOf(block, channel.publishedAt) < BigInt(channel.delay)) return []
  return [
    {
      payout_rawtx: secretCall(facts.domain, 'payout', terms, secret),
      commit_script: script,
    },
  ]
}

/** What a payer can take back. */
export interface Recoverables {
  readonly change: readonly {
    readonly change_rawtx: string
    readonly deposit_script: string
    /** Null where the contract asks for none: once a commit is published. */
    readonly spend_secret: string | null
  }[]
  readonly expire: readonly { readonly expire_rawtx: string; readonly deposit_script: string }[]
  readonly revoke: readonly {
    readonly revoke_rawtx: string
    readonly commit_script: string
    readonly revoke_secret: string
  }[]
}

const NO_SECRET = new Uint8Array(32)

/**
 * Change, expired deposit and revoked commit that the payer can take back (`mpc_recoverables`).
 * A revoked commit comes first, since its delay runs; a deposit whose change can be had does not expire.
 *
 * @throws `INVALID_STATE`
 */
export function recoverables(state: ChannelState, facts: ChannelFacts): Recoverables {
  const { terms, channel: id } = openState(facts.domain, state)
  const { domain, channel, block, spendSecret = null } = facts
  const { deposit_script } = state
  const nothing: Recoverables = { change: [], expire: [], revoke: [] }
  if (channel === null || channel.openedAt === 0n || channel.balance === 0n) return nothing
  if (isPublished(channel) && channel.committed > 0n) {
    const script = scriptHex({ channel: id, ...channel })
    const revoked = state.commits_revoked.find((entry) => entry.script === script)
    if (revoked !== undefined) {
      const secret = hexBytes(revoked.revoke_secret, 'revoke_secret')
      const revoke_rawtx = secretCall(domain, 'revoke', terms, secret)
      return { ...nothing, revoke: [{ revoke_rawtx, commit_script: script, ...secretOf(revoked) }] }
    }
  }
  const secret = spendSecret === null ? NO_SECRET : hexBytes(spendSecret, 'spend_secret')
  if (isPublished(channel) || spendSecret !== null) {
    if (channel.balance === channel.committed) return nothing
    const change_rawtx = secretCall(domain, 'recoverChange', terms, secret)
    return { ...nothing, change: [{ change_rawtx, deposit_script, spend_secret: spendSecret }] }
  }
  if (block + 1n < channel.openedAt + BigInt(terms.expireTime)) return nothing
  return { ...nothing, expire: [{ expire_rawtx: expireCall(domain, terms), deposit_script }] }
}

function secretOf({ revoke_secret }: { readonly revoke_secret: string }) {
  return { revoke_secret }
}

function isPublished(channel: OnChain | null): channel is PublishedChannel {
  return channel !== null && channel.publishedAt !== 0n
}

/** A type of its own, so that the opposite of published is not taken for no channel. */
type PublishedChannel = OnChain & { readonly publishedAt: bigint & { readonly brand?: true } }
