import Table from 'cli-table3'
import { formatWei } from '../../src/lib/wei.ts'
import type { Report } from './report.ts'

/** The end of a run, for a person. */
export function summaryOf(report: Report): string {
  const { segments, tickets, settlement, timing } = report
  const money = new Table({
    head: ['the money', 'one side', 'other side', ''],
    style: { head: [], border: [] },
  })
  for (const { what, left, right, holds } of settlement.checks) {
    const show = (value: string): string =>
      /winners|tickets received/.test(what) ? value : `${value} wei`
    money.push([what, show(left), show(right), holds ? 'equal' : 'DIFFERS'])
  }
  const facts = new Table({ style: { head: [], border: [] } })
  facts.push(
    [
      'segments',
      `${segments.returned} of ${segments.sent} returned, ${segments.retried} retried, ${segments.failed} failed`,
    ],
    [
      'renditions',
      report.renditions
        .map(({ name, segments: n, bytes }) => `${name}: ${n} segments, ${bytes} bytes`)
        .join('; '),
    ],
    [
      'tickets',
      `${tickets.sent} sent, ${tickets.received} received, ${tickets.won} won, ${tickets.redeemed} redeemed, ${tickets.expired} expired`,
    ],
    [
      'a ticket',
      `face value ${formatWei(BigInt(tickets.faceValueWei))}, wins with probability ${tickets.winProb}`,
    ],
    [
      'paid',
      `${formatWei(BigInt(tickets.evSentWei))} in expected value, ${formatWei(BigInt(settlement.faceValueRedeemedWei))} redeemed, ${settlement.gasUsed} gas`,
    ],
    [
      'speed',
      `${timing.realtimeFactor} × real time; overhead a segment ${timing.perSegmentOverheadMsP50} ms median, ${timing.perSegmentOverheadMsP99} ms at the 99th percentile`,
    ],
    ...workRow(report),
    ['play', report.playlists.all.join('\n')],
  )
  const verdict = settlement.reconciled
    ? 'Everything reconciles to the wei.'
    : 'THE MONEY DOES NOT RECONCILE.'
  return `${facts.toString()}\n${money.toString()}\n${verdict}`
}

/** Who did how many segments, when there was anyone but the orchestrators themselves. */
function workRow({ pool }: Report): string[][] {
  const workers = pool.flatMap((one) => one.workers)
  if (workers.every(({ trust }) => trust === 'own')) return []
  const named = workers.filter(({ jobs }) => jobs > 0)
  const shares = named.map(({ id, jobs, msPerMegapixel: ms }) => {
    const who = id === 'local' ? 'own processes' : `…${id.slice(-6)}`
    return `${who}: ${jobs} segments, ${Math.round((ms ?? 0) * 10) / 10} ms a megapixel`
  })
  return [['worked by', shares.join('; ')]]
}
