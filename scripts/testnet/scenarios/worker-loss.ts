import { isOver, nothingMissing, type Scenario, verdict } from './scenario.ts'

/** A transcoder is killed with a segment in its hands. */
export const scenario: Scenario = {
  about: 'a transcoder is killed at work; its orchestrator gives the segment to another, unseen',
  options: { orchestrators: 1, transcoders: 2 },
  changes: (role) => (role === 'orchestrator' ? { own: { pool: { local: false } } } : {}),
  async play(stage) {
    const { transcoders } = stage.network
    const busy = await stage.when((snapshot) => {
      const returned = snapshot.broadcasters[0]?.broadcaster.streams[0]?.segments.returned ?? 0
      return returned >= 2 && snapshot.transcoders.some(({ transcoder }) => transcoder.busy > 0)
    })
    const peerId = busy.transcoders.find(({ transcoder }) => transcoder.busy > 0)?.peerId
    const victim = transcoders.find(({ ready }) => ready.peerId === peerId)
    if (victim === undefined) return []
    victim.kill('SIGKILL')
    stage.tell(`${victim.name} is killed at work`)
    await stage.when(isOver)
    return []
  },
  verdicts(ending) {
    const { report } = ending
    const retried = report.failovers.reduce((sum, { retried: n }) => sum + n, 0)
    const members = report.pool.flatMap(({ workers }) => workers)
    const worked = members.filter(({ jobs }) => jobs > 0).length
    return [
      ...nothingMissing(ending),
      verdict('the broadcaster had to send nothing again', retried === 0, `${retried} retries`),
      verdict(
        'transcoders did the work',
        worked > 0,
        `${members.map(({ jobs }) => jobs).join(', ')} segments`,
      ),
    ]
  },
}
