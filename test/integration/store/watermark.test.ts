import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { openWatermark } from '../../../src/store/watermark.ts'
import { Cleanup, temporaryDirectory } from '../../helpers/fixtures.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

test('a watermark is found again, only rises, and counts nothing when its file is damaged', async () => {
  const path = join(await temporaryDirectory(cleanup), 'winners.mark')
  const first = await openWatermark(path)
  expect(first.value()).toBe(0)
  await Promise.all([3, 9, 5].map((count) => first.raise(count)))
  await first.close()
  const second = await openWatermark(path)
  expect(second.value()).toBe(9)
  await second.close()
  const bytes = await readFile(path)
  bytes[7] = 200
  await writeFile(path, bytes)
  const damaged = await openWatermark(path)
  expect(damaged.value()).toBe(0)
  await damaged.raise(1)
  await damaged.close()
  expect((await openWatermark(path)).value()).toBe(1)
})
