import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Report } from '../../scripts/testnet/report.ts'
import type { ChannelReport } from '../../scripts/testnet/scenarios/channel.ts'
import { sampleVideo } from '../helpers/e2e.ts'
import { script, startProgram } from '../helpers/e2e-processes.ts'
import { Cleanup, temporaryDirectory } from '../helpers/fixtures.ts'

const cleanup = new Cleanup()
let exit: number | string
let report: Report & { readonly channel: ChannelReport }
let said = ''

beforeAll(async () => {
  await sampleVideo()
  const file = join(await temporaryDirectory(cleanup), 'r.json')
  const directory = await temporaryDirectory(cleanup)
  const shape = ['--once', '--duration', '6', '--orchestrators', '1']
  const args = await script(
    'scripts/testnet/main.ts',
    ...shape,
    '--scenario',
    'channel',
    '--report',
    file,
  )
  const program = startProgram(cleanup, process.execPath, args, { env: { TMPDIR: directory } })
  exit = await program.exited
  said = program.stdout() + program.stderr()
  report = JSON.parse(await readFile(file, 'utf8').catch(() => 'null')) as typeof report
})
afterAll(() => cleanup.run())

test('a stream is paid by channel between processes, and the money reconciles to the wei', () => {
  expect(exit, said).toBe(0)
  const { segments, tickets, channel: played } = report
  expect(segments.sent).toBeGreaterThan(0)
  expect(segments.returned).toBe(segments.sent)
  expect(tickets).toMatchObject({ sent: 0, received: 0 })
  expect(played.reconciled).toBe(true)
  expect(played.checks.filter(({ holds }) => !holds)).toEqual([])
  expect(played.commitsPublished).toBeGreaterThan(0)
  const { depositedWei, paidOutWei, changeWei } = played
  expect(BigInt(paidOutWei)).toBeGreaterThan(0n)
  expect(BigInt(depositedWei)).toBe(BigInt(paidOutWei) + BigInt(changeWei))
})
