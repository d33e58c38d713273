import { expectedFee } from '../../src/exchange/order.ts'
import {
  encodePayerMessage,
  encodeProviderMessage,
  PAYMENT_PROTOCOL,
  type PayerMessage,
  type ProviderMessage,
  parsePayerMessage,
  parseProviderMessage,
  type ResultMessage,
  resultDigest,
  SEGMENT_PROTOCOL,
  segmentDigest,
} from '../../src/exchange/segment-wire.ts'
import { type WireErrorCode, wireErrors } from '../../src/exchange/wire-error.ts'
import { concatBytes, parseHex, toHex, u64, u256, utf8 } from '../../src/lib/bytes.ts'
import type { Result } from '../../src/lib/result.ts'
import { priceOf } from '../../src/lib/wei.ts'
import { profilesHash, sha256 } from '../../src/market/quote.ts'
import * as wire from '../../src/net/wire/segment.ts'
import { keys, provider, spoiled, stranger } from './cast.ts'
import { framing } from './framing.ts'
import { type FrameText, plain } from './json.ts'
import { results } from './results.ts'
import {
  body,
  order,
  orderId,
  outputs,
  serveSegments,
  signedSegment,
  unpaid,
} from './serve-segments.ts'

function messages() {
  const segment = signedSegment()
  const paid = signedSegment({ index: 1n, payment: utf8('a proof of the rail') })
  const grant = utf8('a grant of the rail')
  const renditions = outputs.map(({ name, data, pixels }) => ({
    name,
    lengthBytes: data.byteLength,
    outputHash: sha256(data),
    pixels,
  }))
  const units = outputs.reduce((sum, { pixels }) => sum + pixels, 0n)
  const signed = { index: 0n, renditions, units, debited: priceOf(units, order.price) }
  const providerSignature = provider.wallet.signMessage(
    resultDigest(orderId, unpaid.inputHash, signed),
  )
  const toProvider: [name: string, message: PayerMessage][] = [
    ['open', { type: 'open', orderId, manifestId: 'stream-1' }],
    ['segment on credit', segment],
    ['segment with payment', paid],
    ['payment', { type: 'payment', orderId, payment: utf8('a proof of the rail') }],
    ['asking for a grant', { type: 'payment', orderId, payment: new Uint8Array(0) }],
  ]
  const result: ResultMessage = {
    type: 'result',
    ...signed,
    credit: 0n,
    grant: null,
    workMs: 40,
    providerSignature,
  }
  const toPayer: [name: string, message: ProviderMessage][] = [
    [
      'accepted',
      { type: 'accepted', orderId, credit: 0n, credited: 0n, grant: null, maxInFlight: 2 },
    ],
    [
      'accepted again, with a grant',
      { type: 'accepted', orderId, credit: 256n, credited: 4096n, grant, maxInFlight: 2 },
    ],
    ['result', result],
    ['paid', { type: 'paid', credited: 10n ** 15n, credit: 10n ** 15n, grant }],
  ]
  const codes = Object.keys(wireErrors) as WireErrorCode[]
  const errors = codes.map((code, i): [string, ProviderMessage] => [
    code,
    {
      type: 'error',
      code,
      index: i % 2 === 0 ? 3n : null,
      detail: 'why',
      credit: 7n,
      grant: null,
      missing: code === 'LOW_PM_BALANCE' ? 9n : 0n,
    },
  ])
  return {
    toProvider: toProvider.map(([name, message]) => ({
      name,
      fields: plain(message),
      bytes: toHex(encodePayerMessage(message)),
    })),
    toPayer: [...toPayer, ...errors].map(([name, message]) => ({
      name,
      fields: plain(message),
      bytes: toHex(encodeProviderMessage(message)),
    })),
  }
}

function malformed() {
  const { price: _, type: _type, ...raw } = signedSegment()
  const segment = { ...raw, priceNum: Uint8Array.of(1), priceDen: Uint8Array.of(1) } as wire.Segment
  const toProvider: [name: string, bytes: Uint8Array][] = [
    ['nothing', new Uint8Array(0)],
    ['no protobuf', Uint8Array.of(0xff, 0xff)],
    [
      'order id of 15 bytes',
      wire.PayerMessage.encode({ open: { orderId: new Uint8Array(15), manifestId: '' } }),
    ],
    [
      'manifest id of 129 characters',
      wire.PayerMessage.encode({
        open: { orderId: new Uint8Array(16), manifestId: 'm'.repeat(129) },
      }),
    ],
    [
      'input hash of 31 bytes',
      wire.PayerMessage.encode({ segment: { ...segment, inputHash: new Uint8Array(31) } }),
    ],
    ['no duration', wire.PayerMessage.encode({ segment: { ...segment, durationMs: 0 } })],
    [
      'price over zero',
      wire.PayerMessage.encode({ segment: { ...segment, priceDen: new Uint8Array(0) } }),
    ],
    [
      'price of 33 bytes',
      wire.PayerMessage.encode({ segment: { ...segment, priceNum: new Uint8Array(33).fill(1) } }),
    ],
  ]
  const header = { name: 'r', lengthBytes: 0, outputHash: new Uint8Array(32), pixels: 0n }
  const result = wire.SegmentResult.decode(new Uint8Array(0))
  const toPayer: [name: string, bytes: Uint8Array][] = [
    ['nothing', new Uint8Array(0)],
    [
      'nine renditions',
      wire.ProviderMessage.encode({
        result: { ...result, renditions: Array.from({ length: 9 }, () => header) },
      }),
    ],
    [
      'credit of 33 bytes',
      wire.ProviderMessage.encode({
        paid: {
          credited: new Uint8Array(0),
          credit: new Uint8Array(33).fill(1),
          grant: new Uint8Array(0),
        },
      }),
    ],
  ]
  const faultOf = (parsed: Result<unknown, string>): string | null =>
    parsed.ok ? null : parsed.error
  return {
    toProvider: toProvider.map(([name, bytes]) => ({
      name,
      bytes: toHex(bytes),
      fault: faultOf(parsePayerMessage(bytes)),
    })),
    toPayer: toPayer.map(([name, bytes]) => ({
      name,
      bytes: toHex(bytes),
      fault: faultOf(parseProviderMessage(bytes)),
    })),
  }
}

