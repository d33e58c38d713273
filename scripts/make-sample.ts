import '../src/lib/polyfill.ts'
import { writeFile } from 'node:fs/promises'
import { parseArgs } from 'node:util'
import { silentLogger } from '../src/lib/logger.ts'
import { createSample } from '../src/media/sample.ts'
import { segmentFile } from '../src/media/segmenter.ts'

/**
 * Makes the default test video and prints its path.
 *
 * `--fixture FILE` makes the small 2-second segment that the tests use instead.
 */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '30' },
    directory: { type: 'string', default: 'node_modules/.cache/millrace' },
    fixture: { type: 'string' },
  },
})

const seconds = Number(values.seconds)
if (!Number.isInteger(seconds) || seconds < 1 || seconds > 3_600) {
  process.stderr.write(`--seconds is a whole number from 1 to 3600, not "${values.seconds}"\n`)
  process.exit(2)
}

const forFixture = values.fixture !== undefined
const path = await createSample({
  cacheDirectory: values.directory,
  ...(forFixture ? { seconds: 2, crf: 30 } : { seconds }),
  onProgress: (made, total) => process.stderr.write(`\r${made} of ${total} s`),
})
process.stderr.write('\n')

if (values.fixture === undefined) {
  process.stdout.write(`${path}\n`)
} else {
  for await (const segment of segmentFile({ logger: silentLogger }, { path, pace: 'fast' })) {
    await writeFile(values.fixture, segment.data)
    process.stdout.write(`${values.fixture}: ${segment.data.length} bytes\n`)
    break
  }
}
