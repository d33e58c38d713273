import { readFileSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { fromHex, toHex } from '../../../src/lib/bytes.ts'
import { parseAddress } from '../../../src/lib/crypto/address.ts'
import { createWalletSigner, eip191Digest, recoverSigner } from '../../../src/lib/crypto/eip191.ts'
import {
  auxData,
  createTicketHasher,
  drawOf,
  isWinningTicket,
  packTicket,
  recipientRandHash,
  type Ticket,
  type TicketParams,
  ticketHash,
} from '../../../src/rails/ticket/ticket.ts'

interface Vector {
  readonly id: string
  readonly ticket: Readonly<Record<string, string>> & { readonly senderNonce: number }
  readonly ticketPacked: string
  readonly ticketHash: string
  readonly signedDigest: string
  readonly signingScheme: string
  readonly signerPrivateKey: string
  readonly signerAddress: string
  readonly signature: string
  readonly recipientRand: string
  readonly winHash: string
  readonly wins: boolean
  readonly result: { readonly accepted: boolean; readonly revertReason: string | null }
}

const file = new URL('../../fixtures/ticketbroker.json', import.meta.url)
const { vectors } = JSON.parse(readFileSync(file, 'utf8')) as { vectors: readonly Vector[] }

function addressOf(text: string | undefined): `0x${string}` {
  const address = parseAddress(text ?? '')
  if (address === null) throw new RangeError(`not an address: ${text}`)
  return address
}

function ticketOfVector({ ticket }: Vector): Ticket {
  const aux = fromHex(ticket['auxData'] ?? '')
  return {
    recipient: addressOf(ticket['recipient']),
    sender: addressOf(ticket['sender']),
    faceValue: BigInt(ticket['faceValue'] ?? ''),
    winProb: BigInt(ticket['winProb'] ?? ''),
    senderNonce: ticket.senderNonce,
    recipientRandHash: fromHex(ticket['recipientRandHash'] ?? ''),
    creationRound: BigInt(toHex(aux.subarray(0, 32))),
    creationRoundBlockHash: aux.subarray(32),
    paramsExpirationBlock: 0n,
  }
}

/** What the contract says of a signature, in our words. */
const SIGNATURE_FAULTS: Readonly<Record<string, string>> = {
  "ECDSA: invalid signature 's' value": 'HIGH_S',
  "ECDSA: invalid signature 'v' value": 'INVALID_V',
}

test('the vectors are there', () => {
  expect(vectors.map(({ id }) => id)).toEqual(
    expect.arrayContaining(['A01-first-redeem', 'R01-winprob-1-in-64-loses', 'R06-high-s']),
  )
})

describe.each(vectors.map((vector) => [vector.id, vector] as const))('%s', (_id, vector) => {
  const ticket = ticketOfVector(vector)
  const signature = fromHex(vector.signature)

  test('packs and hashes as the contract does', () => {
    expect(toHex(packTicket(ticket))).toBe(vector.ticketPacked)
    expect(toHex(ticketHash(ticket))).toBe(vector.ticketHash)
    expect(toHex(auxData(ticket))).toBe(vector.ticket['auxData'])
  })

  test('the hasher of a batch finds the same hash', () => {
    const params = {
      ...ticket,
      expirationBlock: 0n,
      seed: new Uint8Array(32),
      expirationParams: ticket,
    }
    const hasher = createTicketHasher(params satisfies TicketParams, ticket, ticket.sender)
    hasher.hash(0xffffffff)
    expect(toHex(hasher.hash(ticket.senderNonce))).toBe(vector.ticketHash)
  })

  test('the signature gets the verdict that the contract gives it', () => {
    const signer = recoverSigner(fromHex(vector.ticketHash), signature)
    const fault = SIGNATURE_FAULTS[vector.result.revertReason ?? '']
    if (fault !== undefined) {
      expect(signer).toEqual({ ok: false, error: fault })
    } else if (vector.result.revertReason === 'invalid signature over ticket hash') {
      expect(signer.ok && signer.value === ticket.sender).toBe(false)
    } else {
      expect(signer).toEqual({ ok: true, value: addressOf(vector.signerAddress) })
      expect(ticket.sender).toBe(addressOf(vector.signerAddress))
    }
  })

  test('our own signature is the one of the vector, where it is a proper one', () => {
    const wallet = createWalletSigner(fromHex(vector.signerPrivateKey))
    expect(wallet.address).toBe(addressOf(vector.signerAddress))
    const isProper = !/signature/.test(vector.result.revertReason ?? '')
    const isSame = toHex(wallet.signMessage(fromHex(vector.ticketHash))) === vector.signature
    expect(isSame).toBe(isProper)
    if (vector.signingScheme.startsWith('eip191')) {
      expect(toHex(eip191Digest(fromHex(vector.ticketHash)))).toBe(vector.signedDigest)
    }
  })

  test('recipientRand matches its hash unless the contract says otherwise', () => {
    const isMatch =
      toHex(recipientRandHash(fromHex(vector.recipientRand))) === toHex(ticket.recipientRandHash)
    expect(isMatch).toBe(!/recipientRand does not match/.test(vector.result.revertReason ?? ''))
  })

  test('the draw and the verdict on it', () => {
    const rand = fromHex(vector.recipientRand)
    expect(toHex(drawOf(signature, rand))).toBe(vector.winHash)
    expect(isWinningTicket(ticket, signature, rand)).toBe(vector.wins)
  })
})

test('a draw that equals winProb does not win', () => {
  const vector = vectors[0] as Vector
  const signature = fromHex(vector.signature)
  const winProb = BigInt(vector.winHash)
  const rand = fromHex(vector.recipientRand)
  expect(isWinningTicket({ winProb }, signature, rand)).toBe(false)
  expect(isWinningTicket({ winProb: winProb + 1n }, signature, rand)).toBe(true)
})
