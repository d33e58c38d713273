import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkEvidence, type FaultCode } from '../../helpers/kill-loop/checker.ts'
import {
  type Evidence,
  journalEvidence,
  type ProofEvidence,
  readFates,
  type TicketEvidence,
  type WinnerEvidence,
} from '../../helpers/kill-loop/evidence.ts'
import { type JournalLine, openJournal, readJournal } from '../../helpers/kill-loop/journal.ts'
import { createRandom } from '../../helpers/kill-loop/random.ts'
import { renderOutcome } from '../../helpers/kill-loop/render.ts'
import { nextStrike } from '../../helpers/kill-loop/schedule.ts'

const EV = 10n
const FACE = 80n
const order = 'order-1'

function ticket(nonce: number, over: Partial<TicketEvidence> = {}): TicketEvidence {
  return { ticketHash: `t${nonce}`, randHash: 'r', nonce, ev: EV, won: false, ...over }
}

function proof(nonce: number, over: Partial<ProofEvidence> = {}): ProofEvidence {
  const id = `p${nonce}`
  return { id, orderId: order, tickets: [ticket(nonce)], fate: 'acknowledged', ...over }
}

function winner(nonce: number, over: Partial<WinnerEvidence> = {}): WinnerEvidence {
  return { ticketHash: `t${nonce}`, sequence: 0, faceValue: FACE, state: 'redeemed', ...over }
}

const kept = { orderId: order, price: '1/1', segments: 2, charged: [0n, 1n] }

/** Three payments: the second won, the third was under way when its sender was killed. */
const good: Evidence = {
  proofs: [proof(1), proof(2, { tickets: [ticket(2, { won: true })] }), proof(3, { fate: 'lost' })],
  replays: [{ id: 'p1', credited: 0n }],
  charges: [
    {
      orderId: order,
      sent: new Set(['0', '1', '2']),
      debited: new Map([
        ['0', 10n],
        ['1', 10n],
      ]),
    },
  ],
  openings: [
    { orderId: order, price: '1/1', payerCredit: 0n, providerCredit: 0n },
    { orderId: order, price: '1/1', payerCredit: 5n, providerCredit: 5n },
  ],
  handed: new Set([0, 1]),
  delivered: new Set([0, 1]),
  refusals: [],
  torn: 1,
  kills: 1,
  payerOrders: [{ ...kept, credited: 20n, debited: 20n }],
  providerOrders: [{ ...kept, credited: 20n, debited: 20n }],
  winners: [winner(2)],
  chain: {
    redemptions: [{ ticketHash: 't2', faceValue: FACE }],
    used: new Set(['t2']),
    fundsBefore: 1_000n,
    fundsAfter: 1_000n - FACE,
  },
}

function codesOf(change: Partial<Evidence>): FaultCode[] {
  return checkEvidence({ ...good, ...change }).faults.map(({ code }) => code)
}

const [provided] = good.providerOrders
const [charge] = good.charges

function providedAs(change: Partial<typeof provided>): Partial<Evidence> {
  return { providerOrders: [{ ...provided!, ...change }] }
}

function chainAs(change: Partial<Evidence['chain']>): Partial<Evidence> {
  return { chain: { ...good.chain, ...change } }
}

