import { formatWei } from '../lib/wei.ts'
import { askStatus } from './status.ts'

/** A number of tickets and their worth, as the status has them. */
interface CountedJson {
  readonly count: number
  readonly valueWei: string
}

interface BandJson {
  readonly low: number
  readonly high: number
}

/** A row of the ledger, as the status has it. */
export interface LedgerRowJson {
  readonly counterparty?: string
  readonly tickets: number
  readonly evWei: string
  readonly deviationWei: string
  readonly expectedWins: number
  readonly won: CountedJson
  readonly open: CountedJson
  readonly paid: CountedJson
  readonly lost: CountedJson
  readonly gasUsed: string
  readonly feesWei: string
  readonly luck: {
    readonly verdict: string
    readonly score: number
    readonly band95: BandJson
    readonly band999: BandJson
  }
}

/** The ledger of one side, as the status has it. */
export interface LedgerJson {
  readonly side: 'sent' | 'received'
  readonly total: LedgerRowJson
  readonly rows: readonly LedgerRowJson[]
  readonly omitted: number
}

const HEAD = [
  'counterparty',
  'tickets',
  'fees',
  'expected',
  'won',
  'should have won',
  'paid',
  'open',
  'lost',
  'luck',
] as const

/** Prints the EV ledger of a running node. */
export async function ledger(options: {
  readonly url: string
  readonly json?: boolean
}): Promise<void> {
  const status = await askStatus(options.url)
  const ledgers = ['broadcaster', 'orchestrator'].flatMap((role) => ledgerOf(status, role))
  process.stdout.write(
    options.json === true
      ? `${JSON.stringify(ledgers, null, 2)}\n`
      : `${ledgers.map(formatLedger).join('\n') || 'this node neither sends nor receives tickets\n'}`,
  )
}

function ledgerOf(status: object, role: string): LedgerJson[] {
  const of = (status as Readonly<Record<string, { readonly ledger?: LedgerJson } | undefined>>)[
    role
  ]
  return of?.ledger === undefined ? [] : [of.ledger]
}

/** The ledger of one side as a table, amounts in the unit that reads best. */
export function formatLedger({ side, total, rows, omitted }: LedgerJson): string {
  const lines: (readonly string[])[] = [
    HEAD,
    ...rows.map((row) => cellsOf(row, row.counterparty ?? '')),
    cellsOf(total, omitted === 0 ? 'all' : `all, ${omitted} not shown`),
  ]
  const widths = HEAD.map((_, i) => Math.max(...lines.map((cells) => (cells[i] as string).length)))
  const table = lines.map((cells) =>
    cells
      .map((cell, i) =>
        i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number),
      )
      .join('  ')
      .trimEnd(),
  )
  return `tickets ${side}\n${table.join('\n')}\n`
}

function cellsOf(row: LedgerRowJson, name: string): readonly string[] {
  const { band95 } = row.luck
  return [
    name,
    `${row.tickets}`,
    wei(row.feesWei),
    `${wei(row.evWei)} ± ${wei(row.deviationWei)}`,
    counted(row.won),
    `${Math.round(row.expectedWins * 100) / 100} (${band95.low}-${band95.high})`,
    counted(row.paid),
    counted(row.open),
    counted(row.lost),
    `${row.luck.score >= 0 ? '+' : ''}${row.luck.score} ${row.luck.verdict}`,
  ]
}

function counted({ count, valueWei }: CountedJson): string {
  return count === 0 ? '-' : `${count}: ${wei(valueWei)}`
}

/** Rounded to six digits: a table is for reading, the JSON has every wei. */
function wei(text: string): string {
  const [amount = '0', unit = ''] = formatWei(BigInt(text)).split(' ')
  return `${Number(Number(amount).toPrecision(6))} ${unit}`
}
