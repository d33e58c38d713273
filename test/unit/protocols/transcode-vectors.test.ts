import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { plain } from '../../../scripts/vectors/json.ts'
import type { buildTranscodeVectors } from '../../../scripts/vectors/transcode.ts'
import { fromHex, toHex, utf8 } from '../../../src/lib/bytes.ts'
import type { Address } from '../../../src/lib/crypto/address.ts'
import { accountText, verifyAccount } from '../../../src/pool/account-proof.ts'
import { type ProofContext, secretProof } from '../../../src/pool/secret-proof.ts'
import {
  encodePoolMessage,
  encodeWorkerMessage,
  parsePoolMessage,
  parseWorkerMessage,
  TRANSCODE_PROTOCOL,
} from '../../../src/pool/wire.ts'

type Vectors = Awaited<ReturnType<typeof buildTranscodeVectors>>
const url = new URL('../../../protocols/transcode/1.0.0/vectors.json', import.meta.url)
const vectors = JSON.parse(await readFile(url, 'utf8')) as Vectors

describe('transcode', () => {
  test('names', () => {
    expect(vectors.protocols).toEqual({ transcode: TRANSCODE_PROTOCOL })
  })

  test.each(vectors.toOrchestrator)('to the orchestrator: $name', (it) => {
    const parsed = parseWorkerMessage(fromHex(it.bytes))
    if (!parsed.ok) throw new Error(parsed.error)
    expect(plain(parsed.value)).toEqual(it.fields)
    expect(toHex(encodeWorkerMessage(parsed.value))).toBe(it.bytes)
  })

  test.each(vectors.toWorker)('to the worker: $name', (it) => {
    const parsed = parsePoolMessage(fromHex(it.bytes))
    if (!parsed.ok) throw new Error(parsed.error)
    expect(plain(parsed.value)).toEqual(it.fields)
    expect(toHex(encodePoolMessage(parsed.value))).toBe(it.bytes)
  })

  test.each(vectors.malformed)('malformed to the $to: $name', ({ to, bytes }) => {
    const parse = to === 'worker' ? parsePoolMessage : parseWorkerMessage
    expect(parse(fromHex(bytes)).ok).toBe(false)
  })

  test.each(vectors.proofs)('proof: $name', ({ side, context, mac }) => {
    const { workerNonce, orchestratorNonce, ...peers } = context as Record<string, string>
    const of = {
      ...peers,
      workerNonce: fromHex(workerNonce ?? ''),
      orchestratorNonce: fromHex(orchestratorNonce ?? ''),
    } as unknown as ProofContext
    expect(toHex(secretProof(vectors.secret, side, of))).toBe(mac)
  })

  test('the word of an account', () => {
    const { stranger } = vectors.keys
    const { text, textBytes, signature } = vectors.account
    const address = stranger.address as Address
    expect(accountText(stranger.peerId, address, 31_337n)).toBe(text)
    expect(toHex(utf8(text))).toBe(textBytes)
    const claim = { address, signature: fromHex(signature) }
    expect(verifyAccount(claim, stranger.peerId, 31_337n)).toBe(true)
  })
})
