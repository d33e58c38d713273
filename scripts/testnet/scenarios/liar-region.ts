import { inWords, nothingMissing, type Scenario, sharesOf, verdict } from './scenario.ts'

const REGION = 'eu-central'
const LIAR = 2

/** One says it is near and is far, at two thirds of the price of one that is near. */
export const scenario: Scenario = {
  about: 'an orchestrator lies about its region; measured latency tells',
  options: { orchestrators: 2, realtime: true },
  changes(role, index) {
    if (role === 'broadcaster') {
      // Whoever looks good by its price is tried now and then.
      const own = { region: REGION, selection: { explore: 0.2 }, table: { refreshMs: 2_000 } }
      return { own }
    }
    if (role !== 'orchestrator') return {}
    const isLiar = index === LIAR
    const own = { regions: [REGION], pricePerUnit: isLiar ? '60000000' : '90000000' }
    return { own, delayMs: isLiar ? 150 : 5 }
  },
  verdicts(ending) {
    const shares = sharesOf(ending)
    const of = (index: number): number => shares.get(`orchestrator-${index}`) ?? 0
    const address = ending.network.orchestrators.find(({ name }) => name.endsWith(`-${LIAR}`))
      ?.ready.address
    const last = ending.report.decisions
      .map(({ considered }) => considered)
      .findLast((all) => all.filter(({ latencyMs }) => latencyMs !== null).length >= 2)
    const liar = last?.find(({ orchestrator }) => orchestrator === address)
    const honest = last?.find(({ orchestrator }) => orchestrator !== address)
    return [
      ...nothingMissing(ending),
      verdict('who is near did most of the work', of(1) > of(LIAR), inWords(shares)),
      verdict(
        "the liar's latency shows in the decision",
        (liar?.latencyMs ?? 0) > (honest?.latencyMs ?? Number.POSITIVE_INFINITY),
        `${liar?.latencyMs ?? 'none'} ms against ${honest?.latencyMs ?? 'none'} ms`,
      ),
    ]
  },
}
