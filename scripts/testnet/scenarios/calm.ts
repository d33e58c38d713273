import { isOver, nothingMissing, type Scenario, transactionsOf, verdict } from './scenario.ts'

/** Nothing happens. */
export const scenario: Scenario = {
  about: 'nothing happens: no transaction but redemptions, every choice recorded',
  options: { realtime: true },
  async play(stage) {
    const broadcasters = stage.network.broadcasters
    const before = await Promise.all(broadcasters.map((peer) => transactionsOf(stage, peer)))
    await stage.when(isOver)
    const after = await Promise.all(broadcasters.map((peer) => transactionsOf(stage, peer)))
    return [
      verdict(
        'the broadcaster sent no transaction',
        after.join() === before.join(),
        `${before.join()} before, ${after.join()} after`,
      ),
    ]
  },
  verdicts(ending) {
    const { decisions, failovers } = ending.report
    const chosen = decisions.filter(({ chosen: peer }) => peer !== null)
    const complete = chosen.filter(({ considered }) => considered.every(({ why }) => why !== ''))
    const failed = failovers.reduce((sum, { failed: n }) => sum + n, 0)
    return [
      ...nothingMissing(ending),
      verdict('no segment was lost on the way', failed === 0, `${failed} failed`),
      verdict(
        'every choice names each candidate and why',
        chosen.length > 0 && complete.length === chosen.length,
        `${chosen.length} choices`,
      ),
    ]
  },
}
