import { MillraceError } from '../lib/errors.ts'

/** One orchestrator in a decision, as the node tells of it; amounts are decimal strings. */
export interface ConsiderationJson {
  readonly peerId: string
  readonly address: string
  readonly pricePerUnit: string | null
  readonly responseMs: number
  readonly latencyMs: number | null
  readonly isMeasured: boolean
  readonly successRate: number
  readonly stake: string
  readonly regions: readonly string[]
  readonly isPreferred: boolean
  readonly accepted: boolean
  readonly chosen: boolean
  readonly score: number | null
  readonly why: string
}

/** A decision, as the node tells of it. */
export interface DecisionJson {
  readonly atMs: number
  readonly stream: string
  readonly reason: string
  readonly preset: string
  readonly isFromTable: boolean
  readonly considered: readonly ConsiderationJson[]
  readonly omitted: number
  readonly chosenPeerId: string | null
}

/** Prints the choices of a running node: who was considered, each one's figures, and why not. */
export async function decisions(options: {
  readonly url: string
  readonly stream?: string
  readonly last: number
  readonly json?: boolean
}): Promise<void> {
  const found = await askDecisions(options)
  const text =
    options.json === true
      ? JSON.stringify(found, null, 2)
      : found.map(formatDecision).join('\n\n') || 'no orchestrator was chosen yet'
  process.stdout.write(`${text}\n`)
}

/** @throws `NODE_UNREACHABLE`, `NODE_REFUSED` for one that chooses nobody */
async function askDecisions(options: {
  readonly url: string
  readonly stream?: string
  readonly last: number
}): Promise<readonly DecisionJson[]> {
  const url = new URL('/v1/decisions', options.url)
  if (options.stream !== undefined) url.searchParams.set('stream', options.stream)
  url.searchParams.set('last', String(options.last))
  let answer: Response
  try {
    answer = await fetch(url)
  } catch (error) {
    throw new MillraceError('NODE_UNREACHABLE', `no node answers at ${options.url}`, {
      cause: error,
      hint: 'Start it with: millrace start, or name its HTTP address with --url',
    })
  }
  if (answer.ok) {
    const { decisions: found } = (await answer.json()) as { decisions: readonly DecisionJson[] }
    return found
  }
  throw new MillraceError('NODE_REFUSED', `the node at ${options.url} has no decisions`, {
    hint: answer.status === 404 ? 'Only a broadcaster chooses' : `It answers ${answer.status}`,
  })
}

const HEAD = ['', 'orchestrator', 'price', 'answer', 'latency', 'good', 'score', 'why'] as const

/** A decision as a heading and a table, the eligible first. */
export function formatDecision(decision: DecisionJson): string {
  const { atMs, stream, reason, preset, isFromTable, considered, omitted } = decision
  const rows = [HEAD, ...considered.map(cellsOf)]
  const widths = HEAD.map((_, i) => Math.max(...rows.map((cells) => (cells[i] as string).length)))
  const lines = rows.map((cells) =>
    cells
      .map((cell, i) => cell.padEnd(widths[i] as number))
      .join('  ')
      .trimEnd(),
  )
  const source = isFromTable ? 'quotes at hand' : 'asked'
  const head = `${new Date(atMs).toISOString()}  ${stream}  ${reason}, ${preset}, ${source}`
  return [head, ...lines, ...(omitted === 0 ? [] : [`and ${omitted} more`])].join('\n')
}

function cellsOf(one: ConsiderationJson): readonly string[] {
  const { peerId, pricePerUnit, responseMs, latencyMs, isMeasured, successRate, score } = one
  return [
    one.chosen ? '*' : '',
    `${peerId.slice(-8)}${one.isPreferred ? ' (own)' : ''}`,
    pricePerUnit ?? '-',
    pricePerUnit === null ? '-' : `${Math.round(responseMs)} ms`,
    // What was not measured with segments is a guess.
    latencyMs === null ? '-' : `${isMeasured ? '' : '~'}${Math.round(latencyMs)} ms`,
    `${Math.round(successRate * 100)} %`,
    score === null ? '-' : score.toFixed(3),
    one.why,
  ]
}
