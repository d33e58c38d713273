import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { programOf } from '../../../scripts/lib/program.ts'
import { makeVector } from './vector-builder.ts'

let directory: string
let program: string

beforeAll(async () => {
  program = await programOf('scripts/conformance.ts')
  directory = await mkdtemp(join(tmpdir(), 'millrace-conformance-'))
})

afterAll(async () => rm(directory, { recursive: true, force: true }))

interface Finished {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

async function run(content: string): Promise<Finished> {
  const file = join(directory, 'vectors.json')
  await writeFile(file, content)
  const { promise, resolve } = Promise.withResolvers<Finished>()
  const argv = [program, 'tickets', file]
  execFile(process.execPath, argv, (error, stdout, stderr) => {
    resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr })
  })
  return promise
}

describe('npm run conformance -- tickets', () => {
  test('prints a line a vector and a sum, and exits by it', async () => {
    const good = await makeVector('good', { result: 100_000_000_000_000_000n })
    const burnt = await makeVector('burnt', {
      pre: { senderDeposit: '1', reserveRemaining: '0' },
      result: 1n,
    })
    const wrong = await makeVector('wrong', { result: 'ticket is used' })
    const passing = await run(JSON.stringify({ vectors: [good, burnt] }))
    expect(passing).toMatchObject({ code: 0, stderr: '' })
    expect(passing.stdout.trimEnd().split('\n')).toEqual([
      'passed good',
      'passed burnt  differs: a ticket is paid its whole face value or stays unused',
      '2 passed, 0 failed',
    ])
    const failing = await run(JSON.stringify({ vectors: [wrong, good] }))
    expect(failing.code).toBe(1)
    expect(failing.stdout).toMatch(/^FAILED wrong .*\npassed good\n1 passed, 1 failed\n$/)
  })

  test('names the vector and the key of a malformed file, and exits with 2', async () => {
    const good = await makeVector('good', { result: 1n })
    const { signature: _, ...unsigned } = { ...good, id: 'unsigned' }
    const missing = await run(JSON.stringify({ vectors: [good, unsigned] }))
    expect(missing).toMatchObject({ code: 2, stdout: '' })
    expect(missing.stderr).toContain('vector unsigned, key signature:')
    const text = await run('{')
    expect(text).toMatchObject({ code: 2, stdout: '' })
    expect(text.stderr).toContain('the file is not JSON')
  })
})
