import { MEDIA_ROLES } from './media-config.ts'
import type { RailName } from './rail-config.ts'

/** A part that is missing, and who cannot do without it. */
export interface NeededPart {
  readonly path: readonly string[]
  readonly message: string
}

/** What decides which parts of a config are needed. */
interface Deciding {
  readonly roles: readonly string[]
  readonly chain: { readonly media?: unknown; readonly paymentChannels?: unknown }
  readonly broadcaster: { readonly rails: readonly RailName[] }
  readonly orchestrator?: { readonly rails: readonly RailName[] } | undefined
  readonly redeemer?: object | undefined
  readonly audience?: object | undefined
  readonly earning: { readonly rails: readonly RailName[] }
  readonly paying: { readonly rails: readonly RailName[] }
}

/** The first thing that the roles of a config ask for and that is not there; null when all is. */
export function firstNeeded(config: Deciding): NeededPart | null {
  return neededByRole(config) ?? neededByRail(config)
}

function neededByRole({ roles, ...config }: Deciding): NeededPart | null {
  const has = (role: string): boolean => roles.includes(role)
  if (has('orchestrator') && config.orchestrator === undefined) {
    const least = 'at least orchestrator.pricePerUnit must be set'
    return need(['orchestrator'], `required by the role orchestrator; ${least}`)
  }
  if (has('redeemer') && config.redeemer === undefined) {
    const least = 'at least redeemer.orchestrators must be set'
    return need(['redeemer'], `required by the role redeemer; ${least}`)
  }
  if (has('redeemer') && has('orchestrator')) {
    const message = 'allowed: redeemer or orchestrator; a redeemer is a node of its own'
    return need(['roles'], message)
  }
  if (has('redeemer') && earnsByTicket({ roles, ...config })) {
    const message = 'allowed: redeemer, or a role paid by ticket; a redeemer is a node of its own'
    return need(['roles'], message)
  }
  if (MEDIA_ROLES.some(has) && config.chain.media === undefined) {
    const message = 'required by the roles publisher, viewer, advertiser and audience'
    return need(['chain', 'media'], message)
  }
  if (has('audience') && config.audience === undefined) {
    const message = 'required by the role audience; at least audience.price must be set'
    return need(['audience'], message)
  }
  return null
}

function earnsByTicket({ roles, earning }: Pick<Deciding, 'roles' | 'earning'>): boolean {
  const earns = roles.includes('publisher') || roles.includes('audience')
  return earns && earning.rails.includes('ticket')
}

/** The contracts that the rails in use are on. */
function neededByRail(config: Deciding): NeededPart | null {
  const { roles, chain } = config
  const used = new Set(railsInUse(config))
  if (chain.paymentChannels === undefined) {
    const isTower = roles.includes('watchtower')
    const who = isTower ? 'role watchtower' : used.has('channel') ? 'rail channel' : null
    const message = `required by the ${who}: the address of the PaymentChannels contract`
    if (who !== null) return need(['chain', 'paymentChannels'], message)
  }
  if (chain.media === undefined && used.has('check')) {
    const message =
      'required by the rail check: the addresses of MediaExchange, UserRegistry and VideoRegistry'
    return need(['chain', 'media'], message)
  }
  return null
}

/** Rails that some role of a node pays or is paid by. */
export function railsInUse({
  roles,
  broadcaster,
  orchestrator,
  earning,
  paying,
}: Omit<Deciding, 'chain'>): readonly RailName[] {
  const any = (...names: readonly string[]): boolean => names.some((name) => roles.includes(name))
  return [
    ...(any('broadcaster') ? broadcaster.rails : []),
    ...(any('orchestrator') ? (orchestrator?.rails ?? []) : []),
    ...(any('publisher', 'audience') ? earning.rails : []),
    ...(any('viewer', 'advertiser') ? paying.rails : []),
  ]
}

function need(path: readonly string[], message: string): NeededPart {
  return { path, message }
}
