import { concatBytes, toHex, u256 } from '../../src/lib/bytes.ts'
import { eip191Digest, recoverSigner } from '../../src/lib/crypto/eip191.ts'
import * as wire from '../../src/net/wire/ticket.ts'
import { createSender, type SenderInit } from '../../src/rails/ticket/sender.ts'
import {
  drawOf,
  isWinningTicket,
  MAX_WIN_PROB,
  packTicket,
  recipientRandHash,
  type Ticket,
  type TicketBatch,
  type TicketParams,
  ticketEv,
  ticketHash,
  ticketOf,
  winProbForEv,
} from '../../src/rails/ticket/ticket.ts'
import {
  encodeTicketParams,
  encodeTicketPayment,
  parseTicketParams,
  parseTicketPayment,
} from '../../src/rails/ticket/wire.ts'
import type { Store } from '../../src/store/store.ts'
import { type Actor, keys, payer, provider, spoiled, stranger } from './cast.ts'
import { plain } from './json.ts'
import {
  fixedFunds,
  fixedTime,
  type PaymentOutcome,
  type RecipientSetting,
  receiveTickets,
  recipientSecret,
} from './receive-tickets.ts'

const expirationParams = {
  creationRound: 12n,
  creationRoundBlockHash: new Uint8Array(32).fill(0xbb),
}
const EV = 4_008_960_000n
const FACE_VALUE = 400_896_000_000n

const setting: RecipientSetting = {
  block: '1000',
  round: '12',
  depositWei: '1000000000000000000',
  reserveWei: '1000000000000000000',
  withdrawRound: '0',
}

/** Params of the provider for the payer; another field gives another recipientRand. */
function paramsWith(change: Partial<TicketParams> = {}, sender: Actor = payer): TicketParams {
  const open = {
    recipient: provider.address,
    faceValue: FACE_VALUE,
    winProb: winProbForEv(FACE_VALUE, EV),
    seed: new Uint8Array(32).fill(0x77),
    expirationBlock: 1_040n,
    expirationParams,
    ...change,
  }
  const rand = recipientSecret.recipientRand(open, sender.address)
  return { recipientRandHash: recipientRandHash(rand), ...open }
}

const params = paramsWith()
const recipientRand = recipientSecret.recipientRand(params, payer.address)

/** A batch of tickets with these nonces. */
function batchOf(
  nonces: readonly number[],
  under: TicketParams = params,
  by: Actor = payer,
): TicketBatch {
  const senderParams = nonces.map((senderNonce) => {
    const ticket = ticketOf(under, under.expirationParams, payer.address, senderNonce)
    return { senderNonce, sig: by.wallet.signMessage(ticketHash(ticket)) }
  })
  return {
    params: under,
    expirationParams: under.expirationParams,
    sender: payer.address,
    senderParams,
  }
}

function tickets() {
  const usual = ticketOf(params, expirationParams, payer.address, 1)
  const unset = { creationRound: 0n, creationRoundBlockHash: new Uint8Array(32) }
  const cases: [name: string, ticket: Ticket][] = [
    ['usual', usual],
    ['another nonce', { ...usual, senderNonce: 600 }],
    ['largest amounts', { ...usual, faceValue: MAX_WIN_PROB, winProb: MAX_WIN_PROB }],
    ['no creation round, so no aux data', { ...usual, ...unset }],
  ]
  return cases.map(([name, ticket]) => {
    const hash = ticketHash(ticket)
    return {
      name,
      fields: plain(ticket),
      packed: toHex(packTicket(ticket)),
      hash: toHex(hash),
      signedDigest: toHex(eip191Digest(hash)),
      signature: toHex(payer.wallet.signMessage(hash)),
    }
  })
}

function signatures() {
  const hash = ticketHash(ticketOf(params, expirationParams, payer.address, 1))
  const sig = payer.wallet.signMessage(hash)
  const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
  const s = BigInt(toHex(sig.subarray(32, 64)))
  const v = sig[64] as number
  const twin = concatBytes(sig.subarray(0, 32), u256(order - s), Uint8Array.of(55 - v))
  const cases: [name: string, signature: Uint8Array][] = [
    ['good', sig],
    ['of 64 bytes', sig.subarray(0, 64)],
    ['of 66 bytes', concatBytes(sig, Uint8Array.of(0))],
    ['high s, the twin that recovers to the same account', twin],
    ['v 0 or 1', concatBytes(sig.subarray(0, 64), Uint8Array.of(v - 27))],
    ['v turned over', concatBytes(sig.subarray(0, 64), Uint8Array.of(55 - v))],
    ['r of zero', concatBytes(new Uint8Array(32), sig.subarray(32))],
  ]
  return cases.map(([name, signature]) => {
    const signer = recoverSigner(hash, signature)
    return {
      name,
      message: toHex(hash),
      signature: toHex(signature),
      signer: signer.ok ? signer.value : null,
      fault: signer.ok ? null : signer.error,
    }
  })
}

