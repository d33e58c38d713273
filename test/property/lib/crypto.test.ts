import fc from 'fast-check'
import { keccak256 as viemKeccak } from 'viem'
import { privateKeyToAccount } from 'viem/accounts'
import { describe, expect, test } from 'vitest'
import { concatBytes, fromHex, readUint, toHex, u256, utf8 } from '../../../src/lib/bytes.ts'
import {
  addressBytes,
  addressFromBytes,
  addressFromPublicKey,
  parseAddress,
} from '../../../src/lib/crypto/address.ts'
import { crc32c } from '../../../src/lib/crypto/crc32c.ts'
import {
  createWalletSigner,
  eip191Digest,
  recoverSigner,
  verifySignature,
} from '../../../src/lib/crypto/eip191.ts'
import { keccak256 } from '../../../src/lib/crypto/keccak.ts'
import { loadNative, loadWasm, secp256k1 } from '../../../src/lib/crypto/secp256k1.ts'

const N = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n

const bytes = fc.uint8Array({ maxLength: 600 })
const digest = fc.uint8Array({ minLength: 32, maxLength: 32 })
const privateKey = fc.bigInt({ min: 1n, max: N - 1n }).map(u256)
const compact = fc.uint8Array({ minLength: 64, maxLength: 64 })

const wasm = await loadWasm()
const native = loadNative()

describe('keccak-256', () => {
  test('gives the published digests', () => {
    expect(toHex(keccak256())).toBe(
      '0xc5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470',
    )
    expect(toHex(keccak256(utf8('abc')))).toBe(
      '0x4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45',
    )
  })

  test('agrees with an independent implementation, however the message is cut', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(toHex(keccak256(a, b))).toBe(viemKeccak(concatBytes(a, b)))
      }),
    )
  })

  test('gives a digest that a later call does not overwrite', () => {
    const first = keccak256(utf8('abc'))
    const before = toHex(first)
    keccak256(utf8('other'))
    expect(toHex(first)).toBe(before)
  })
})

test('CRC-32C gives the published check value', () => {
  expect(toHex(crc32c(utf8('123456789')))).toBe('0xe3069283')
})

describe('addresses', () => {
  test.each([
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359',
    '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB',
    '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb',
    '0x52908400098527886E0F7030069857D2E4169EE7',
    '0xde709f2102306220921060314715629080e2fb77',
  ])('%s is the checksummed form of itself', (address) => {
    expect(parseAddress(address)).toBe(address)
    expect(parseAddress(address.toLowerCase())).toBe(address)
    expect(parseAddress(`0x${address.slice(2).toUpperCase()}`)).toBe(address)
  })

  test.each([
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeD',
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAe',
    '5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
    '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAedff',
    '',
  ])('%s is refused', (text) => {
    expect(parseAddress(text)).toBeNull()
  })

  test('round trip through their 20 bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 20, maxLength: 20 }), (raw) => {
        const address = addressFromBytes(raw)
        expect(addressBytes(address)).toEqual(raw)
        expect(parseAddress(address)).toBe(address)
      }),
    )
    expect(() => addressFromBytes(new Uint8Array(19))).toThrow(RangeError)
    expect(() => addressFromBytes(new Uint8Array(21))).toThrow(RangeError)
  })

  test('of a public key are the same with and without its leading byte', () => {
    fc.assert(
      fc.property(privateKey, (key) => {
        const publicKey = secp256k1.publicKey(key)
        const address = addressFromPublicKey(publicKey)
        expect(addressFromPublicKey(publicKey.subarray(1))).toBe(address)
        expect(address).toBe(privateKeyToAccount(toHex(key)).address)
      }),
    )
  })
})

describe('the curve', () => {
  test('recovers the key that signed, deterministically and with low s', () => {
    fc.assert(
      fc.property(digest, privateKey, (message, key) => {
        const { signature, recoveryId } = wasm.sign(message, key)
        expect(wasm.sign(message, key)).toEqual({ signature, recoveryId })
        expect(readUint(signature.subarray(32)) <= N / 2n).toBe(true)
        expect(wasm.recover(message, signature, recoveryId)).toEqual(wasm.publicKey(key))
      }),
    )
  })

  test('knows its private keys', () => {
    expect(wasm.isPrivateKey(u256(0n))).toBe(false)
    expect(wasm.isPrivateKey(u256(1n))).toBe(true)
    expect(wasm.isPrivateKey(u256(N - 1n))).toBe(true)
    expect(wasm.isPrivateKey(u256(N))).toBe(false)
    expect(wasm.isPrivateKey(new Uint8Array(31).fill(1))).toBe(false)
  })

  describe.skipIf(native === null)('in its native form', () => {
    test('agrees with the WebAssembly form on keys and signatures', () => {
      fc.assert(
        fc.property(digest, privateKey, (message, key) => {
          const a = native!.sign(message, key)
          const b = wasm.sign(message, key)
          expect(toHex(a.signature)).toBe(toHex(b.signature))
          expect(a.recoveryId).toBe(b.recoveryId)
          expect(toHex(native!.publicKey(key))).toBe(toHex(wasm.publicKey(key)))
        }),
      )
    })

    test('agrees with it on what any bytes recover to', () => {
      const edge = fc.constantFrom(0n, 1n, N / 2n, N / 2n + 1n, N - 1n, N, 2n ** 256n - 1n)
      const edges = fc.tuple(edge, edge).map(([r, s]) => concatBytes(u256(r), u256(s)))
      fc.assert(
        fc.property(
          digest,
          fc.oneof(compact, edges),
          fc.integer({ min: 0, max: 3 }),
          (message, signature, id) => {
            const a = native!.recover(message, signature, id)
            const b = wasm.recover(message, signature, id)
            expect(a === null ? null : toHex(a)).toBe(b === null ? null : toHex(b))
          },
        ),
      )
    })

    test('agrees with it on private keys', () => {
      fc.assert(
        fc.property(fc.uint8Array({ minLength: 30, maxLength: 34 }), (key) => {
          expect(native!.isPrivateKey(key)).toBe(wasm.isPrivateKey(key))
        }),
      )
      for (const key of [0n, 1n, N - 1n, N]) {
        expect(native!.isPrivateKey(u256(key))).toBe(wasm.isPrivateKey(u256(key)))
      }
    })
  })
})

