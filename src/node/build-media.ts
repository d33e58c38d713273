import { ETHER } from '../chain/media-exchange.ts'
import type { MarketAccess } from './build-broadcaster.ts'
import type { BuiltRole } from './built-role.ts'
import { earningChecks, payingChecks } from './check-chain.ts'
import type { NodeConfig } from './config.ts'
import type { Foundation } from './foundation.ts'
import { buildAdvertiser, buildAudience } from './media-attention.ts'
import { buildPublisher, buildViewer } from './media-content.ts'
import type { NodePlayer } from './media-face.ts'
import { buildMediaParts, type MediaParts, type MediaRails } from './media-parts.ts'

/** The roles of content and attention that a node has. */
export interface BuiltMedia {
  readonly roles: Readonly<Record<string, BuiltRole>>
  readonly player: NodePlayer | null
}

/** Joins the parts of content and attention. */
export async function buildMedia(
  foundation: Foundation,
  config: NodeConfig,
  { market, ...rails }: MediaRails & { readonly market: MarketAccess | null },
): Promise<BuiltMedia> {
  const parts = buildMediaParts(foundation, config, rails)
  const roles: Record<string, BuiltRole> = { exchange: exchangeRole(parts, rails, foundation) }
  let player: NodePlayer | null = null
  if (config.roles.includes('publisher')) {
    roles['publisher'] = buildPublisher(foundation, config, parts, market)
  }
  if (config.roles.includes('viewer')) {
    const viewer = buildViewer(foundation, config, parts)
    roles['viewer'] = viewer
    player = viewer.player
  }
  if (config.roles.includes('advertiser')) {
    roles['advertiser'] = buildAdvertiser(foundation, config, parts)
  }
  if (config.roles.includes('audience')) {
    roles['audience'] = buildAudience(foundation, config, parts)
  }
  return { roles, player }
}

/** What the roles stand on, as the node runs and shows it. */
function exchangeRole(
  { base, exchange }: MediaParts,
  { earning, paying }: MediaRails,
  foundation: Foundation,
): BuiltRole {
  return {
    ...base,
    complaints: async () => [],
    async status() {
      const { address } = foundation.wallet
      const [payee, payer] = [earning?.checks ?? null, paying?.checks ?? null]
      return {
        contract: exchange.address,
        balanceWei: await exchange.balanceOf(ETHER, address),
        earning: payee === null ? [] : earningChecks(payee),
        paying: payer === null ? [] : payingChecks(payer),
      }
    },
  }
}