function draws() {
  const sig = payer.wallet.signMessage(
    ticketHash(ticketOf(params, expirationParams, payer.address, 1)),
  )
  const draw = drawOf(sig, recipientRand)
  const value = BigInt(toHex(draw))
  const cases: [name: string, winProb: bigint][] = [
    ['never', 0n],
    ['draw equal to winProb loses', value],
    ['draw one below winProb wins', value + 1n],
    ['always, but for a draw of all ones', MAX_WIN_PROB],
  ]
  return cases.map(([name, winProb]) => ({
    name,
    signature: toHex(sig),
    recipientRand: toHex(recipientRand),
    recipientRandHash: toHex(recipientRandHash(recipientRand)),
    draw: toHex(draw),
    winProb: winProb.toString(),
    wins: isWinningTicket({ winProb }, sig, recipientRand),
  }))
}

function values() {
  const cases: [faceValue: bigint, winProb: bigint][] = [
    [FACE_VALUE, winProbForEv(FACE_VALUE, EV)],
    [FACE_VALUE, MAX_WIN_PROB],
    [FACE_VALUE, MAX_WIN_PROB / 3n],
    [1n, MAX_WIN_PROB / 2n],
    [0n, MAX_WIN_PROB],
  ]
  return cases.map(([faceValue, winProb]) => ({
    faceValueWei: faceValue.toString(),
    winProb: winProb.toString(),
    evWei: ticketEv({ faceValue, winProb }).toString(),
  }))
}

function encodings() {
  const offer = encodeTicketParams(params)
  const batch = batchOf([1, 2, 3])
  const raw = wire.TicketParams.decode(offer)
  const payment = wire.TicketPayment.decode(encodeTicketPayment(batch))
  const [ticket] = payment.tickets as [wire.TicketSenderParams]
  const short = new Uint8Array(31)
  const offers: [name: string, bytes: Uint8Array][] = [
    ['no protobuf', Uint8Array.of(0xff, 0xff)],
    ['of 512 bytes, most of them in an unknown field', padded(offer, 512)],
    ['of 513 bytes', padded(offer, 513)],
    [
      'recipient of 19 bytes',
      wire.TicketParams.encode({ ...raw, recipient: raw.recipient.subarray(1) }),
    ],
    ['seed of 31 bytes', wire.TicketParams.encode({ ...raw, seed: short })],
    ['hash of 31 bytes', wire.TicketParams.encode({ ...raw, recipientRandHash: short })],
    [
      'face value of 33 bytes',
      wire.TicketParams.encode({ ...raw, faceValue: new Uint8Array(33).fill(1) }),
    ],
  ]
  const payments: [name: string, bytes: Uint8Array][] = [
    ['no tickets', wire.TicketPayment.encode({ ...payment, tickets: [] })],
    [
      '101 tickets',
      wire.TicketPayment.encode({ ...payment, tickets: Array.from({ length: 101 }, () => ticket) }),
    ],
    ['of 16385 bytes', padded(encodeTicketPayment(batch), 16_385)],
    ['no params', wire.TicketPayment.encode({ sender: payment.sender, tickets: payment.tickets })],
    ['sender of 21 bytes', wire.TicketPayment.encode({ ...payment, sender: new Uint8Array(21) })],
  ]
  return {
    params: { fields: plain(params), bytes: toHex(offer) },
    payment: { fields: plain(batch), bytes: toHex(encodeTicketPayment(batch)) },
    readParams: offers.map(([name, bytes]) => ({
      name,
      bytes: toHex(bytes),
      fault: faultOf(parseTicketParams(bytes)),
    })),
    readPayments: payments.map(([name, bytes]) => ({
      name,
      bytes: toHex(bytes),
      fault: faultOf(parseTicketPayment(bytes)),
    })),
  }
}

/** The message with an unknown field 100 behind it, so that it has so many bytes. */
function padded(message: Uint8Array, sizeBytes: number): Uint8Array {
  const length = sizeBytes - message.byteLength - 4
  const head = Uint8Array.of(0xa2, 0x06, (length & 0x7f) | 0x80, length >> 7)
  return concatBytes(message, head, new Uint8Array(length))
}

function faultOf(parsed: { ok: true } | { ok: false; error: string }): string | null {
  return parsed.ok ? null : parsed.error
}

