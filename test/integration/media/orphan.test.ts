import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { isAlive, until } from './helpers.ts'

test('workers die with their parent, even when it is killed', async () => {
  const script = fileURLToPath(new URL('../../fixtures/media/orphan-parent.ts', import.meta.url))
  const parent = spawn(process.execPath, ['--import', 'tsx', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [line] = (await once(createInterface({ input: parent.stdout }), 'line')) as [string]
  const pids = line.split(' ').map(Number)
  expect(pids.length).toBeGreaterThan(0)
  expect(pids.every(isAlive)).toBe(true)
  parent.kill('SIGKILL')
  await until(() => !pids.some(isAlive))
})
