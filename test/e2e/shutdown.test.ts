import { readdir } from 'node:fs/promises'
import { afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { sampleVideo } from '../helpers/e2e.ts'
import {
  descendantsOf,
  type ProcessRef,
  type Program,
  script,
  startProgram,
  stillRunning,
} from '../helpers/e2e-processes.ts'
import { Cleanup, temporaryDirectory, until } from '../helpers/fixtures.ts'

const cleanup = new Cleanup()
let temporary: string
let args: string[]
beforeAll(async () => {
  await sampleVideo()
  args = await script('scripts/testnet/main.ts', ...ARGS)
})
beforeEach(async () => {
  temporary = await temporaryDirectory(cleanup)
})
afterEach(() => cleanup.run())

const ARGS = ['--orchestrators', '1']

/** Moments of a run, by what has been said until then. */
const SET_UP = /starting the EVM/
const STARTING = /orchestrator-1:/
const STREAMING = /stream-1: [1-9]\d*\/\d+ segments/

const testnet = (): Program =>
  startProgram(cleanup, process.execPath, args, { env: { TMPDIR: temporary } })

/** What the testnet had started by a moment; killed when the test fails. */
async function familyAt(program: Program, moment: RegExp, atLeast: number): Promise<ProcessRef[]> {
  await program.says(moment)
  let family: ProcessRef[] = []
  await until(() => {
    family = descendantsOf(program.pid)
    return family.length >= atLeast
  })
  cleanup.add(() => {
    for (const { pid } of stillRunning(family)) process.kill(pid, 'SIGKILL')
  })
  return family
}

async function expectNothingLeft(family: readonly ProcessRef[]): Promise<void> {
  await until(() => stillRunning(family).length === 0)
  // What was started after the look must be gone as well: it runs on a config in this directory.
  const ours = descendantsOf(1).filter(({ command }) => command.includes(temporary))
  await until(() => stillRunning(ours).length === 0)
}

const directories = async (): Promise<string[]> =>
  (await readdir(temporary)).filter((name) => name.startsWith('millrace'))

describe('a testnet stops with all it started', () => {
  test.each([
    ['SIGTERM', 'while the contracts are deployed', SET_UP, 2],
    ['SIGTERM', 'while an orchestrator starts', STARTING, 3],
    ['SIGINT', 'in the middle of the stream', STREAMING, 6],
  ] as const)('at %s %s', async (signal, _when, moment, atLeast) => {
    const program = testnet()
    const family = await familyAt(program, moment, atLeast)
    program.child.kill(signal)
    expect(await program.exited).toBe(130)
    await expectNothingLeft(family)
    expect(await directories()).toEqual([])
    expect(program.stderr()).toBe('')
  })

  test.each([
    ['while an orchestrator starts', STARTING, 3],
    ['in the middle of the stream', STREAMING, 6],
  ] as const)('at SIGKILL %s', async (_when, moment, atLeast) => {
    const program = testnet()
    const family = await familyAt(program, moment, atLeast)
    program.child.kill('SIGKILL')
    await expectNothingLeft(family)
  })

  test('when the npm that runs it is killed by SIGKILL', async () => {
    const run = ['run', 'testnet', '--', ...ARGS]
    const program = startProgram(cleanup, 'npm', run, { env: { TMPDIR: temporary } })
    const family = await familyAt(program, STARTING, 4)
    program.child.kill('SIGKILL')
    await expectNothingLeft(family)
    expect(await directories()).toEqual([])
  })

  test('when whoever reads its output goes away', async () => {
    const program = testnet()
    const family = await familyAt(program, STARTING, 3)
    program.child.stdout?.destroy()
    await program.exited
    await expectNothingLeft(family)
    expect(await directories()).toEqual([])
  })
})
