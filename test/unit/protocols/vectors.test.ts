/* oxlint-disable max-lines */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { findVectorDrift } from '../../../scripts/build-vectors.ts'
import { type buildAdvertVectors, judge, judgeBinding } from '../../../scripts/vectors/advert.ts'
import { askProvider } from '../../../scripts/vectors/ask-provider.ts'
import { askRedeemer } from '../../../scripts/vectors/ask-redeemer.ts'
import { cutFrames } from '../../../scripts/vectors/framing.ts'
import { frameOf, type Json, plain } from '../../../scripts/vectors/json.ts'
import { type buildNegotiateVectors, judgeReply } from '../../../scripts/vectors/negotiate.ts'
import { receiveTickets } from '../../../scripts/vectors/receive-tickets.ts'
import type { buildRedeemVectors } from '../../../scripts/vectors/redeem.ts'
import { judgeResult } from '../../../scripts/vectors/results.ts'
import type { buildSegmentVectors } from '../../../scripts/vectors/segment.ts'
import { order, serveSegments } from '../../../scripts/vectors/serve-segments.ts'
import { type buildTicketVectors, judgeParams } from '../../../scripts/vectors/ticket.ts'
import { expectedFee } from '../../../src/exchange/order.ts'
import {
  encodePayerMessage,
  encodeProviderMessage,
  PAYMENT_PROTOCOL,
  parsePayerMessage,
  parseProviderMessage,
  resultDigest,
  SEGMENT_PROTOCOL,
  segmentDigest,
} from '../../../src/exchange/segment-wire.ts'
import { wireErrors } from '../../../src/exchange/wire-error.ts'
import { concatBytes, fromHex, toHex, utf8 } from '../../../src/lib/bytes.ts'
import type { Address } from '../../../src/lib/crypto/address.ts'
import {
  createWalletSigner,
  eip191Digest,
  recoverSigner,
  verifySignature,
} from '../../../src/lib/crypto/eip191.ts'
import { keccak256 } from '../../../src/lib/crypto/keccak.ts'
import type { Result } from '../../../src/lib/result.ts'
import { advertTopic, parseAdvert, signAdvert, verifyAdvert } from '../../../src/market/advert.ts'
import { ADVERT_SYNC_PROTOCOL } from '../../../src/market/advert-sync.ts'
import { NEGOTIATE_PROTOCOL, sha256 } from '../../../src/market/quote.ts'
import { bindingPeerBytes, bindingWalletText, createBinding } from '../../../src/net/identity.ts'
import { peerKeyFromSeed, verifyPeerSignature } from '../../../src/net/peer-key.ts'
import * as advertWire from '../../../src/net/wire/advert.ts'
import * as negotiateWire from '../../../src/net/wire/negotiate.ts'
import {
  encodeRedeemRefusal,
  encodeRedeemRequest,
  parseRedeemReply,
  parseRedeemRequest,
  REDEEM_PROTOCOL,
} from '../../../src/rails/ticket/redeem-wire.ts'
import {
  drawOf,
  isWinningTicket,
  packTicket,
  recipientRandHash,
  type Ticket,
  ticketEv,
  ticketHash,
} from '../../../src/rails/ticket/ticket.ts'
import {
  encodeTicketParams,
  encodeTicketPayment,
  parseTicketParams,
  parseTicketPayment,
} from '../../../src/rails/ticket/wire.ts'

async function read<T>(name: string): Promise<T> {
  const url = new URL(`../../../protocols/${name}/1.0.0/vectors.json`, import.meta.url)
  return JSON.parse(await readFile(url, 'utf8')) as T
}

const advert = await read<Awaited<ReturnType<typeof buildAdvertVectors>>>('advert')
const negotiate = await read<Awaited<ReturnType<typeof buildNegotiateVectors>>>('negotiate')
const redeem = await read<Awaited<ReturnType<typeof buildRedeemVectors>>>('redeem')
const segment = await read<Awaited<ReturnType<typeof buildSegmentVectors>>>('segment')
const ticket = await read<Awaited<ReturnType<typeof buildTicketVectors>>>('ticket')

function valueOf<T>(parsed: Result<T, unknown>): T {
  if (!parsed.ok) throw new Error(String(parsed.error))
  return parsed.value
}

function faultOf(parsed: Result<unknown, string>): string | null {
  return parsed.ok ? null : parsed.error
}

