import '../../src/lib/polyfill.ts'
import fc from 'fast-check'

// A failing property prints its seed; FUZZ_SEED runs every property with that seed again, and
// FUZZ_RUNS asks for more cases than the default 100.
const seed = process.env['FUZZ_SEED']
const runs = process.env['FUZZ_RUNS']

fc.configureGlobal({
  ...(seed === undefined ? {} : { seed: Number(seed) }),
  ...(runs === undefined ? {} : { numRuns: Number(runs) }),
})
