import pLimit from 'p-limit'
import type { OwnProfile } from '../chain/profile.ts'
import type { Address } from '../lib/crypto/address.ts'

/** Limit: questions under way at the chain's endpoint. */
const QUERIES_AT_ONCE = 16

/** A member of the pool with what it published, untrusted, and its stake. */
export interface SupplyMember {
  readonly orchestrator: Address
  readonly stake: bigint
  readonly services: readonly string[]
  readonly regions: readonly string[]
}

/** How many offer one service in one region. */
export interface SupplyPair {
  readonly service: string
  readonly region: string
  readonly orchestrators: number
  /** What is bonded to all of them, in 10^-18 work tokens. */
  readonly stake: bigint
}

/** Supply of a market: who offers what where, and what nobody offers. */
export interface SupplyReport {
  readonly orchestrators: number
  /** Members that published no service. */
  readonly silent: number
  /** Every service with every region, ordered by name. */
  readonly pairs: readonly SupplyPair[]
  /** The pairs that nobody offers. */
  readonly uncovered: readonly { readonly service: string; readonly region: string }[]
}

/** Reads what the members of the pool have published. */
export async function reportSupply(
  { bonding, registry }: OwnProfile,
  asked: { readonly services: readonly string[]; readonly regions: readonly string[] },
): Promise<SupplyReport> {
  const pool = await bonding.transcoderPool()
  const records = await registry.records(pool)
  const limit = pLimit(QUERIES_AT_ONCE)
  const members = records.map((record, index) =>
    limit(async (): Promise<SupplyMember> => {
      const orchestrator = pool[index] as Address
      return {
        orchestrator,
        stake: await bonding.transcoderTotalStake(orchestrator),
        services: record.services.map(({ id }) => id),
        regions: record.regions,
      }
    }),
  )
  return supplyOf(await Promise.all(members), asked)
}

/**
 * Supply for each service and region that anybody names, or that is asked about. Who names no region
 * counts for none.
 */
export function supplyOf(
  members: readonly SupplyMember[],
  asked: { readonly services: readonly string[]; readonly regions: readonly string[] },
): SupplyReport {
  const names = (of: (member: SupplyMember) => readonly string[], more: readonly string[]) =>
    [...new Set([...members.flatMap(of), ...more])].sort()
  const services = names((member) => member.services, asked.services)
  const regions = names((member) => member.regions, asked.regions)
  const pairs = services.flatMap((service) =>
    regions.map((region) => {
      const offering = members.filter(
        (member) => member.services.includes(service) && member.regions.includes(region),
      )
      const stake = offering.reduce((sum, member) => sum + member.stake, 0n)
      return { service, region, orchestrators: offering.length, stake }
    }),
  )
  return {
    orchestrators: members.length,
    silent: members.filter((member) => member.services.length === 0).length,
    pairs,
    uncovered: pairs
      .filter(({ orchestrators }) => orchestrators === 0)
      .map(({ service, region }) => ({ service, region })),
  }
}