test('the checked-in vectors are what the code makes', async () => {
  expect([...(await findVectorDrift()).keys()]).toEqual([])
})

describe.each([
  ['advert', advert.keys],
  ['negotiate', negotiate.keys],
  ['redeem', redeem.keys],
  ['segment', segment.keys],
  ['ticket', ticket.keys],
])('the keys of %s', (_, keys) => {
  test.each(Object.entries(keys))('%s', async (_name, card) => {
    const { peerId, privateKey } = await peerKeyFromSeed(fromHex(card.peerSeed))
    expect(peerId).toBe(card.peerId)
    expect(toHex(privateKey.publicKey.raw)).toBe(card.peerPublicKey)
    expect(createWalletSigner(fromHex(card.walletPrivateKey)).address).toBe(card.address)
  })
})

describe('advert', () => {
  const { provider } = advert.keys

  test('names', () => {
    expect(advert.protocols).toEqual({ topic: advertTopic(31_337n), sync: ADVERT_SYNC_PROTOCOL })
  })

  test('a binding is made as written', async () => {
    const { made } = advert.binding
    const domain = { chainId: BigInt(made.chainId) }
    const address = provider.address as Address
    expect(toHex(bindingPeerBytes(provider.peerId, address, domain))).toBe(made.peerBytes)
    expect(bindingWalletText(provider.peerId, address, domain)).toBe(made.walletText)
    expect(toHex(eip191Digest(utf8(made.walletText)))).toBe(made.walletDigest)
    const peerKey = await peerKeyFromSeed(fromHex(provider.peerSeed))
    const wallet = createWalletSigner(fromHex(provider.walletPrivateKey))
    const { peerSignature, walletSignature } = createBinding(peerKey, wallet, domain)
    expect(plain({ peerSignature, walletSignature })).toEqual({
      peerSignature: made.peerSignature,
      walletSignature: made.walletSignature,
    })
  })

  test.each(advert.binding.cases)('binding: $name', (it) => {
    const { peerId } = it
    const parts = {
      peerId,
      address: fromHex(it.address),
      peerSignature: fromHex(it.peerSignature),
      walletSignature: fromHex(it.walletSignature),
    }
    expect(judgeBinding(parts, BigInt(it.chainId))).toBe(it.fault)
  })

  test.each(advert.adverts)('advert: $name', async (it) => {
    const parsed = valueOf(parseAdvert(fromHex(it.bytes)))
    const { binding, ...fields } = parsed.advert
    const { peerSignature: bindingPeerSignature, walletSignature: bindingWalletSignature } = binding
    expect(plain({ ...fields, bindingPeerSignature, bindingWalletSignature })).toEqual(it.fields)
    expect(toHex(parsed.advertBytes)).toBe(it.advert)
    expect(toHex(parsed.peerSignature)).toBe(it.peerSignature)
    expect(toHex(concatBytes(utf8('millrace/advert/1\n'), parsed.advertBytes))).toBe(it.signedBytes)
    const signature = fromHex(it.peerSignature)
    expect(verifyPeerSignature(provider.peerId, fromHex(it.signedBytes), signature)).toBe(true)
    expect(verifyAdvert(parsed)).toBe(true)
    const peerKey = await peerKeyFromSeed(fromHex(provider.peerSeed))
    expect(toHex(signAdvert(parsed.advert, peerKey))).toBe(it.bytes)
    const digest = createHash('sha256').update(fromHex(it.bytes)).digest('hex')
    expect(digest.startsWith(it.messageId)).toBe(true)
  })

  test.each(advert.verdicts)('verdict: $name', async (it) => {
    const { verdict, fault } = it
    expect(await judge(fromHex(it.bytes), it.setting)).toEqual({ verdict, fault })
  })

  test.each(advert.sync.requests)('catch-up request: $name', (it) => {
    const message = advertWire.AdvertSyncRequest.decode(fromHex(it.bytes))
    expect(plain(message)).toEqual(it.fields)
    expect(toHex(advertWire.AdvertSyncRequest.encode(message))).toBe(it.bytes)
    expect(toHex(frameOf(fromHex(it.bytes)))).toBe(it.frame)
  })

  test.each(advert.sync.replies)('catch-up reply: $name', (it) => {
    const message = advertWire.AdvertSyncReply.decode(fromHex(it.bytes))
    expect(plain(message)).toEqual(it.fields)
    expect(toHex(advertWire.AdvertSyncReply.encode(message))).toBe(it.bytes)
    expect(toHex(frameOf(fromHex(it.bytes)))).toBe(it.frame)
  })
})

