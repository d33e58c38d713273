import { createHash } from 'node:crypto'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { createSample } from '../../../src/media/sample.ts'

test('the sample is made once, whole, and the same everywhere', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-sample-'))
  try {
    const progress: number[] = []
    const init = { seconds: 2, width: 160, height: 96 }
    const make = async (folder: string): Promise<string> =>
      createSample({
        ...init,
        cacheDirectory: join(directory, folder),
        onProgress: (seconds) => progress.push(seconds),
      })
    const path = await make('a')
    expect(progress).toEqual([1])
    expect(await make('a')).toBe(path)
    expect(progress).toEqual([1])
    expect(await readdir(join(directory, 'a'))).toHaveLength(1)
    const digest = async (file: string): Promise<string> =>
      createHash('sha256')
        .update(await readFile(file))
        .digest('hex')
    expect(await digest(await make('b'))).toBe(await digest(path))

    const controller = new AbortController()
    controller.abort(new Error('not now'))
    const cacheDirectory = join(directory, 'c')
    await expect(createSample({ ...init, cacheDirectory }, controller)).rejects.toThrow('not now')
    expect(await readdir(cacheDirectory)).toEqual([])
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
})
