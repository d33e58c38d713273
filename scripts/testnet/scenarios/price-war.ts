import {
  inWords,
  isOver,
  isUnderWay,
  nothingMissing,
  type Scenario,
  sharesOf,
  verdict,
} from './scenario.ts'

const UNDERCUT = '30000000'
const CHALLENGER = 2

/** One that had no work comes back at a third of the price. */
export const scenario: Scenario = {
  about:
    'an orchestrator undercuts the others; the stream moves, and running orders keep their price',
  options: { realtime: true, duration: 60 },
  changes: (role) => (role === 'broadcaster' ? { own: { table: { refreshMs: 2_000 } } } : {}),
  async play(stage) {
    await stage.when((snapshot) => isUnderWay(snapshot, 1))
    const challenger = stage.network.orchestrators.find(({ name }) =>
      name.endsWith(`-${CHALLENGER}`),
    )
    if (challenger === undefined) return []
    await challenger.stop()
    const risen = await stage.network.again(challenger, { pricePerUnit: UNDERCUT })
    stage.tell(`${challenger.name} is back, at ${UNDERCUT} wei a pixel`)
    const { peerId } = risen.ready
    const end = await stage.when(isOver)
    const orders = end.broadcasters.flatMap(({ broadcaster }) => broadcaster.orders)
    const priced = orders.filter(({ segments }) => segments > 0)
    const ofChallenger = priced.filter(({ provider }) => provider === risen.ready.address)
    const worked = end.broadcasters.flatMap(({ broadcaster }) =>
      broadcaster.streams.map(({ byProvider }) => byProvider[peerId] ?? 0),
    )
    return [
      verdict(
        'the cheaper one got work',
        worked.some((n) => n > 0),
        `${worked.join()} segments`,
      ),
      verdict(
        'its order has its new price, the others kept theirs',
        ofChallenger.some(({ priceNum }) => priceNum === UNDERCUT) &&
          priced.some(({ priceNum }) => priceNum !== UNDERCUT),
        priced.map(({ priceNum, segments }) => `${segments} at ${priceNum}`).join(', '),
      ),
    ]
  },
  verdicts(ending) {
    const moved = ending.report.decisions.filter(({ reason }) => reason !== 'start')
    return [
      ...nothingMissing(ending),
      verdict(
        'a decision record says why',
        moved.length > 0,
        `${moved.length} after the first; ${inWords(sharesOf(ending))}`,
      ),
    ]
  },
}