describe('negotiate', () => {
  test('names', () => {
    expect(negotiate.protocols).toEqual({ negotiate: NEGOTIATE_PROTOCOL })
  })

  test.each(negotiate.profiles)('profile $fields.name', (it) => {
    const message = negotiateWire.Profile.decode(fromHex(it.bytes))
    expect(plain(message)).toEqual(it.fields)
    expect(toHex(negotiateWire.Profile.encode(message))).toBe(it.bytes)
  })

  test.each(negotiate.profilesHashes)('hash of profiles $profiles', (it) => {
    const encoded = it.profiles.map((i) => fromHex(negotiate.profiles[i]?.bytes ?? ''))
    expect(toHex(sha256(...encoded))).toBe(it.hash)
  })

  test('a request', () => {
    const { request } = negotiate
    const message = negotiateWire.QuoteRequest.decode(fromHex(request.bytes))
    expect(plain(message)).toEqual(request.fields)
    expect(toHex(negotiateWire.QuoteRequest.encode(message))).toBe(request.bytes)
    expect(toHex(sha256(fromHex(request.bytes)))).toBe(request.hash)
    expect(toHex(frameOf(fromHex(request.bytes)))).toBe(request.frame)
  })

  test.each(negotiate.requests)('answer to a request: $name', async (it) => {
    const refusal = await askProvider(fromHex(it.bytes), negotiate.keys.payer.peerId, it.setting)
    expect(refusal).toEqual(it.refusal)
  })

  test('a quote is signed as written', () => {
    const { quote } = negotiate
    const digest = sha256(utf8('millrace/quote/1\n'), fromHex(quote.quote))
    expect(toHex(digest)).toBe(quote.digest)
    const wallet = createWalletSigner(fromHex(negotiate.keys.provider.walletPrivateKey))
    expect(toHex(wallet.signMessage(digest))).toBe(quote.walletSignature)
    const reply = { quote: fromHex(quote.quote), walletSignature: fromHex(quote.walletSignature) }
    const message = negotiateWire.QuoteReply.decode(fromHex(quote.bytes))
    expect(message).toEqual({ quote: reply })
    expect(toHex(negotiateWire.QuoteReply.encode(message))).toBe(quote.bytes)
    expect(toHex(frameOf(fromHex(quote.bytes)))).toBe(quote.frame)
  })

  test.each(negotiate.refusals)('refusal $code', (it) => {
    const message = negotiateWire.QuoteReply.decode(fromHex(it.bytes))
    expect(message.refusal?.code).toBe(it.code)
    const again = { ...message.refusal, code: negotiateWire.RefusalCode[it.code] }
    expect(toHex(negotiateWire.QuoteReply.encode({ refusal: again as never }))).toBe(it.bytes)
  })

  test.each(negotiate.replies.cases)('what the payer makes of an answer: $name', (it) => {
    const { expected } = negotiate.replies
    const judged = judgeReply(fromHex(it.bytes), {
      requestBytes: fromHex(expected['requestBytes'] ?? ''),
      provider: expected['provider'] as Address,
      providerPeerId: expected['providerPeerId'] ?? '',
      payer: expected['payer'] as Address,
      payerPeerId: expected['payerPeerId'] ?? '',
      nowMs: it.nowMs,
    })
    expect(judged.ok ? judged.value : null).toBe(it.outcome)
    expect(judged.ok ? null : judged.error).toBe(it.fault)
  })
})

