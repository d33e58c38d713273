import { loadConfig } from '../node/load-config.ts'
import { reportSupply, type SupplyReport } from '../node/supply-report.ts'
import { delegationOf, openReadingSession } from '../node/wallet-session.ts'
import { formatTable, formatTokens, plain, roundFigure, toJson } from './figures.ts'
import { createLogger } from './logger.ts'

/** Prints who offers what where, by the registry, and what nobody offers. */
export async function market(options: {
  readonly config: string
  readonly service?: readonly string[]
  readonly region?: readonly string[]
  readonly json?: boolean
}): Promise<void> {
  const config = await loadConfig(options.config)
  const session = await openReadingSession({ logger: createLogger({ level: 'warn' }) }, config)
  try {
    const asked = { services: options.service ?? [], regions: options.region ?? [] }
    const report = await reportSupply(delegationOf(session.profile), asked)
    process.stdout.write(options.json === true ? toJson(report) : formatSupply(report))
  } finally {
    session.close()
  }
}

const HEAD = ['service', 'region', 'orchestrators', 'stake']

/** The supply as a table, with what is missing below. */
export function formatSupply({ orchestrators, silent, pairs, uncovered }: SupplyReport): string {
  const rows = pairs.map((pair) => [
    pair.service,
    pair.region,
    pair.orchestrators === 0 ? 'none' : `${pair.orchestrators}`,
    roundFigure(formatTokens(pair.stake)),
  ])
  const lines = [
    `${orchestrators} orchestrators${silent === 0 ? '' : `, ${silent} without a service`}`,
    ...(rows.length === 0
      ? ['no service is offered in any region']
      : [formatTable([HEAD, ...rows])]),
    ...(uncovered.length === 0 ? [] : ['nobody offers:']),
    ...uncovered.map(({ service, region }) => `  ${plain(service)} in ${plain(region)}`),
  ]
  return `${lines.join('\n')}\n`
}