describe('signed messages (EIP-191)', () => {
  // A key and signature published in the documentation of web3.js.
  const key = fromHex('0x4c0883a69102937d6231471b5dbb6204fe5129617082792ae468d01a3f362318')
  const known =
    '0xb91467e570a6466aa9e9876cbcd013baba02900b8979d43fe208a4a4f339f5fd6007e74cd82e037b800186422fc2da167c747ef045e5d18a5f5d4300f8e1a0291c'

  test('give the published signature', () => {
    const signer = createWalletSigner(key)
    expect(signer.address).toBe('0x2c7536E3605D9C16a7a3D7b1898e529396a65c23')
    expect(toHex(signer.signMessage(utf8('Some data')))).toBe(known)
    expect(verifySignature(signer.address, utf8('Some data'), fromHex(known))).toBe(true)
  })

  test('are those of an independent implementation, at any length', async () => {
    const lengths = fc.oneof(fc.constantFrom(0, 31, 32, 33, 99, 100), fc.nat(300))
    const message = lengths.chain((n) => fc.uint8Array({ minLength: n, maxLength: n }))
    await fc.assert(
      fc.asyncProperty(message, privateKey, async (raw, secret) => {
        const account = privateKeyToAccount(toHex(secret))
        const signature = createWalletSigner(secret).signMessage(raw)
        expect(toHex(signature)).toBe(await account.signMessage({ message: { raw } }))
        expect(recoverSigner(raw, signature)).toEqual({ ok: true, value: account.address })
        expect(eip191Digest(raw).byteLength).toBe(32)
      }),
      { numRuns: 40 },
    )
  })

  test('do not verify for another message or another account', () => {
    const signer = createWalletSigner(key)
    const other = createWalletSigner(u256(7n))
    const signature = signer.signMessage(utf8('pay 1'))
    expect(verifySignature(signer.address, utf8('pay 2'), signature)).toBe(false)
    expect(verifySignature(other.address, utf8('pay 1'), signature)).toBe(false)
  })

  test('are refused in the other form that the curve allows (high s)', () => {
    fc.assert(
      fc.property(bytes, privateKey, (message, secret) => {
        const signature = createWalletSigner(secret).signMessage(message)
        const flipped = concatBytes(
          signature.subarray(0, 32),
          u256(N - readUint(signature.subarray(32, 64))),
          Uint8Array.of(signature[64] === 27 ? 28 : 27),
        )
        expect(recoverSigner(message, flipped)).toEqual({ ok: false, error: 'HIGH_S' })
      }),
    )
    const withS = (s: bigint) => concatBytes(u256(1n), u256(s), Uint8Array.of(27))
    expect(recoverSigner(utf8('x'), withS(N / 2n))).not.toEqual({ ok: false, error: 'HIGH_S' })
    expect(recoverSigner(utf8('x'), withS(N / 2n + 1n))).toEqual({ ok: false, error: 'HIGH_S' })
  })

  test('are refused with any v but 27 and 28, and any length but 65', () => {
    const signature = createWalletSigner(key).signMessage(utf8('x'))
    for (const v of [0, 1, 2, 26, 29, 35, 255]) {
      const changed = concatBytes(signature.subarray(0, 64), Uint8Array.of(v))
      expect(recoverSigner(utf8('x'), changed)).toEqual({ ok: false, error: 'INVALID_V' })
    }
    for (const wrong of [signature.subarray(0, 64), concatBytes(signature, Uint8Array.of(0))]) {
      expect(recoverSigner(utf8('x'), wrong)).toEqual({ ok: false, error: 'INVALID_LENGTH' })
    }
  })

  test.each([
    [0n, 1n],
    [1n, 0n],
    [N, 1n],
    [2n ** 256n - 1n, 1n],
  ])('with r %s and s %s recover to nobody', (r, s) => {
    const signature = concatBytes(u256(r), u256(s), Uint8Array.of(27))
    expect(recoverSigner(utf8('x'), signature)).toEqual({ ok: false, error: 'UNRECOVERABLE' })
  })

  test('need a real private key', () => {
    expect(() => createWalletSigner(u256(0n))).toThrow(RangeError)
    expect(() => createWalletSigner(u256(N))).toThrow(RangeError)
    expect(() => createWalletSigner(new Uint8Array(31))).toThrow(RangeError)
  })

  test('are signed with a copy of the key: clearing the original changes nothing', () => {
    const original = Uint8Array.from(key)
    const signer = createWalletSigner(original)
    original.fill(0)
    expect(toHex(signer.signMessage(utf8('Some data')))).toBe(known)
  })
})