describe('redeem', () => {
  test('names', () => {
    expect(redeem.protocols).toEqual({ redeem: REDEEM_PROTOCOL })
  })

  test('a request', () => {
    const { request, winners } = redeem
    const question = valueOf(parseRedeemRequest(fromHex(request.bytes)))
    expect(plain(question)).toEqual(request.fields)
    expect(toHex(encodeRedeemRequest(question))).toBe(request.bytes)
    expect(toHex(frameOf(fromHex(request.bytes)))).toBe(request.frame)
    expect(question.winners.map((winner) => toHex(ticketHash(winner)))).toEqual(
      winners.map((winner) => winner.ticketHash),
    )
  })

  test.each(redeem.requests)('request: $name', (it) => {
    expect(faultOf(parseRedeemRequest(fromHex(it.bytes)))).toBe(it.fault)
  })

  test.each(redeem.replies.cases)('reply: $name', (it) => {
    const { winners } = valueOf(parseRedeemRequest(fromHex(redeem.request.bytes)))
    const asked = winners.map((winner) => ticketHash(winner))
    const parsed = parseRedeemReply(fromHex(it.bytes), { winners, asked })
    expect(faultOf(parsed)).toBe(it.fault)
    expect(parsed.ok ? plain(parsed.value) : null).toEqual(it.fields)
  })

  test.each(redeem.refusals)('refusal $code', (it) => {
    const reply = valueOf(parseRedeemReply(fromHex(it.bytes), { winners: [], asked: [] }))
    if (!('refusal' in reply)) throw new Error('served')
    expect(reply.refusal.code).toBe(it.code)
    expect(toHex(encodeRedeemRefusal(reply.refusal))).toBe(it.bytes)
  })

  test.each(redeem.exchanges)('exchange: $name', async (it) => {
    const answers = await askRedeemer(it.requests.map(fromHex), it.peerId, it.setting)
    expect(answers.map(toHex)).toEqual(it.replies)
  })
})

describe('segment', () => {
  const { payer, provider } = segment.keys

  test('names and terms', () => {
    expect(segment.protocols).toEqual({ segment: SEGMENT_PROTOCOL, payment: PAYMENT_PROTOCOL })
    expect(segment.order).toEqual(plain(order))
    const classes = Object.entries(wireErrors).map(([code, it]) => [code, it.class])
    expect(segment.errorClasses).toEqual(Object.fromEntries(classes))
  })

  test.each(segment.expectedFees)('expected fee of $durationMs ms', ({ durationMs, feeWei }) => {
    expect(expectedFee(order, durationMs)).toBe(BigInt(feeWei))
  })

  test.each(segment.framing.cases)('framing: $name', (it) => {
    const cut = cutFrames(it.chunks.map(fromHex), segment.framing.caps)
    expect(cut).toEqual({ frames: it.frames, fault: it.fault })
  })

  test.each(segment.messages.toProvider)('to the provider: $name', (it) => {
    const message = valueOf(parsePayerMessage(fromHex(it.bytes)))
    expect(plain(message)).toEqual(it.fields)
    expect(toHex(encodePayerMessage(message))).toBe(it.bytes)
  })

  test.each(segment.messages.toPayer)('to the payer: $name', (it) => {
    const message = valueOf(parseProviderMessage(fromHex(it.bytes)))
    expect(plain(message)).toEqual(it.fields)
    expect(toHex(encodeProviderMessage(message))).toBe(it.bytes)
  })

  test.each(segment.malformed.toProvider)('malformed to the provider: $name', (it) => {
    expect(faultOf(parsePayerMessage(fromHex(it.bytes)))).toBe(it.fault)
    expect(it.fault).toBe('MALFORMED')
  })

  test.each(segment.malformed.toPayer)('malformed to the payer: $name', (it) => {
    expect(faultOf(parseProviderMessage(fromHex(it.bytes)))).toBe(it.fault)
    expect(it.fault).toBe('MALFORMED')
  })

  test('the digest of a segment', () => {
    const { orderId, preimage, digest, signature } = segment.digests.segment
    expect(toHex(sha256(fromHex(preimage)))).toBe(digest)
    expect(verifySignature(payer.address as Address, fromHex(digest), fromHex(signature))).toBe(
      true,
    )
    const signed = segment.messages.toProvider.find(({ name }) => name === 'segment on credit')
    const message = valueOf(parsePayerMessage(fromHex(signed?.bytes ?? '')))
    if (message.type !== 'segment') throw new Error('not a segment')
    const own = segmentDigest(fromHex(orderId), message)
    expect(verifySignature(payer.address as Address, own, message.payerSignature)).toBe(true)
  })

  test('the digest of a result', () => {
    const { orderId, inputHash, preimage, digest, signature } = segment.digests.result
    expect(toHex(sha256(fromHex(preimage)))).toBe(digest)
    const found = segment.messages.toPayer.find(({ name }) => name === 'result')
    const message = valueOf(parseProviderMessage(fromHex(found?.bytes ?? '')))
    if (message.type !== 'result') throw new Error('not a result')
    expect(toHex(resultDigest(fromHex(orderId), fromHex(inputHash), message))).toBe(digest)
    expect(toHex(message.providerSignature)).toBe(signature)
    expect(verifySignature(provider.address as Address, fromHex(digest), fromHex(signature))).toBe(
      true,
    )
  })

  test.each(segment.exchanges)('exchange: $name', async (it) => {
    const answers = await serveSegments(BigInt(it.credit), it.frames)
    expect(answers).toEqual(it.answers.map(({ header, body }) => ({ header, body })))
    const codes = answers.map(({ header }) => {
      const message = valueOf(parseProviderMessage(fromHex(header)))
      return message.type === 'error' ? message.code : null
    })
    expect(codes).toEqual(it.answers.map(({ code }) => code))
  })

  test.each(segment.results)('what the payer makes of a result: $name', async (it) => {
    expect(await judgeResult(fromHex(it.header), fromHex(it.body), it.pictures)).toBe(it.fault)
  })
})