function digests() {
  const segment = signedSegment({ payment: utf8('a proof of the rail') })
  const { price, payment, inputHash } = segment
  const units = 20_044_800n
  const renditions = outputs.map(({ name, data, pixels }) => ({
    name,
    outputHash: sha256(data),
    pixels,
    lengthBytes: data.byteLength,
  }))
  const result = { index: 0n, renditions, units, debited: priceOf(units, price) }
  const digest = resultDigest(orderId, inputHash, result)
  return {
    segment: {
      orderId: toHex(orderId),
      fields: plain(segment),
      preimage: toHex(
        concatBytes(
          utf8('millrace/segment/1\n'),
          orderId,
          u64(segment.index),
          u64(segment.sequence),
          u64(segment.durationMs),
          inputHash,
          segment.profilesHash,
          u256(price.num),
          u256(price.den),
          sha256(payment),
        ),
      ),
      digest: toHex(segmentDigest(orderId, segment)),
      signature: toHex(segment.payerSignature),
    },
    result: {
      orderId: toHex(orderId),
      inputHash: toHex(inputHash),
      fields: plain(result),
      preimage: toHex(
        concatBytes(
          utf8('millrace/result/1\n'),
          orderId,
          u64(0n),
          inputHash,
          u64(units),
          u256(result.debited),
          ...renditions.map(({ name, outputHash, pixels }) =>
            sha256(sha256(utf8(name)), outputHash, u64(pixels)),
          ),
        ),
      ),
      digest: toHex(digest),
      signature: toHex(provider.wallet.signMessage(digest)),
    },
  }
}

async function exchanges() {
  const frame = (message: PayerMessage, sent: Uint8Array = body): FrameText => ({
    header: toHex(encodePayerMessage(message)),
    body: toHex(sent),
  })
  const fee = expectedFee(order, 2_000)
  const other = utf8('the bytes of another')
  const good = frame(signedSegment())
  const five = [0n, 1n, 2n, 3n, 4n].map((index) => frame(signedSegment({ index })))
  const cases: [name: string, credit: bigint, frames: readonly FrameText[]][] = [
    ['paid for', fee, [good]],
    ['sent again after a lost reply', fee, [good, good]],
    ['one wei short', fee - 1n, [good]],
    ['other price', fee, [frame(signedSegment({ price: { num: 334n, den: 1n } }))]],
    [
      'same price, not in lowest terms',
      fee,
      [frame(signedSegment({ price: { num: 2_000n, den: 6n } }))],
    ],
    [
      'other profiles',
      fee,
      [frame(signedSegment({ profilesHash: profilesHash(order.profiles.slice(1)) }))],
    ],
    ['as long as is allowed', 2n * fee, [frame(signedSegment({ durationMs: 4_000 }))]],
    [
      'longer than the order was quoted for',
      2n * fee,
      [frame(signedSegment({ durationMs: 4_001 }))],
    ],
    ['signed by a stranger', fee, [frame(signedSegment({}, stranger))]],
    [
      'signature spoiled',
      fee,
      [frame(signedSegment({ payerSignature: spoiled(signedSegment().payerSignature) }))],
    ],
    ['another body', fee, [frame(signedSegment(), other)]],
    [
      'index used for another segment',
      2n * fee,
      [good, frame(signedSegment({ inputHash: sha256(other) }), other)],
    ],
    ['index paid for, its result no longer kept', 5n * fee, [...five, good]],
    ['unreadable frame', fee, [{ header: '0xffff', body: '0x' }]],
  ]
  return Promise.all(
    cases.map(async ([name, credit, frames]) => ({
      name,
      credit: credit.toString(),
      frames,
      answers: (await serveSegments(credit, frames)).map((answer) => {
        const parsed = parseProviderMessage(parseHex(answer.header) as Uint8Array)
        const code = parsed.ok && parsed.value.type === 'error' ? parsed.value.code : null
        return { code, ...answer }
      }),
    })),
  )
}

/** Everything in `protocols/segment/1.0.0/vectors.json`. */
export async function buildSegmentVectors() {
  return {
    protocols: { segment: SEGMENT_PROTOCOL, payment: PAYMENT_PROTOCOL },
    keys,
    order: plain(order),
    expectedFees: [2_000, 1_999, 1, 4_000].map((durationMs) => ({
      durationMs,
      feeWei: expectedFee(order, durationMs).toString(),
    })),
    framing: framing(),
    messages: messages(),
    malformed: malformed(),
    digests: digests(),
    errorClasses: Object.fromEntries(
      Object.entries(wireErrors).map(([code, { class: kind }]) => [code, kind]),
    ),
    exchanges: await exchanges(),
    results: await results(),
  }
}