async function payments() {
  const of = (batch: TicketBatch): Uint8Array => encodeTicketPayment(batch)
  const good = of(batchOf([1, 2]))
  const sure = paramsWith({ winProb: MAX_WIN_PROB })
  const changed = { ...params, faceValue: 2n * FACE_VALUE }
  const [first] = batchOf([1]).senderParams as [TicketBatch['senderParams'][number]]
  const withSignature = (sig: Uint8Array): Uint8Array =>
    of({ ...batchOf([1]), senderParams: [{ senderNonce: 1, sig }] })
  const cases: [name: string, sent: readonly Uint8Array[], change?: Partial<RecipientSetting>][] = [
    ['two tickets', [good]],
    ['the same payment again', [good, good]],
    ['partly known', [good, of(batchOf([2, 3]))]],
    ['a nonce twice in one payment', [of(batchOf([1, 1]))]],
    ['nonces out of order', [of(batchOf([5])), of(batchOf([4]))]],
    ['a ticket that wins', [of(batchOf([1], sure))]],
    ['highest nonce', [of(batchOf([600]))]],
    ['nonce 0', [of(batchOf([0]))]],
    ['nonce 601', [of(batchOf([601]))]],
    ['last block of the params', [good], { block: '1039' }],
    ['params over', [good], { block: '1040' }],
    ['face value changed', [of(batchOf([1], changed))]],
    ["another recipient's params", [of(batchOf([1], paramsWith({ recipient: stranger.address })))]],
    [
      'other creation round than the params',
      [of({ ...batchOf([1]), expirationParams: { ...expirationParams, creationRound: 11n } })],
    ],
    ['from another sender', [of({ ...batchOf([1]), sender: stranger.address })]],
    ['signed by a stranger', [of(batchOf([1], params, stranger))]],
    ['signature of 64 bytes', [withSignature(first.sig.subarray(0, 64))]],
    [
      'one bad ticket of two',
      [of({ ...batchOf([1, 2]), senderParams: [first, { senderNonce: 2, sig: first.sig }] })],
    ],
    ['no deposit', [good], { depositWei: '0' }],
    ['no reserve', [good], { reserveWei: '0' }],
    ['funds unlock next round', [good], { withdrawRound: '13' }],
    ['funds unlock the round after', [good], { withdrawRound: '14' }],
    ['no protobuf', [spoiled(Uint8Array.of(0xff, 0xff))]],
  ]
  const out = []
  for (const [name, sent, change] of cases) {
    const full = { ...setting, ...change }
    const outcomes: PaymentOutcome[] = await receiveTickets(sent, full)
    out.push({ name, setting: full, payments: sent.map((bytes) => toHex(bytes)), outcomes })
  }
  return out
}

/** Limits of a sender, in JSON's terms. */
export interface SenderLimits {
  readonly maxEvWei: string
  readonly maxTotalEvWei: string
  readonly depositMultiplier: string
}

const limits: SenderLimits = {
  maxEvWei: '10000000000',
  maxTotalEvWei: '100000000000',
  depositMultiplier: '1',
}

/** What a sender with these limits says to params, for batches of so many tickets. */
export async function judgeParams(
  bytes: Uint8Array,
  size: number,
  view: RecipientSetting,
  allowed: SenderLimits,
) {
  const parsed = parseTicketParams(bytes)
  if (!parsed.ok) return { class: 'fatal', code: parsed.error }
  const init: SenderInit = {
    maxEv: BigInt(allowed.maxEvWei),
    maxTotalEv: BigInt(allowed.maxTotalEvWei),
    depositMultiplier: BigInt(allowed.depositMultiplier),
  }
  // Judging params stores nothing.
  const store = { table: () => ({}) } as unknown as Store
  const time = fixedTime(BigInt(view.block), BigInt(view.round))
  const sender = createSender(
    { signer: payer.wallet, time, senders: fixedFunds(view), store },
    init,
  )
  const judged = await sender.validateTicketParams(parsed.value, size)
  return judged.ok ? null : { class: judged.error.class, code: judged.error.code }
}

async function senderVerdicts() {
  const of = (change: Partial<TicketParams>): Uint8Array => encodeTicketParams(paramsWith(change))
  type Change = { size?: number; view?: Partial<RecipientSetting>; limits?: Partial<SenderLimits> }
  const cases: [name: string, bytes: Uint8Array, change?: Change][] = [
    ['usual', of({})],
    ['no expiration', of({ expirationBlock: 0n })],
    ['last block but one', of({}), { view: { block: '1038' } }],
    ['last block', of({}), { view: { block: '1039' } }],
    ['worth nothing', of({ winProb: 0n })],
    [
      'face value exactly twice the value',
      of({ faceValue: 2n * EV, winProb: winProbForEv(2n * EV, EV) }),
    ],
    [
      'face value below twice the value',
      of({ faceValue: EV + 1n, winProb: winProbForEv(EV + 1n, EV) }),
    ],
    ['worth more than a ticket may be', of({}), { limits: { maxEvWei: (EV - 1n).toString() } }],
    ['a batch worth more than it may be', of({}), { size: 26 }],
    [
      'face value above the deposit',
      of({}),
      { view: { depositWei: (FACE_VALUE - 1n).toString() } },
    ],
    ['no reserve', of({}), { view: { reserveWei: '0' } }],
    ['no deposit', of({}), { view: { depositWei: '0' } }],
    ['funds unlock next round', of({}), { view: { withdrawRound: '13' } }],
  ]
  return Promise.all(
    cases.map(async ([name, bytes, { size = 1, view = {}, limits: change = {} } = {}]) => {
      const full = { size, view: { ...setting, ...view }, limits: { ...limits, ...change } }
      const fault = await judgeParams(bytes, size, full.view, full.limits)
      return { name, params: toHex(bytes), ...full, fault }
    }),
  )
}

/** Everything in `protocols/ticket/1.0.0/vectors.json`. */
export async function buildTicketVectors() {
  return {
    keys,
    ...encodings(),
    tickets: tickets(),
    signatures: signatures(),
    draws: draws(),
    expectedValues: values(),
    payments: await payments(),
    senderVerdicts: await senderVerdicts(),
  }
}