describe('ticket', () => {
  test('params and payment', () => {
    const params = valueOf(parseTicketParams(fromHex(ticket.params.bytes)))
    expect(plain(params)).toEqual(ticket.params.fields)
    expect(toHex(encodeTicketParams(params))).toBe(ticket.params.bytes)
    const payment = valueOf(parseTicketPayment(fromHex(ticket.payment.bytes)))
    expect(plain(payment)).toEqual(ticket.payment.fields)
    expect(toHex(encodeTicketPayment(payment))).toBe(ticket.payment.bytes)
  })

  test.each(ticket.readParams)('reading params: $name', (it) => {
    expect(faultOf(parseTicketParams(fromHex(it.bytes)))).toBe(it.fault)
  })

  test.each(ticket.readPayments)('reading a payment: $name', (it) => {
    expect(faultOf(parseTicketPayment(fromHex(it.bytes)))).toBe(it.fault)
  })

  test.each(ticket.tickets)('hash of a ticket: $name', (it) => {
    const read = ticketOf(it.fields)
    expect(toHex(packTicket(read))).toBe(it.packed)
    expect(toHex(ticketHash(read))).toBe(it.hash)
    expect(toHex(keccak256(fromHex(it.packed)))).toBe(it.hash)
    expect(toHex(eip191Digest(fromHex(it.hash)))).toBe(it.signedDigest)
    const wallet = createWalletSigner(fromHex(ticket.keys.payer.walletPrivateKey))
    expect(toHex(wallet.signMessage(fromHex(it.hash)))).toBe(it.signature)
  })

  test.each(ticket.signatures)('signature: $name', (it) => {
    const signer = recoverSigner(fromHex(it.message), fromHex(it.signature))
    expect(signer).toEqual(
      it.fault === null ? { ok: true, value: it.signer } : { ok: false, error: it.fault },
    )
  })

  test.each(ticket.draws)('draw: $name', (it) => {
    const sig = fromHex(it.signature)
    const rand = fromHex(it.recipientRand)
    expect(toHex(recipientRandHash(rand))).toBe(it.recipientRandHash)
    expect(toHex(drawOf(sig, rand))).toBe(it.draw)
    expect(isWinningTicket({ winProb: BigInt(it.winProb) }, sig, rand)).toBe(it.wins)
  })

  test.each(ticket.expectedValues)('expected value $evWei', (it) => {
    const terms = { faceValue: BigInt(it.faceValueWei), winProb: BigInt(it.winProb) }
    expect(ticketEv(terms)).toBe(BigInt(it.evWei))
  })

  test.each(ticket.payments)('payment: $name', async (it) => {
    expect(await receiveTickets(it.payments.map(fromHex), it.setting)).toEqual(it.outcomes)
  })

  test.each(ticket.senderVerdicts)("a sender's verdict: $name", async (it) => {
    expect(await judgeParams(fromHex(it.params), it.size, it.view, it.limits)).toEqual(it.fault)
  })
})

/** A ticket out of a vectors file. */
function ticketOf(fields: Json): Ticket {
  const it = fields as Readonly<Record<keyof Ticket, string>> & { readonly senderNonce: number }
  return {
    recipient: it.recipient as Address,
    sender: it.sender as Address,
    faceValue: BigInt(it.faceValue),
    winProb: BigInt(it.winProb),
    senderNonce: Number(it.senderNonce),
    recipientRandHash: fromHex(it.recipientRandHash),
    paramsExpirationBlock: BigInt(it.paramsExpirationBlock),
    creationRound: BigInt(it.creationRound),
    creationRoundBlockHash: fromHex(it.creationRoundBlockHash),
  }
}
