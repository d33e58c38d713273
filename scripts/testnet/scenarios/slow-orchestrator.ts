import {
  firstStream,
  inWords,
  isOver,
  isUnderWay,
  nothingMissing,
  type Scenario,
  sharesOf,
  verdict,
  workerOf,
} from './scenario.ts'

/** One way, so that a round trip takes longer than a segment. */
const SLOW_MS = 2_500

/** The way to whoever works becomes long. */
export const scenario: Scenario = {
  about: 'the orchestrator at work becomes slow; the stream leaves it, at a bounded cost',
  options: { realtime: true },
  async play(stage) {
    const snapshot = await stage.when((now) => isUnderWay(now, 3))
    const worker = workerOf(stage, snapshot)
    stage.network.wayTo(worker).setDelay(SLOW_MS)
    stage.tell(`the way to ${worker.name} takes ${SLOW_MS} ms from now on`)
    const { peerId } = worker.ready
    const before = firstStream(snapshot)
    const end = firstStream(await stage.when(isOver))
    if (before === undefined || end === undefined) return []
    const after = (end.byProvider[peerId] ?? 0) - (before.byProvider[peerId] ?? 0)
    const left = end.segments.returned - before.segments.returned
    return [
      verdict(
        'the slow one got less than half of what was left',
        after < left / 2,
        `${after} of ${left} segments`,
      ),
    ]
  },
  verdicts(ending) {
    const [failover] = ending.report.failovers
    const spent = BigInt(failover?.feesWei ?? '0')
    const extra = BigInt(failover?.extraFeesWei ?? '0')
    return [
      ...nothingMissing(ending),
      verdict(
        'another went on',
        [...sharesOf(ending).values()].filter((n) => n > 0).length >= 2,
        inWords(sharesOf(ending)),
      ),
      verdict(
        'sending twice cost less than a third more',
        extra * 3n <= spent,
        `${extra} wei beside ${spent}`,
      ),
    ]
  },
}
