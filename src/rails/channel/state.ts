import { bytesEqual, parseHex } from '../../lib/bytes.ts'
import { hash160 } from '../../lib/crypto/hash160.ts'
import { channelError } from './errors.ts'
import { channelLimits } from './limits.ts'
import {
  bareHex,
  type ChannelDomain,
  type CommitScript,
  channelIdOf,
  encodeScript,
  parseRawCommit,
  parseScript,
  parseTerms,
  type RawCommit,
  type Terms,
} from './terms.ts'

/** A commit that can be published. Hex. */
export interface ActiveCommit {
  readonly rawtx: string
  readonly script: string
}

/** A commit that was revoked, with the secret that punishes its publication. Hex. */
export interface RevokedCommit {
  readonly script: string
  readonly revoke_secret: string
}

/** The state of a channel, in the shape of PicoPayments: hex without prefix, keys as they are there. */
export interface ChannelState {
  readonly asset: string
  readonly deposit_script: string
  /** Revoke secret hashes given out and not yet used. */
  readonly commits_requested: readonly string[]
  /** Invariant: from the lowest quantity to the highest. */
  readonly commits_active: readonly ActiveCommit[]
  readonly commits_revoked: readonly RevokedCommit[]
}

/** An active commit taken apart. */
export interface OpenedCommit extends RawCommit, CommitScript {
  readonly entry: ActiveCommit
}

/** A state taken apart: what {@link openState} made sure of. */
export interface OpenedState {
  readonly terms: Terms
  /** 32 bytes. */
  readonly channel: Uint8Array
  readonly active: readonly OpenedCommit[]
}

const KEYS = [
  'asset',
  'commits_active',
  'commits_requested',
  'commits_revoked',
  'deposit_script',
].join()
const HEX = /^(?:[0-9a-f]{2})*$/

/**
 * Checks a state as a whole and takes it apart: its keys, its hex, unique scripts, every one of this
 * channel and so of its spend secret, commits in order, every revoke secret that of its script.
 *
 * @throws `INVALID_STATE`
 */
export function openState(domain: ChannelDomain, state: ChannelState): OpenedState {
  require(isRecord(state, KEYS), 'its keys')
  require(isHex(state.deposit_script), 'deposit_script')
  const terms = parseTerms(bytesOf(state.deposit_script))
  require(terms !== null, 'deposit_script')
  require(state.asset === bareHex(bytesOf(terms.asset)), 'asset')
  const lists = [state.commits_requested, state.commits_active, state.commits_revoked]
  require(lists.every(isList), 'a list')
  require(state.commits_requested.every((hash) => isHex(hash) && hash.length === 40), 'a request')
  require(new Set(state.commits_requested).size === state.commits_requested.length, 'requests')
  const channel = channelIdOf(domain, terms)
  const active = state.commits_active.map((entry) => openCommit(channel, entry))
  require(isAscending(active), 'the order of commits_active')
  for (const entry of state.commits_revoked) checkRevoked(channel, entry)
  const scripts = [...state.commits_active, ...state.commits_revoked].map(({ script }) => script)
  require(new Set(scripts).size === scripts.length, 'a script that is there twice')
  return { terms, channel, active }
}

function openCommit(channel: Uint8Array, entry: ActiveCommit): OpenedCommit {
  require(isRecord(entry, 'rawtx,script'), 'an active commit')
  require(isHex(entry.rawtx) && isHex(entry.script), 'an active commit')
  const raw = parseRawCommit(bytesOf(entry.rawtx))
  const script = parseScript(bytesOf(entry.script))
  require(raw !== null && script !== null, 'an active commit')
  require(bytesEqual(script.channel, channel), 'a commit of another channel')
  return { ...raw, ...script, entry }
}

function checkRevoked(channel: Uint8Array, entry: RevokedCommit): void {
  require(isRecord(entry, 'revoke_secret,script'), 'a revoked commit')
  require(isHex(entry.script) && isHex(entry.revoke_secret), 'a revoked commit')
  const script = parseScript(bytesOf(entry.script))
  require(script !== null && bytesEqual(script.channel, channel), 'a commit of another channel')
  const isItsSecret = bytesEqual(hash160(bytesOf(entry.revoke_secret)), script.revokeHash)
  require(isItsSecret, 'a revoke secret of another commit')
}

/** A state with other active commits, put into their order. */
export function withActive(
  domain: ChannelDomain,
  state: ChannelState,
  active: readonly ActiveCommit[],
): ChannelState {
  const { channel } = openState(domain, { ...state, commits_active: [] })
  const opened = active.map((entry) => openCommit(channel, entry))
  const sorted = opened.toSorted((a, b) => compare(a.quantity, b.quantity))
  return { ...state, commits_active: sorted.map(({ entry }) => entry) }
}

/** The state of a channel on which nothing was committed. */
export function initialState(terms: Terms, depositScript: string): ChannelState {
  return {
    asset: bareHex(bytesOf(terms.asset)),
    deposit_script: depositScript,
    commits_requested: [],
    commits_active: [],
    commits_revoked: [],
  }
}

/** The script of a commit, hex. */
export function scriptHex(script: CommitScript): string {
  return bareHex(encodeScript(script))
}

function require(condition: unknown, what: string): asserts condition {
  if (!condition) throw channelError('INVALID_STATE', `the state of the channel is not: ${what}`)
}

function isRecord(value: unknown, keys: string): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).sort().join() === keys
}

function isList(value: unknown): boolean {
  return Array.isArray(value) && value.length <= channelLimits.maxCommits
}

function isHex(value: unknown): value is string {
  return typeof value === 'string' && HEX.test(value)
}

function bytesOf(hex: string): Uint8Array {
  return parseHex(hex) as Uint8Array
}

function isAscending(commits: readonly OpenedCommit[]): boolean {
  return commits.every((commit, i) => i === 0 || commit.quantity >= quantityAt(commits, i - 1))
}

function quantityAt(commits: readonly OpenedCommit[], index: number): bigint {
  return commits[index]?.quantity ?? 0n
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0
}
