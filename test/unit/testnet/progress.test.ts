import { PassThrough } from 'node:stream'
import { describe, expect, test } from 'vitest'
import { createProgress } from '../../../scripts/testnet/progress.ts'
import type {
  BroadcasterStatus,
  OrchestratorStatus,
  Snapshot,
  StreamJson,
} from '../../../scripts/testnet/statuses.ts'

const emptyPool = {
  ...{ local: true, remote: false, public: false, isFull: false },
  ...{ workers: 1, slots: 1, busy: 0, waiting: 0, members: [], ejected: [] },
  totals: { segments: '0', pixels: '0', earnedWei: '0', withheldWei: '0', paidWei: '0' },
}

const stream: StreamJson = {
  name: 'stream-1',
  state: 'running',
  error: null,
  provider: 'peer-a',
  segments: { sent: 5, returned: 3, failed: 1, retried: 2 },
  feesWei: '1500000000000000',
  extra: { hedges: 0, unused: 0, feesWei: '0' },
  byProvider: { 'peer-a': 2, 'unknown-peer-12345678': 1 },
  sourceDurationMs: 10_000,
  startedAtMs: 1,
  endedAtMs: null,
  overheadMs: { p50: 1, p99: 2 },
  packaged: {
    listed: 3,
    skipped: 0,
    renditions: [
      { name: '360p', segments: 3, bytes: 9, durationMs: 6_000 },
      { name: '240p', segments: 2, bytes: 4, durationMs: 4_000 },
    ],
  },
  master: '/stream/stream-1.m3u8',
}

const byState = <T>(none: T, over: object = {}) => ({
  ...{
    waiting: none,
    'handed-over': none,
    submitted: none,
    redeemed: none,
    failed: none,
    expired: none,
  },
  ...over,
})

function snapshotOf(over: Partial<StreamJson> = {}): Snapshot {
  const broadcaster: BroadcasterStatus = {
    peerId: 'peer-b',
    peers: [],
    broadcaster: {
      streams: [{ ...stream, ...over }],
      decisions: [],
      orders: [],
      tickets: { tickets: 12, evWei: '2000000000000000', faceValueWei: '1', winProb: 0.5 },
    },
  }
  const orchestrator: OrchestratorStatus = {
    peerId: 'peer-a',
    orchestrator: {
      openStreams: 0,
      orders: [],
      tickets: { received: 12, won: 6, late: 0, lateWon: 0 },
      winners: {
        count: byState(0, { redeemed: 3, waiting: 2, submitted: 1 }),
        faceValue: byState('0'),
        gasUsed: '0',
      },
      transcoding: { pids: [] },
      pool: emptyPool,
    },
  }
  return {
    broadcasters: [broadcaster],
    orchestrators: [orchestrator],
    redeemers: [],
    transcoders: [],
    isPartial: false,
  }
}

function recorder(isTTY: boolean): { out: NodeJS.WriteStream; written(): string } {
  const pass = new PassThrough()
  let text = ''
  pass.on('data', (chunk: Buffer) => {
    text += chunk.toString()
  })
  return {
    out: Object.assign(pass, { isTTY }) as unknown as NodeJS.WriteStream,
    written: () => text,
  }
}

const names = new Map([['peer-a', 'orchestrator-1']])

describe('progress', () => {
  test('tells segments, renditions, tickets, money and who works for whom', () => {
    const { out, written } = recorder(false)
    createProgress(out).show(snapshotOf(), names)
    for (const part of [
      'stream-1: 3/5 segments (360p 3, 240p 2), retried 2, failed 1',
      'now orchestrator-1',
      'so far orchestrator-1 ×2, 12345678 ×1',
      'tickets: 12 sent, 6 won, 3 redeemed, 3 waiting',
      '0.0015 ETH charged, 0.002 ETH paid in expected value',
    ]) {
      expect(written()).toContain(part)
    }
  })

  test('says nobody while nobody works', () => {
    const { out, written } = recorder(false)
    createProgress(out).show(snapshotOf({ provider: null, byProvider: {} }), names)
    expect(written()).toContain('now nobody; so far nobody')
  })

  test('is not repeated where it cannot be redrawn', () => {
    const { out, written } = recorder(false)
    const progress = createProgress(out)
    progress.show(snapshotOf(), names)
    progress.show(snapshotOf(), names)
    progress.step('done')
    expect(written().split('\n')).toHaveLength(3)
    expect(written()).not.toContain('\u001b')
  })

  test('is redrawn in place on a terminal, and steps stay', () => {
    const { out, written } = recorder(true)
    const progress = createProgress(out)
    progress.step('first step')
    progress.show(snapshotOf(), names)
    expect(written()).not.toContain('\u001b')
    progress.show(snapshotOf({ segments: { ...stream.segments, returned: 4 } }), names)
    const redrawn = written().slice(written().indexOf('\u001b'))
    expect(redrawn.startsWith('\u001b[3A')).toBe(true)
    expect(redrawn).toContain('4/5 segments')
    progress.done()
    progress.step('last step')
    expect(written().endsWith('in expected value\nlast step\n')).toBe(true)
  })
})
