import { toHex } from '../../src/lib/bytes.ts'
import { addressBytes } from '../../src/lib/crypto/address.ts'
import * as wire from '../../src/net/wire/redeem.ts'
import {
  encodeRedeemAnswer,
  encodeRedeemRefusal,
  encodeRedeemRequest,
  parseRedeemReply,
  parseRedeemRequest,
  REDEEM_PROTOCOL,
  type RedeemQuestion,
  type RedeemRefusalCode,
} from '../../src/rails/ticket/redeem-wire.ts'
import {
  isWinningTicket,
  MAX_WIN_PROB,
  recipientRandHash,
  type SignedTicket,
  type Ticket,
  ticketHash,
} from '../../src/rails/ticket/ticket.ts'
import { askRedeemer, type RedeemerSetting } from './ask-redeemer.ts'
import { type Actor, CHAIN_ID, keys, payer, provider, stranger } from './cast.ts'
import { frameOf, plain } from './json.ts'

const recipientRand = new Uint8Array(32).fill(0x42)
const open: Ticket = {
  recipient: provider.address,
  sender: payer.address,
  faceValue: 400_896_000_000n,
  winProb: MAX_WIN_PROB / 2n,
  senderNonce: 1,
  recipientRandHash: recipientRandHash(recipientRand),
  creationRound: 12n,
  creationRoundBlockHash: new Uint8Array(32).fill(0xbb),
  paramsExpirationBlock: 1_040n,
}

/** The n-th ticket that wins, or that does not. */
function ticketThat(wins: boolean, n: number): SignedTicket {
  let left = n
  for (let senderNonce = 1; ; senderNonce += 1) {
    const ticket = { ...open, senderNonce }
    const sig = payer.wallet.signMessage(ticketHash(ticket))
    if (isWinningTicket(ticket, sig, recipientRand) !== wins) continue
    if (left === 0) return { ...ticket, sig, recipientRand }
    left -= 1
  }
}

const first = ticketThat(true, 0)
const second = ticketThat(true, 1)
const loser = ticketThat(false, 0)

/** What an actor asks in its own name. */
function questionOf(over: Partial<RedeemQuestion> = {}, by: Actor = provider): RedeemQuestion {
  const { peerSignature, walletSignature } = by.binding
  return {
    chainId: CHAIN_ID,
    recipient: { address: addressBytes(by.address), peerSignature, walletSignature },
    winners: [],
    asked: [],
    stored: [],
    ...over,
  }
}

const usual = questionOf({
  winners: [first, second],
  asked: [ticketHash(first)],
  stored: [ticketHash(loser)],
})

function requests() {
  const of = (change: Partial<wire.RedeemRequest>): Uint8Array =>
    wire.RedeemRequest.encode({
      ...wire.RedeemRequest.decode(encodeRedeemRequest(usual)),
      ...change,
    })
  const [winner] = wire.RedeemRequest.decode(encodeRedeemRequest(usual)).winners
  const winnerWith = (change: Partial<wire.WinningTicket>): Uint8Array =>
    of({ winners: [{ ...(winner as wire.WinningTicket), ...change }] })
  const hashes = (count: number): Uint8Array[] =>
    Array.from({ length: count }, () => new Uint8Array(32))
  const cases: [name: string, bytes: Uint8Array][] = [
    ['usual', of({})],
    ['nothing in any list', encodeRedeemRequest(questionOf())],
    ['128 hashes asked and stored', of({ asked: hashes(128), stored: hashes(128) })],
    ['no protobuf', Uint8Array.of(0xff, 0xff, 0xff)],
    ['a recipient of 19 bytes', of({ recipient: new Uint8Array(19) })],
    ['65 winners', of({ winners: Array(65).fill(winner) })],
    ['129 hashes asked', of({ asked: hashes(129) })],
    ['129 hashes stored', of({ stored: hashes(129) })],
    ['a hash of 31 bytes', of({ asked: [new Uint8Array(31)] })],
    ['a sender of 21 bytes', winnerWith({ sender: new Uint8Array(21) })],
    ['a face value of 33 bytes', winnerWith({ faceValue: new Uint8Array(33).fill(1) })],
    ['a signature of 64 bytes', winnerWith({ signature: new Uint8Array(64) })],
    ['a recipientRand of 31 bytes', winnerWith({ recipientRand: new Uint8Array(31) })],
    ['no block hash', winnerWith({ creationRoundBlockHash: new Uint8Array(0) })],
  ]
  return cases.map(([name, bytes]) => {
    const parsed = parseRedeemRequest(bytes)
    return { name, bytes: toHex(bytes), fault: parsed.ok ? null : parsed.error }
  })
}