describe('the checker of the kill loop', () => {
  test('finds nothing where nothing is wrong, and counts', () => {
    expect(checkEvidence(good)).toEqual({
      faults: [],
      payments: 3,
      winners: 1,
      lost: 0,
      creditedTwice: 0,
      noncesReused: 0,
    })
  })

  test('takes what was under way at a kill as credited or not', () => {
    expect(codesOf(providedAs({ credited: 30n }))).toEqual([])
  })

  const corruptions: [string, Partial<Evidence>, FaultCode[]][] = [
    [
      'a nonce that two proofs use',
      { proofs: [...good.proofs, proof(1, { id: 'p4', tickets: [ticket(1)] })] },
      ['NONCE_REUSED'],
    ],
    [
      'a nonce that one proof uses twice',
      { proofs: [...good.proofs, proof(4, { tickets: [ticket(4), ticket(4)] })].slice(1) },
      ['NONCE_REUSED'],
    ],
    [
      'a lost winner',
      { winners: [], ...chainAs({ redemptions: [], used: new Set(), fundsAfter: 1_000n }) },
      ['WINNER_LOST'],
    ],
    [
      'a winner that nobody signed',
      {
        winners: [winner(2), winner(9, { sequence: 1, state: 'expired' })],
      },
      ['WINNER_UNSIGNED'],
    ],
    [
      'a gap in the numbers of the winners',
      { winners: [winner(2, { sequence: 1 })] },
      ['WINNER_NUMBERS'],
    ],
    [
      'a redeemed ticket that the chain does not know',
      chainAs({ redemptions: [], used: new Set(), fundsAfter: 1_000n }),
      ['REDEMPTION_UNKNOWN_TO_CHAIN'],
    ],
    [
      'a redeemed ticket whose mark on the chain is missing',
      chainAs({ used: new Set() }),
      ['REDEMPTION_UNKNOWN_TO_CHAIN'],
    ],
    [
      'a ticket redeemed twice',
      chainAs({
        redemptions: [...good.chain.redemptions, ...good.chain.redemptions],
        fundsAfter: 1_000n - 2n * FACE,
      }),
      ['REDEEMED_TWICE'],
    ],
    [
      'a redemption of a ticket that is in no store',
      chainAs({
        redemptions: [...good.chain.redemptions, { ticketHash: 't7', faceValue: FACE }],
        fundsAfter: 1_000n - 2n * FACE,
      }),
      ['REDEMPTION_WITHOUT_WINNER'],
    ],
    [
      'a winner that still waits although it is paid',
      { winners: [winner(2, { state: 'waiting' })] },
      ['WINNER_UNSETTLED', 'WINNER_UNSETTLED'],
    ],
    [
      'a winner that the chain refused',
      {
        winners: [winner(2, { state: 'failed' })],
        ...chainAs({ redemptions: [], used: new Set(), fundsAfter: 1_000n }),
      },
      ['WINNER_FAILED'],
    ],
    ['funds that do not match', chainAs({ fundsAfter: 1_000n }), ['FUNDS_DIFFER']],
    [
      'lost credit',
      providedAs({ credited: 10n, debited: 0n, segments: 0 }),
      ['CREDIT_LOST', 'CHARGE_LOST'],
    ],
    [
      'credit for a proof that was refused',
      {
        proofs: [...good.proofs, proof(4, { fate: 'refused' })],
        ...providedAs({ credited: 40n }),
      },
      ['CREDITED_TWICE'],
    ],
    ['credit for more than was ever signed', providedAs({ credited: 40n }), ['CREDITED_TWICE']],
    [
      'credit for one order that was signed for another',
      { providerOrders: [...good.providerOrders, { ...provided!, orderId: 'order-2' }] },
      ['CREDITED_TWICE'],
    ],
    [
      'an old proof that brought something again',
      { replays: [{ id: 'p1', credited: EV }] },
      ['REPLAY_CREDITED'],
    ],
    ['an overdrawn order', providedAs({ debited: 25n }), ['OVERDRAWN']],
    ['an index charged twice', providedAs({ charged: [1n, 1n] }), ['INDEX_CHARGED_TWICE']],
    [
      'more charges than segments that were sent',
      { charges: [{ ...charge!, sent: new Set(['0']), debited: new Map([['0', 10n]]) }] },
      ['INDEX_CHARGED_TWICE'],
    ],
    ['a charge that was told and forgotten', providedAs({ debited: 10n }), ['CHARGE_LOST']],
    [
      'an order that forgot its price',
      { openings: [{ ...good.openings[0]!, price: '2/1' }] },
      ['ORDER_CHANGED'],
    ],
    [
      'an order that its provider forgot',
      { openings: [{ ...good.openings[0]!, orderId: 'order-3' }] },
      ['ORDER_CHANGED'],
    ],
    [
      'two sides that reckon another credit when they meet again',
      { openings: [{ ...good.openings[0]!, payerCredit: 7n }] },
      ['CREDIT_DIFFERS'],
    ],
    ['a segment that was never answered', { delivered: new Set([0]) }, ['SEGMENT_LOST']],
    ['more torn lines than kills', { torn: 2 }, ['JOURNAL_TORN']],
  ]

  test.each(corruptions)('finds %s', (_what, change, codes) => {
    expect(codesOf(change)).toEqual(codes)
  })

  test('sums what it found up in the last line', () => {
    const verdict = checkEvidence({
      ...good,
      winners: [],
      delivered: new Set([0]),
      replays: [{ id: 'p1', credited: EV }],
      proofs: [...good.proofs, proof(1, { id: 'p4' })],
    })
    const lines = renderOutcome({ verdict, evidence: good, directory: '/kept' }, 5)
    expect(lines.at(-1)).toBe(
      '5 kills, 4 payments, 0 winners: 2 lost, 1 credited twice, 1 nonces reused',
    )
    expect(lines).toContain('state and logs are kept in /kept')
    expect(lines).toContain('REPLAY_CREDITED: p1 brought 10 wei again')
  })
})

