import { concatBytes, toHex } from '../../src/lib/bytes.ts'
import { createDigestSigner } from '../../src/lib/crypto/digest-signer.ts'
import { hash160 } from '../../src/lib/crypto/hash160.ts'
import {
  encodeCloseReply,
  encodeCloseRequest,
  parseCloseReply,
  parseCloseRequest,
} from '../../src/rails/channel/close-wire.ts'
import {
  channelIdOf,
  closeDigest,
  commitDigest,
  encodeRawCommit,
  encodeScript,
  encodeTerms,
  type Terms,
} from '../../src/rails/channel/terms.ts'
import {
  closeCall,
  depositCall,
  expireCall,
  publishCall,
  secretCall,
} from '../../src/rails/channel/unsigned.ts'
import {
  encodeGrant,
  encodeOffer,
  encodePayment,
  encodeReversal,
  parseGrant,
  parseOffer,
  parsePayment,
  parseReversal,
} from '../../src/rails/channel/wire.ts'
import { CHAIN_ID, keys, payer, provider } from './cast.ts'
import { plain } from './json.ts'

const signerOf = ({ card }: typeof payer) =>
  createDigestSigner(new Uint8Array(Buffer.from(card.walletPrivateKey.slice(2), 'hex')))
const signer = signerOf(payer)
const contract = '0x5FbDB2315678afecb367f032d93F642f64180aa3'
const domain = { chainId: CHAIN_ID, contract } as const
const spendSecret = new Uint8Array(32).fill(0x51)
const revokeSecret = new Uint8Array(32).fill(0x52)
const seed = new Uint8Array(32).fill(0x77)
const terms: Terms = {
  payer: payer.address,
  payee: provider.address,
  asset: '0x0000000000000000000000000000000000000000',
  spendHash: hash160(spendSecret),
  expireTime: 7_200,
}
const channel = channelIdOf(domain, terms)
const script = { channel, revokeHash: hash160(revokeSecret), delay: 50 }
const quantity = 4_008_960_000n
const payerSig = signer.signDigest(commitDigest(domain, script, quantity))
const raw = { quantity, payerSig }

const grant = {
  channel,
  credited: quantity,
  requested: 2n * quantity,
  revokeHashes: [hash160(new Uint8Array(32).fill(0x53)), hash160(new Uint8Array(32).fill(0x54))],
  highest: { script: encodeScript(script), rawtx: encodeRawCommit(raw) },
}
const offer = {
  payee: provider.address,
  asset: terms.asset,
  contract,
  maxDelay: 300,
  minExpire: 300,
  confirmations: 2,
  minDeposit: 10n ** 15n,
  spendHash: terms.spendHash,
  seed,
  revokeHashes: [script.revokeHash],
  grant: null,
} as const
const payment = {
  depositScript: encodeTerms(terms),
  seed,
  commitScript: encodeScript(script),
  commitRawtx: encodeRawCommit(raw),
  value: 40_000n,
}
const agreedOn = closeDigest(domain, channel, quantity)
const closing = { channel, quantity, payeeSignature: signerOf(provider).signDigest(agreedOn) }
const agreed = { verdict: 'AGREED', payerSignature: signer.signDigest(agreedOn) } as const
const signatures = { payerSig: agreed.payerSignature, payeeSig: closing.payeeSignature }
const reversal = { channel, revokeSecrets: [revokeSecret] }

function read(
  parse: (bytes: Uint8Array) => { ok: true } | { ok: false; error: string },
  good: Uint8Array,
  cap: number,
) {
  const cases: [name: string, bytes: Uint8Array][] = [
    ['as it was written', good],
    ['no protobuf', Uint8Array.of(0xff, 0xff)],
    ['cut in half', good.slice(0, good.byteLength >> 1)],
    ['above the cap', concatBytes(good, new Uint8Array(cap))],
  ]
  return cases.map(([name, bytes]) => {
    const parsed = parse(bytes)
    const shown = bytes.byteLength > cap ? `${toHex(good)} and ${cap} zero bytes` : toHex(bytes)
    return { name, bytes: shown, fault: parsed.ok ? null : parsed.error }
  })
}

/** Everything in `protocols/channel/1.0.0/vectors.json`. */
export async function buildChannelVectors() {
  return {
    keys,
    secrets: {
      spendSecret: toHex(spendSecret),
      spendSecretHash: toHex(terms.spendHash),
      revokeSecret: toHex(revokeSecret),
      revokeSecretHash: toHex(script.revokeHash),
    },
    channel: {
      domain: plain(domain),
      terms: plain(terms),
      depositScript: toHex(encodeTerms(terms)),
      channel: toHex(channel),
    },
    commit: {
      fields: plain({ quantity, delay: script.delay }),
      commitScript: toHex(encodeScript(script)),
      digest: toHex(commitDigest(domain, script, quantity)),
      signature: toHex(payerSig),
      commitRawtx: toHex(encodeRawCommit(raw)),
      unsignedRawtx: toHex(encodeRawCommit({ quantity, payerSig: new Uint8Array(0) })),
    },
    close: { quantity: quantity.toString(), digest: toHex(closeDigest(domain, channel, quantity)) },
    calls: {
      makeDeposit: `0x${depositCall(domain, terms, 10n ** 17n)}`,
      publishCommit: `0x${publishCall(domain, terms, { ...raw, ...script })}`,
      payout: `0x${secretCall(domain, 'payout', terms, spendSecret)}`,
      revoke: `0x${secretCall(domain, 'revoke', terms, revokeSecret)}`,
      close: `0x${closeCall(domain, terms, { quantity, ...signatures })}`,
      recoverExpired: `0x${expireCall(domain, terms)}`,
    },
    messages: {
      offer: { fields: plain(offer), bytes: toHex(encodeOffer(offer)) },
      grant: { fields: plain(grant), bytes: toHex(encodeGrant(grant)) },
      payment: { fields: plain(payment), bytes: toHex(encodePayment(payment)) },
      reversal: { fields: plain(reversal), bytes: toHex(encodeReversal(reversal)) },
      closeRequest: { fields: plain(closing), bytes: toHex(encodeCloseRequest(closing)) },
      closeReply: { fields: plain(agreed), bytes: toHex(encodeCloseReply(agreed)) },
    },
    readOffers: read(parseOffer, encodeOffer(offer), 1_024),
    readGrants: read(parseGrant, encodeGrant(grant), 2_048),
    readPayments: read(parsePayment, encodePayment(payment), 1_024),
    readReversals: read(parseReversal, encodeReversal(reversal), 16_384),
    readCloseRequests: read(parseCloseRequest, encodeCloseRequest(closing), 256),
    readCloseReplies: read(parseCloseReply, encodeCloseReply(agreed), 256),
  }
}
