import { dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { defineConfig, type Plugin } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'
import { programOf } from './scripts/lib/program.ts'

const setupFiles = ['test/helpers/setup.ts']

/** Where to write the results as JSON besides printing them; nowhere by default. */
const reportFile = process.env['TEST_REPORT']

const program = pathToFileURL(dirname(await programOf('src/cli/main.ts')))

/** Media processes that a test forks start from what is built, which takes them a third of the time. */
const builtWorkers: Plugin = {
  name: 'built-workers',
  transform(code, id) {
    if (!id.endsWith('/src/media/child.ts')) return undefined
    return code.replaceAll('import.meta.url', JSON.stringify(`${program.href}/child.js`))
  },
}
const plugins = [builtWorkers]

/** Files that take long for their size: begun first, so that none of them is waited for alone. */
const LONG = [
  ...['failover', 'matrix', 'public-pool', 'pool', 'shutdown'].map((name) => `/test/e2e/${name}`),
  ...['cli/cli', 'rails/kill-loop', 'rails/redeemer', 'contracts/forge', 'chain/transactions'],
  ...['rails/channel/random-run', 'pool/many-streams', 'rails/channel/kill', 'conformance/command'],
].map((name) => (name.startsWith('/') ? name : `/test/integration/${name}`))

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification): boolean =>
      LONG.some((name) => moduleId.endsWith(`${name}.test.ts`))
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

// The kinds run one after another, cheap ones first; unit and property tests run together.
export default defineConfig({
  test: {
    passWithNoTests: true,
    sequence: { sequencer: LongestFirst },
    reporters:
      reportFile === undefined ? ['default'] : [['json', { outputFile: reportFile }], 'default'],
    projects: [
      {
        plugins,
        test: {
          name: 'unit',
          sequence: { groupOrder: 0 },
          include: ['test/unit/**/*.test.ts'],
          setupFiles,
          // Pure code: sharing a thread's modules saves most of the time isolation would cost.
          pool: 'threads',
          isolate: false,
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        plugins,
        test: {
          name: 'property',
          sequence: { groupOrder: 0 },
          include: ['test/property/**/*.test.ts'],
          setupFiles,
          pool: 'threads',
          isolate: false,
          testTimeout: 60_000,
        },
      },
      {
        plugins,
        test: {
          name: 'integration',
          sequence: { groupOrder: 1 },
          include: ['test/integration/**/*.test.ts'],
          setupFiles,
          // Files of one process share its modules: loading them again takes a third of the time.
          pool: 'forks',
          isolate: false,
          maxWorkers: 2,
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        plugins,
        test: {
          name: 'e2e',
          sequence: { groupOrder: 2 },
          include: ['test/e2e/**/*.test.ts'],
          setupFiles,
          // A network waits for its chain and its stream most of the time: two fit on two cores.
          pool: 'forks',
          isolate: false,
          maxWorkers: 2,
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
})