describe('the journal of the kill loop', () => {
  const at = { stream: 's', order, index: '0' }
  const answer = { k: 'answer', stream: 's', index: '0', debited: '0', credit: '0' } as const
  const sent = (id: string): JournalLine => ({ k: 'sent', ...at, id })

  test('ends the line that a kill tore, and goes on', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'millrace-journal-'))
    try {
      const path = join(directory, 'journal')
      expect(readJournal(path)).toEqual({ lines: [], torn: 0 })
      await writeFile(path, '{"k":"handed","sequence":1}\n{"k":"hand')
      const journal = openJournal(path)
      journal.add({ k: 'handed', sequence: 2 })
      journal.close()
      expect(readJournal(path)).toEqual({
        lines: [
          { k: 'handed', sequence: 1 },
          { k: 'handed', sequence: 2 },
        ],
        torn: 1,
      })
    } finally {
      await rm(directory, { recursive: true })
    }
  })

  const signed: JournalLine = { k: 'signed', id: 'p1', order, proof: '0x' }
  const fateOf = (...lines: JournalLine[]) => readFates([signed, ...lines]).fates.get('p1')
  const answered = (type: 'result' | 'error' | 'paid', code = ''): JournalLine => ({
    ...answer,
    type,
    code,
  })
  const replayed = (wasAcknowledged: boolean, code = ''): JournalLine => ({
    k: 'replayed',
    id: 'p1',
    wasAcknowledged,
    credited: '10',
    code,
  })

  test('tells the fate of a proof by its answer', () => {
    expect(fateOf()).toBe('lost')
    expect(fateOf(sent('p1'))).toBe('lost')
    expect(fateOf(sent('p1'), answered('result'))).toBe('acknowledged')
    expect(fateOf(sent('p1'), answered('paid'))).toBe('acknowledged')
    expect(fateOf(sent('p1'), answered('error', 'LOW_PM_BALANCE'))).toBe('acknowledged')
    expect(fateOf(sent('p1'), answered('error', 'NEW_PAYMENT_PARAMS'))).toBe('refused')
    expect(fateOf(sent('p1'), answered('error', 'INTERNAL'))).toBe('lost')
    expect(fateOf(sent(''), answered('result'))).toBe('lost')
    expect(fateOf(sent('p1'), { ...answered('result'), stream: 'other' } as JournalLine)).toBe(
      'lost',
    )
  })

  test('takes a lost proof that was presented again for credited, and one of before for a trial', () => {
    expect(fateOf(sent('p1'), replayed(false))).toBe('acknowledged')
    expect(fateOf(sent('p1'), replayed(false, 'NEW_PAYMENT_PARAMS'))).toBe('lost')
    expect(readFates([signed, replayed(false)]).replays).toEqual([])
    expect(readFates([signed, replayed(false), replayed(true)]).replays).toEqual([
      { id: 'p1', credited: 10n },
    ])
  })

  test('tells the charges of each order by index', () => {
    const { charges } = journalEvidence([
      sent('p1'),
      { k: 'sent', stream: 's', order, index: '1', id: '' },
      { ...answer, type: 'result', code: '', debited: '12' },
    ])
    expect(charges).toEqual([
      { orderId: order, sent: new Set(['0', '1']), debited: new Map([['0', 12n]]) },
    ])
  })
})

test('the strikes of one seed are the same, and fall on both sides, under load and at the start', () => {
  const strikes = (seed: number) => {
    const random = createRandom(seed)
    return Array.from({ length: 200 }, () => nextStrike(random, ['payer']))
  }
  expect(strikes(3)).toEqual(strikes(3))
  expect(strikes(3)).not.toEqual(strikes(4))
  const kinds = new Set(strikes(3).map(({ victims, moment }) => `${victims.join()} ${moment.type}`))
  expect(kinds).toEqual(
    new Set(['payer starting', 'payer loaded', 'provider loaded', 'payer,provider loaded']),
  )
})
