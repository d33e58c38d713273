import {
  inWords,
  isOver,
  isUnderWay,
  nothingMissing,
  type Scenario,
  sharesOf,
  transactionsOf,
  verdict,
  workerOf,
} from './scenario.ts'

/** Whoever works is killed in the middle of a segment, and started again at the end. */
export const scenario: Scenario = {
  about: 'the orchestrator at work is killed; another finishes, and no winner is lost',
  options: { realtime: true },
  async play(stage) {
    const [broadcaster] = stage.network.broadcasters
    if (broadcaster === undefined) return []
    const before = await transactionsOf(stage, broadcaster)
    const worker = workerOf(stage, await stage.when((snapshot) => isUnderWay(snapshot, 3)))
    worker.kill('SIGKILL')
    stage.tell(`${worker.name} is killed`)
    await stage.when(isOver)
    const after = await transactionsOf(stage, broadcaster)
    const risen = await stage.network.again(worker)
    stage.tell(`${worker.name} is started again on its data`)
    const { peerId } = risen.ready
    const countsOf = (snapshot: Parameters<Parameters<typeof stage.when>[0]>[0]) =>
      snapshot.orchestrators.find((one) => one.peerId === peerId)?.orchestrator.winners.count
    const settled = countsOf(
      await stage.when((snapshot) => {
        const counts = countsOf(snapshot)
        return counts !== undefined && counts.waiting + counts.submitted === 0
      }),
    )
    return [
      verdict('failing over took no transaction', before === after, `${before}, then ${after}`),
      verdict(
        'every winner of the killed one is redeemed',
        settled !== undefined && settled.expired + settled.failed === 0,
        `${settled?.redeemed ?? 0} redeemed`,
      ),
    ]
  },
  verdicts(ending) {
    const shares = sharesOf(ending)
    const worked = [...shares.values()].filter((n) => n > 0).length
    return [...nothingMissing(ending), verdict('another went on', worked >= 2, inWords(shares))]
  },
}
