import type { Address } from '../lib/crypto/address.ts'
import type { Ratio } from '../lib/wei.ts'

/** What a choice looks at; the order is that of the configuration and of the docs. */
export const CRITERIA = [
  'price',
  'latency',
  'response',
  'history',
  'terms',
  'stake',
  'region',
  'relation',
] as const

/** One of {@link CRITERIA}. */
export type Criterion = (typeof CRITERIA)[number]

/** How much each criterion counts, 0 or more; only their proportions matter. */
export type Weights = Readonly<Record<Criterion, number>>

/** Ways to choose, by name. */
export const PRESETS = ['balanced', 'cheapest', 'fastest', 'own-first', 'sticky'] as const

/** One of {@link PRESETS}. */
export type Preset = (typeof PRESETS)[number]

/** What a payer wants of its providers, and how it chooses among those that fit. */
export interface SelectionPolicy {
  /** Where the rest comes from; for the record. */
  readonly preset: Preset
  /** Most it pays per pixel; null is any price. */
  readonly maxPrice: Ratio | null
  /** Least stake of a provider, in the work token's smallest unit. */
  readonly minStake: bigint
  /** The region that is better than others; empty for none. */
  readonly preferRegion: string
  /** Accounts that come before all others while they take work: the owner's own. */
  readonly prefer: readonly Address[]
  readonly weights: Weights
  /** Whether someone who is both dearer and slower than another comes after all who are not. */
  readonly pareto: boolean
  /** A running relation is left only for someone better by this share of the score. */
  readonly hysteresis: number
  /** Most of the segments, as a share, that go to someone who was not tried lately. */
  readonly explore: number
  /** Largest expected value of one ticket that the payer would sign; judges payment terms. */
  readonly maxEv: bigint | null
}

const none: Weights = {
  price: 0,
  latency: 0,
  response: 0,
  history: 0,
  terms: 0,
  stake: 0,
  region: 0,
  relation: 0,
}

const balanced: Weights = {
  price: 4,
  latency: 3,
  response: 0.5,
  history: 3,
  terms: 0.5,
  stake: 0.5,
  region: 0.5,
  relation: 0,
}

type PresetValues = Pick<SelectionPolicy, 'weights' | 'pareto' | 'hysteresis' | 'explore'>

const presets: Readonly<Record<Preset, PresetValues>> = {
  balanced: { weights: balanced, pareto: true, hysteresis: 0.15, explore: 0.02 },
  // For files that can wait: nothing but the price.
  cheapest: { weights: { ...none, price: 1 }, pareto: false, hysteresis: 0, explore: 0 },
  fastest: {
    weights: { ...none, latency: 4, response: 1, history: 2 },
    pareto: true,
    hysteresis: 0.15,
    explore: 0.02,
  },
  'own-first': { weights: balanced, pareto: true, hysteresis: 0.15, explore: 0 },
  // Whoever works well keeps the work, and old acquaintances come first.
  sticky: {
    weights: { ...balanced, relation: 20 },
    pareto: false,
    hysteresis: Number.POSITIVE_INFINITY,
    explore: 0,
  },
}

/** What may be said besides a preset. */
export type PolicyChanges = Partial<Omit<SelectionPolicy, 'weights' | 'preset'>> & {
  readonly weights?: Partial<Weights>
}

/** A policy out of a preset and what differs from it. */
export function policyOf(preset: Preset, changes: PolicyChanges = {}): SelectionPolicy {
  const values = presets[preset]
  return {
    preset,
    maxPrice: null,
    minStake: 0n,
    preferRegion: '',
    prefer: [],
    maxEv: null,
    ...values,
    ...changes,
    weights: { ...values.weights, ...changes.weights },
  }
}
