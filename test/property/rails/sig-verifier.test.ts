import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes, readUint, u256 } from '../../../src/lib/bytes.ts'
import {
  createSigVerifier,
  createWalletSigner,
  recoverSigner,
  type SigVerifier,
} from '../../../src/lib/crypto/eip191.ts'
import { randAddress, randBytes, randHash } from '../../../src/lib/crypto/random.ts'
import {
  loadNative,
  loadWasm,
  type Secp256k1,
  warnOfFallback,
} from '../../../src/lib/crypto/secp256k1.ts'
import { walletOf } from '../../helpers/fixtures.ts'

const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const native = loadNative()
const curves: Secp256k1[] = [await loadWasm(), ...(native === null ? [] : [native])]

const message = fc.uint8Array({ minLength: 32, maxLength: 32 })
const owner = walletOf('owner')
const stranger = walletOf('stranger')

type Spoil = (sig: Uint8Array) => Uint8Array
const withV = (sig: Uint8Array, v: number): Uint8Array =>
  concatBytes(sig.subarray(0, 64), Uint8Array.of(v))
const spoils: Spoil[] = [
  (sig) => sig,
  (sig) => withV(sig, 55 - (sig[64] as number)),
  (sig) => withV(sig, (sig[64] as number) + 2),
  (sig) => withV(sig, (sig[64] as number) - 27),
  (sig) => sig.subarray(0, 64),
  (sig) => concatBytes(sig, Uint8Array.of(0)),
  (sig) =>
    concatBytes(
      sig.subarray(0, 32),
      u256(N - readUint(sig.subarray(32, 64))),
      Uint8Array.of(55 - (sig[64] as number)),
    ),
  (sig) => concatBytes(new Uint8Array(32), sig.subarray(32)),
  (sig) => concatBytes(sig.subarray(0, 32), new Uint8Array(32), sig.subarray(64)),
  (sig) => concatBytes(u256(readUint(sig.subarray(0, 32)) ^ 1n), sig.subarray(32)),
]

describe.each(curves)('over the $backend curve', (curve) => {
  test('a verdict on many signatures of one account is that on each alone', () => {
    const verifier: SigVerifier = createSigVerifier(curve)
    const item = fc.record({
      text: message,
      isStranger: fc.boolean(),
      spoil: fc.constantFrom(...spoils),
    })
    fc.assert(
      fc.property(fc.array(item, { minLength: 1, maxLength: 6 }), (items) => {
        const check = verifier.checkOf(owner.address)
        for (const { text, isStranger, spoil } of items) {
          const sig = spoil((isStranger ? stranger : owner).signMessage(text))
          const signer = recoverSigner(text, sig)
          const expected = signer.ok
            ? signer.value === owner.address
              ? null
              : 'WRONG_SIGNER'
            : signer.error
          expect(check(text, sig)).toBe(expected)
          expect(verifier.verify(owner.address, text, sig)).toBe(expected === null)
        }
      }),
      { numRuns: 40 },
    )
  })

  test('a signer makes the same bytes', () => {
    fc.assert(
      fc.property(message, fc.bigInt({ min: 1n, max: N - 1n }), (text, secret) => {
        const signer = createWalletSigner(u256(secret), curve)
        const usual = createWalletSigner(u256(secret))
        expect(signer.address).toBe(usual.address)
        expect(signer.signMessage(text)).toEqual(usual.signMessage(text))
      }),
      { numRuns: 20 },
    )
  })
})

test('a curve slower than need be makes itself heard', async () => {
  const { promise, resolve } = Promise.withResolvers<Error & { detail?: string }>()
  process.once('warning', resolve)
  warnOfFallback(new Error('no prebuilt binary'))
  const warning = await promise
  expect(warning).toMatchObject({ name: 'SlowCurveWarning', detail: 'no prebuilt binary' })
})

test('what is random is of the right shape, and never the same', () => {
  expect(randBytes(7)).toHaveLength(7)
  expect(randHash()).toHaveLength(32)
  expect(randAddress()).toMatch(/^0x[0-9a-fA-F]{40}$/)
  expect(randAddress()).not.toBe(randAddress())
  expect(randHash()).not.toEqual(randHash())
})