function replies() {
  const asked = { winners: [first, second], asked: [ticketHash(first), ticketHash(second)] }
  const taken = asked.winners.map((ticket) => ({
    ticketHash: ticketHash(ticket),
    fault: null,
    detail: '',
  }))
  const outcomes = [
    {
      ticketHash: ticketHash(first),
      state: 'redeemed',
      transactionHash: toHex(new Uint8Array(32).fill(0xcc)),
      gasUsed: 76_000n,
    },
    { ticketHash: ticketHash(second), state: 'failed', reason: 'ticket did not win' },
  ] as const
  const encoded = encodeRedeemAnswer({ verdicts: taken, outcomes })
  const message = wire.RedeemReply.decode(encoded)
  const unspecified = { ...message.outcomes[1], state: wire.WinnerState.STATE_UNSPECIFIED }
  const cases: [name: string, bytes: Uint8Array][] = [
    ['usual', encoded],
    ['no protobuf', Uint8Array.of(0xff, 0xff, 0xff)],
    ['a verdict too few', encodeRedeemAnswer({ verdicts: taken.slice(1), outcomes })],
    [
      'outcomes in another order',
      encodeRedeemAnswer({ verdicts: taken, outcomes: [...outcomes].reverse() }),
    ],
    [
      'an outcome without a state',
      wire.RedeemReply.encode({
        ...message,
        outcomes: [message.outcomes[0], unspecified] as wire.WinnerOutcome[],
      }),
    ],
  ]
  return {
    asked: plain({
      winners: asked.winners.map((ticket) => ticketHash(ticket)),
      outcomes: asked.asked,
    }),
    cases: cases.map(([name, bytes]) => {
      const parsed = parseRedeemReply(bytes, asked)
      return {
        name,
        bytes: toHex(bytes),
        fields: parsed.ok ? plain(parsed.value) : null,
        fault: parsed.ok ? null : parsed.error,
      }
    }),
  }
}

function refusals() {
  const codes: RedeemRefusalCode[] = [
    'MALFORMED_REQUEST',
    'WRONG_CHAIN',
    'NOT_ALLOWED',
    'NOT_BOUND',
    'TOO_MANY_REQUESTS',
    'NOT_READY',
  ]
  return codes.map((code) => ({
    code,
    bytes: toHex(encodeRedeemRefusal({ code, detail: code.toLowerCase(), retryAfterMs: 1_000 })),
  }))
}

const served: RedeemerSetting = {
  orchestrators: [provider.peerId],
  askedBefore: 0,
  paid: null,
}

async function exchanges() {
  const hand = (...winners: SignedTicket[]): RedeemQuestion => questionOf({ winners })
  const ask = (...tickets: SignedTicket[]): RedeemQuestion =>
    questionOf({ asked: tickets.map((ticket) => ticketHash(ticket)) })
  const paid = { transactionHash: toHex(new Uint8Array(32).fill(0xcc)), gasUsed: '76000' }
  const otherBinding = {
    ...questionOf().recipient,
    peerSignature: stranger.binding.peerSignature,
  }
  const cases: [name: string, questions: RedeemQuestion[], change?: Partial<RedeemerSetting>][] = [
    ['two winners, and what became of them', [hand(first, second), ask(first, second)]],
    ['the same winner again', [hand(first), hand(first, first)]],
    ['paid', [hand(first), ask(first)], { paid }],
    ['allowed by account', [hand(first)], { orchestrators: [provider.address] }],
    ['a winner it does not have', [ask(second)]],
    ['a loser among winners', [hand(first, loser)]],
    ['another recipientRand', [hand({ ...first, recipientRand: new Uint8Array(32) })]],
    ['a nonce that was not signed', [hand({ ...first, senderNonce: 1_000 })]],
    ['the zero address as sender', [hand({ ...first, sender: `0x${'00'.repeat(20)}` })]],
    ['another chain', [questionOf({ chainId: 1n })]],
    ['nobody it works for', [questionOf()], { orchestrators: [stranger.peerId] }],
    ["another peer's binding", [questionOf({ recipient: otherBinding })]],
    ['asked too often', [questionOf()], { askedBefore: 64 }],
  ]
  return Promise.all(
    cases.map(async ([name, questions, change = {}]) => {
      const setting = { ...served, ...change }
      const sent = questions.map(encodeRedeemRequest)
      const answers = await askRedeemer(sent, provider.peerId, setting)
      return {
        name,
        peerId: provider.peerId,
        setting,
        requests: sent.map(toHex),
        replies: answers.map(toHex),
      }
    }),
  )
}

/** Everything in `protocols/redeem/1.0.0/vectors.json`. */
export async function buildRedeemVectors() {
  const bytes = encodeRedeemRequest(usual)
  return {
    protocols: { redeem: REDEEM_PROTOCOL },
    keys,
    winners: [first, second].map((ticket) => ({
      fields: plain(ticket),
      ticketHash: toHex(ticketHash(ticket)),
    })),
    request: { fields: plain(usual), bytes: toHex(bytes), frame: toHex(frameOf(bytes)) },
    requests: requests(),
    replies: replies(),
    refusals: refusals(),
    exchanges: await exchanges(),
  }
}
