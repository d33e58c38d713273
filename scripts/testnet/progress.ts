import { clearScreenDown, cursorTo, moveCursor } from 'node:readline'
import { formatWei } from '../../src/lib/wei.ts'
import { pendingWinners, type Snapshot, streamsOf, sumOf, sumWei } from './statuses.ts'

/** Shows a run in the terminal: redrawn in place on a terminal, a line now and then elsewhere. */
export interface Progress {
  step(text: string): void
  show(snapshot: Snapshot, names: ReadonlyMap<string, string>): void
  /** Ends the redrawing; what follows is printed below. */
  done(): void
}

const PLAIN_INTERVAL_MS = 2_000

/** Progress on standard output. */
export function createProgress(out: NodeJS.WriteStream): Progress {
  let drawn = 0
  let lastPlainMs = 0
  let lastPlain = ''
  const clear = (): void => {
    if (drawn === 0) return
    moveCursor(out, 0, -drawn)
    cursorTo(out, 0)
    clearScreenDown(out)
    drawn = 0
  }
  return {
    step(text) {
      clear()
      out.write(`${text}\n`)
    },
    show(snapshot, names) {
      const lines = linesOf(snapshot, names)
      if (out.isTTY) {
        clear()
        out.write(`${lines.join('\n')}\n`)
        drawn = lines.length
        return
      }
      const line = lines.join(' | ')
      const now = Date.now()
      if (line === lastPlain || now - lastPlainMs < PLAIN_INTERVAL_MS) return
      lastPlain = line
      lastPlainMs = now
      out.write(`${line}\n`)
    },
    done() {
      drawn = 0
    },
  }
}

function linesOf(snapshot: Snapshot, names: ReadonlyMap<string, string>): string[] {
  const nameOf = (peerId: string): string => names.get(peerId) ?? peerId.slice(-8)
  const streams = streamsOf(snapshot)
  const { orchestrators, broadcasters } = snapshot
  const lines = streams.map((stream) => {
    const { segments, packaged } = stream
    const workers = Object.entries(stream.byProvider).map(
      ([peerId, n]) => `${nameOf(peerId)} ×${n}`,
    )
    const renditions = packaged.renditions.map(({ name, segments: n }) => `${name} ${n}`).join(', ')
    const provider = stream.provider === null ? 'nobody' : nameOf(stream.provider)
    return `${stream.name}: ${segments.returned}/${segments.sent} segments (${renditions}), retried ${segments.retried}, failed ${segments.failed}; now ${provider}; so far ${workers.join(', ') || 'nobody'}`
  })
  const won = sumOf(orchestrators, ({ orchestrator }) => orchestrator.tickets.won)
  const redeemed = sumOf(orchestrators, ({ orchestrator }) => orchestrator.winners.count.redeemed)
  const sent = sumOf(broadcasters, ({ broadcaster }) => broadcaster.tickets.tickets)
  lines.push(
    `tickets: ${sent} sent, ${won} won, ${redeemed} redeemed, ${pendingWinners(snapshot)} waiting`,
  )
  const fees = sumWei(streams, ({ feesWei }) => feesWei)
  const ev = sumWei(broadcasters, ({ broadcaster }) => broadcaster.tickets.evWei)
  lines.push(`money: ${formatWei(fees)} charged, ${formatWei(ev)} paid in expected value`)
  return lines
}
