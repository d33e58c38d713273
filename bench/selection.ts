import { type SelectionContext, select } from '../src/market/selection.ts'
import { policyOf } from '../src/market/selection-policy.ts'
import type { Bench } from './lib/bench.ts'
import { makeCandidates } from './lib/market.ts'
import { paired } from './lib/paired.ts'
import { sortAndCompare } from './lib/selection-rival.ts'

const ROUNDS = 11
const NOW_MS = 1_700_000_000_000
/** So many candidates are looked at in one run. */
const PER_RUN = 20_000

/** Choosing among orchestrators, with a record of it, against sorting all by a comparator. */
export const bench: Bench = async (say) => {
  const policy = policyOf('balanced')
  const context: SelectionContext = {
    ...{ nowMs: NOW_MS, stream: 'bench', reason: 'start', units: 20_000_000n },
    ...{ isFromTable: true, running: null, trying: null },
  }
  for (const count of [10, 100, 1_000]) {
    const candidates = await makeCandidates(count, NOW_MS)
    const [first] = select(candidates, policy, context).ranked
    if (first?.quote.providerPeerId !== sortAndCompare(candidates, policy, context)[0]) {
      throw new Error('the two do not choose the same')
    }
    const units = PER_RUN / count
    const times = (choose: () => unknown) => () => {
      for (let i = 0; i < units; i += 1) choose()
    }
    const timing = await paired(
      {
        ours: { units, run: times(() => select(candidates, policy, context)) },
        rival: { units, run: times(() => sortAndCompare(candidates, policy, context)) },
      },
      ROUNDS,
    )
    say({
      name: `choose among ${count} orchestrators`,
      value: timing.microseconds('ours'),
      unit: 'us',
      rival: 'comparing each with each and sorting, without a record',
      ratio: timing.ratio('ours', 'rival'),
      ...(count === 1_000 ? { bar: 2 } : {}),
    })
  }
}
