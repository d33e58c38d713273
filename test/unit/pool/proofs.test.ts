import { describe, expect, test } from 'vitest'
import { signAccount, verifyAccount } from '../../../src/pool/account-proof.ts'
import { checkSecretProof, type ProofContext, secretProof } from '../../../src/pool/secret-proof.ts'
import { bytesOf, flipped, walletOf } from '../../helpers/fixtures.ts'

const SECRET = 'a secret of this pool alone'
const context: ProofContext = {
  workerPeerId: '12D3KooWworker',
  orchestratorPeerId: '12D3KooWorchestrator',
  workerNonce: bytesOf(32, 1),
  orchestratorNonce: bytesOf(32, 2),
}

describe("S4: the proof of a pool's secret", () => {
  const mac = secretProof(SECRET, 'worker', context)

  test('is 32 bytes that hold nothing of the secret, and is accepted', () => {
    expect(mac).toHaveLength(32)
    expect(checkSecretProof(SECRET, 'worker', context, mac)).toBe(true)
  })

  test.each<[string, string, Partial<ProofContext>]>([
    ['another secret', `${SECRET}!`, {}],
    ['another worker', SECRET, { workerPeerId: '12D3KooWstranger' }],
    ['another orchestrator', SECRET, { orchestratorPeerId: '12D3KooWstranger' }],
    ['another nonce of the worker', SECRET, { workerNonce: bytesOf(32, 3) }],
    ['another nonce of the orchestrator', SECRET, { orchestratorNonce: bytesOf(32, 3) }],
    [
      'its peers the other way round',
      SECRET,
      { workerPeerId: '12D3KooWorchestrator', orchestratorPeerId: '12D3KooWworker' },
    ],
  ])('is no proof for %s', (_, secret, change) => {
    expect(checkSecretProof(secret, 'worker', { ...context, ...change }, mac)).toBe(false)
  })

  test('cannot be sent back as the other side’s, nor with a bit changed or missing', () => {
    expect(checkSecretProof(SECRET, 'orchestrator', context, mac)).toBe(false)
    expect(checkSecretProof(SECRET, 'worker', context, flipped(mac, 31))).toBe(false)
    expect(checkSecretProof(SECRET, 'worker', context, mac.subarray(0, 31))).toBe(false)
    expect(checkSecretProof(SECRET, 'worker', context, new Uint8Array(0))).toBe(false)
  })
})

describe('S4: the word of an account for a worker', () => {
  const wallet = walletOf('worker')
  const claim = signAccount(wallet, '12D3KooWworker', 31_337n)

  test('holds for that peer on that chain alone', () => {
    expect(verifyAccount(claim, '12D3KooWworker', 31_337n)).toBe(true)
    expect(verifyAccount(claim, '12D3KooWstranger', 31_337n)).toBe(false)
    expect(verifyAccount(claim, '12D3KooWworker', 1n)).toBe(false)
    const other = { ...claim, address: walletOf('stranger').address }
    expect(verifyAccount(other, '12D3KooWworker', 31_337n)).toBe(false)
  })
})
