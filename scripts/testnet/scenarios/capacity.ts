import { inWords, isOver, nothingMissing, type Scenario, sharesOf, verdict } from './scenario.ts'

/** The cheapest orchestrator takes one stream, and there are two. */
export const scenario: Scenario = {
  about: 'the cheapest orchestrator is full; it says so at once and is not punished for it',
  options: { broadcasters: 2, orchestrators: 2, realtime: true },
  changes: (role, index) => (role === 'orchestrator' && index === 1 ? { own: { slots: 1 } } : {}),
  async play(stage) {
    const [first] = stage.network.orchestrators
    let most = 0
    await stage.when((snapshot) => {
      const status = snapshot.orchestrators.find(({ peerId }) => peerId === first?.ready.peerId)
      most = Math.max(most, status?.orchestrator.openStreams ?? 0)
      return isOver(snapshot)
    })
    return [verdict('it never worked more than it has room for', most <= 1, `${most} at once`)]
  },
  verdicts(ending) {
    const shares = sharesOf(ending)
    const failed = ending.report.failovers.reduce((sum, { failed: n }) => sum + n, 0)
    return [
      ...nothingMissing(ending),
      verdict(
        'both orchestrators worked',
        [...shares.values()].every((n) => n > 0),
        inWords(shares),
      ),
      verdict('nothing failed for it', failed === 0, `${failed} failed`),
    ]
  },
}
