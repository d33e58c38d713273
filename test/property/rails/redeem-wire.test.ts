import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { toHex } from '../../../src/lib/bytes.ts'
import { addressBytes, addressFromBytes } from '../../../src/lib/crypto/address.ts'
import { ticketLimits } from '../../../src/rails/ticket/limits.ts'
import {
  encodeRedeemAnswer,
  encodeRedeemRequest,
  parseRedeemReply,
  parseRedeemRequest,
  type RedeemAnswer,
  type RedeemQuestion,
} from '../../../src/rails/ticket/redeem-wire.ts'
import { type SignedTicket, ticketHash } from '../../../src/rails/ticket/ticket.ts'
import { recipientWallet } from '../../helpers/fixtures-tickets.ts'

const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length })
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const u256 = fc.bigInt({ min: 0n, max: 2n ** 256n - 1n })
const text = fc.string({ maxLength: ticketLimits.maxRedeemTextLength })

const winner: fc.Arbitrary<SignedTicket> = fc.record({
  recipient: fc.constant(recipientWallet.address),
  sender: bytes(20).map(addressFromBytes),
  faceValue: u256,
  winProb: u256,
  senderNonce: fc.nat(2 ** 31),
  recipientRandHash: bytes(32),
  creationRound: u64,
  creationRoundBlockHash: bytes(32),
  paramsExpirationBlock: u64,
  sig: bytes(65),
  recipientRand: bytes(32),
})

const question: fc.Arbitrary<RedeemQuestion> = fc.record({
  chainId: u64,
  recipient: fc.record({
    address: fc.constant(addressBytes(recipientWallet.address)),
    peerSignature: bytes(64),
    walletSignature: bytes(65),
  }),
  winners: fc.array(winner, { maxLength: 8 }),
  asked: fc.array(bytes(32), { maxLength: 8 }),
  stored: fc.array(bytes(32), { maxLength: 8 }),
})

function answerTo({ winners, asked }: RedeemQuestion): fc.Arbitrary<RedeemAnswer> {
  const verdict = (ticket: SignedTicket) =>
    fc.record({
      ticketHash: fc.constant(ticketHash(ticket)),
      fault: fc.constantFrom(null, 'WRONG_RAND', 'AT_CAPACITY'),
      detail: text,
    })
  const outcome = (hash: Uint8Array) =>
    fc.record(
      {
        ticketHash: fc.constant(hash),
        state: fc.constantFrom('not-held', 'pending', 'redeemed', 'failed', 'expired'),
        transactionHash: bytes(32).map(toHex),
        gasUsed: fc.bigInt({ min: 1n, max: 2n ** 63n }),
        reason: text.filter((reason) => reason !== ''),
      },
      { requiredKeys: ['ticketHash', 'state'] },
    )
  return fc.record({
    verdicts: fc.tuple(...winners.map(verdict)),
    outcomes: fc.tuple(...asked.map(outcome)),
  }) as fc.Arbitrary<RedeemAnswer>
}

describe('between an orchestrator and its redeemer', () => {
  test('a question comes over as it was', () => {
    fc.assert(
      fc.property(question, (asked) => {
        expect(parseRedeemRequest(encodeRedeemRequest(asked))).toEqual({ ok: true, value: asked })
      }),
    )
  })

  test('so does the answer to it', () => {
    const both = question.chain((asked) => fc.tuple(fc.constant(asked), answerTo(asked)))
    fc.assert(
      fc.property(both, ([asked, answer]) => {
        const parsed = parseRedeemReply(encodeRedeemAnswer(answer), asked)
        expect(parsed).toEqual({ ok: true, value: answer })
      }),
    )
  })

  test('an answer to another question counts for nothing', () => {
    const both = question
      .filter(({ winners, asked }) => winners.length + asked.length > 0)
      .chain((asked) => fc.tuple(fc.constant(asked), answerTo(asked)))
    fc.assert(
      fc.property(both, ([, answer]) => {
        const parsed = parseRedeemReply(encodeRedeemAnswer(answer), { winners: [], asked: [] })
        expect(parsed).toEqual({ ok: false, error: 'MALFORMED' })
      }),
    )
  })

  test('no bytes make it throw', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 512 }), (any) => {
        parseRedeemRequest(any)
        parseRedeemReply(any, { winners: [], asked: [] })
      }),
    )
  })
})

test('the largest request and the largest reply fit their limits', () => {
  const { maxHandedOverAtOnce, maxOutcomesAtOnce, maxRedeemTextLength } = ticketLimits
  const full: SignedTicket = {
    recipient: recipientWallet.address,
    sender: recipientWallet.address,
    faceValue: 2n ** 256n - 1n,
    winProb: 2n ** 256n - 1n,
    senderNonce: 2 ** 32 - 1,
    recipientRandHash: new Uint8Array(32).fill(1),
    creationRound: 2n ** 64n - 1n,
    creationRoundBlockHash: new Uint8Array(32).fill(1),
    paramsExpirationBlock: 2n ** 64n - 1n,
    sig: new Uint8Array(65).fill(1),
    recipientRand: new Uint8Array(32).fill(1),
  }
  const hashes = Array.from({ length: maxOutcomesAtOnce }, () => new Uint8Array(32).fill(1))
  const asked: RedeemQuestion = {
    chainId: 2n ** 64n - 1n,
    recipient: {
      address: new Uint8Array(20).fill(1),
      peerSignature: new Uint8Array(64).fill(1),
      walletSignature: new Uint8Array(65).fill(1),
    },
    winners: Array.from({ length: maxHandedOverAtOnce }, () => full),
    asked: hashes,
    stored: hashes,
  }
  expect(parseRedeemRequest(encodeRedeemRequest(asked)).ok).toBe(true)
  const long = '\u20ac'.repeat(maxRedeemTextLength)
  const answer: RedeemAnswer = {
    verdicts: asked.winners.map((ticket) => ({
      ticketHash: ticketHash(ticket),
      fault: 'NOT_A_WINNER',
      detail: long,
    })),
    outcomes: hashes.map((hash) => ({
      ticketHash: hash,
      state: 'failed',
      transactionHash: `0x${'ff'.repeat(32)}`,
      gasUsed: 2n ** 63n,
      reason: long,
    })),
  }
  expect(parseRedeemReply(encodeRedeemAnswer(answer), asked)).toEqual({ ok: true, value: answer })
})
