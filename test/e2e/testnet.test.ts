import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Report } from '../../scripts/testnet/report.ts'
import { sampleVideo } from '../helpers/e2e.ts'
import {
  descendantsOf,
  type ProcessRef,
  script,
  startProgram,
  stillRunning,
} from '../helpers/e2e-processes.ts'
import { Cleanup, temporaryDirectory } from '../helpers/fixtures.ts'

const cleanup = new Cleanup()
let exit: number | string
let report: Report
let temporary: string
let said: { readonly out: string; readonly err: string }
/** Every process seen below the testnet while it ran. */
const seen = new Map<number, ProcessRef>()

beforeAll(async () => {
  await sampleVideo()
  const directory = await temporaryDirectory(cleanup)
  temporary = await temporaryDirectory(cleanup)
  const file = join(directory, 'r.json')
  const args = await script(
    'scripts/testnet/main.ts',
    '--once',
    '--duration',
    '10',
    '--report',
    file,
  )
  const program = startProgram(cleanup, process.execPath, args, { env: { TMPDIR: temporary } })
  const looking = setInterval(() => {
    for (const one of descendantsOf(program.pid)) seen.set(one.pid, one)
  }, 500)
  exit = await program.exited
  clearInterval(looking)
  said = { out: program.stdout(), err: program.stderr() }
  report = JSON.parse(await readFile(file, 'utf8').catch(() => 'null')) as Report
})
afterAll(() => cleanup.run())

const keys = (value: object): string[] => Object.keys(value)

/** Every key of a documented object is there, and of every row of a list. */
const shapes = {
  segments: ['sent', 'returned', 'failed', 'retried'],
  tickets: [
    ...['sent', 'received', 'won', 'redeemed', 'expired'],
    ...['faceValueWei', 'winProb', 'evSentWei'],
  ],
  settlement: ['faceValueRedeemedWei', 'brokerPaidWei', 'gasUsed', 'reconciled'],
  playlists: ['master'],
  timing: ['wallMs', 'perSegmentOverheadMsP50', 'perSegmentOverheadMsP99', 'realtimeFactor'],
} as const
const rows = {
  renditions: ['name', 'segments', 'bytes', 'durationMs'],
  peers: ['role', 'peerId', 'address', 'services', 'regions', 'discoveredBy'],
  quotes: ['orchestrator', 'pricePerUnitWei', 'responseMs', 'accepted', 'why'],
  processes: ['role', 'pid', 'maxRssBytes'],
} as const

describe('npm run testnet -- --once', () => {
  test('exits with 0 and nothing on stderr', () => {
    expect(said.err).toBe('')
    expect(exit).toBe(0)
    expect(said.out).toContain('Everything reconciles to the wei.')
  })

  test('writes a report with every documented key', () => {
    expect(keys(report)).toEqual(expect.arrayContaining([...keys(shapes), ...keys(rows)]))
    for (const [name, wanted] of Object.entries(shapes)) {
      expect(keys(report[name as keyof typeof shapes])).toEqual(expect.arrayContaining([...wanted]))
    }
    for (const [name, wanted] of Object.entries(rows)) {
      const list = report[name as keyof typeof rows]
      expect(list.length).toBeGreaterThan(0)
      for (const row of list) expect(keys(row)).toEqual(expect.arrayContaining([...wanted]))
    }
  })

  test('gets every segment back, in two renditions', () => {
    expect(report.segments).toEqual({ sent: 5, returned: 5, failed: 0, retried: 0 })
    expect(report.renditions.map(({ name }) => name)).toEqual(['360p', '240p'])
    for (const { segments, bytes, durationMs } of report.renditions) {
      expect({ segments, durationMs }).toEqual({ segments: 5, durationMs: 10_000 })
      expect(bytes).toBeGreaterThan(0)
    }
    expect(report.playlists.master).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/stream\/.+\.m3u8$/)
  })

  test('pays with tickets that win and are redeemed, to the wei', () => {
    const { tickets, settlement } = report
    expect(tickets.received).toBe(tickets.sent)
    expect(tickets.redeemed).toBeGreaterThanOrEqual(1)
    expect(tickets.redeemed).toBe(tickets.won)
    expect(settlement.reconciled).toBe(true)
    const paid = BigInt(tickets.redeemed) * BigInt(tickets.faceValueWei)
    expect(BigInt(settlement.faceValueRedeemedWei)).toBe(paid)
    expect(BigInt(settlement.brokerPaidWei)).toBe(paid)
    expect(BigInt(settlement.gasUsed)).toBeGreaterThan(0n)
  })

  test('finds three orchestrators by advert, each somewhere else, and chooses one of them', () => {
    const orchestrators = report.peers.filter(({ role }) => role === 'orchestrator')
    expect(orchestrators.map(({ discoveredBy }) => discoveredBy)).toEqual(Array(3).fill('advert'))
    expect(new Set(orchestrators.map(({ peerId }) => peerId)).size).toBe(3)
    expect(new Set(orchestrators.flatMap(({ regions }) => regions)).size).toBe(3)
    for (const { services } of orchestrators) expect(services).toContain('CPUTranscoding')
    const chosen = report.quotes.filter(({ accepted }) => accepted)
    expect(chosen.length).toBeGreaterThanOrEqual(1)
    const known = orchestrators.map(({ address }) => address)
    for (const { orchestrator, pricePerUnitWei, why } of chosen) {
      expect(known).toContain(orchestrator)
      expect(pricePerUnitWei).toMatch(/^\d+$/)
      expect(why).not.toBe('')
    }
  })

  test('runs as five distinct processes and more', () => {
    const pids = report.processes.map(({ pid }) => pid)
    expect(new Set(pids).size).toBe(pids.length)
    expect(pids.length).toBeGreaterThanOrEqual(5)
    for (const { maxRssBytes } of report.processes) expect(maxRssBytes).toBeGreaterThan(0)
  })

  test('leaves no process and no directory behind', async () => {
    expect(seen.size).toBeGreaterThanOrEqual(6)
    expect(stillRunning([...seen.values()])).toEqual([])
    const left = await readdir(temporary)
    expect(left.filter((name) => name.startsWith('millrace'))).toEqual([])
  })
})
