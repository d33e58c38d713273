import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { concatBytes, utf8 } from '../../../src/lib/bytes.ts'
import { bytesCodec, versionedCodec } from '../../../src/store/codec.ts'

const anything = versionedCodec<unknown>({ name: 'thing', version: 3, parse: (value) => value })

interface Session {
  readonly spentWei: bigint
  readonly label: string
}

const parseSession = (value: unknown): Session => {
  const { spentWei, label } = value as Session
  if (typeof spentWei !== 'bigint' || typeof label !== 'string')
    throw new TypeError('not a session')
  return { spentWei, label }
}

const first = versionedCodec<{ spent: bigint }>({
  name: 'session',
  version: 1,
  parse: (value) => value as { spent: bigint },
})

const second = versionedCodec<Session>({
  name: 'session',
  version: 2,
  parse: parseSession,
  upgrade: (version, value) => ({
    spentWei: (value as { spent: bigint }).spent,
    label: `from ${version}`,
  }),
})

describe('a versioned value', () => {
  test('comes back as it was written, bigints as bigints and numbers as numbers', () => {
    const leaf = fc.oneof(
      fc.bigInt({ min: -(2n ** 300n), max: 2n ** 300n }),
      fc.constantFrom(0n, 1n, -1n, 2n ** 53n, 2n ** 64n - 1n, 2n ** 64n, -(2n ** 64n) - 1n),
      fc.integer(),
      fc.double({ noNaN: true }).map((value) => value + 0),
      fc.string({ unit: 'grapheme' }),
      fc.boolean(),
      fc.constant(null),
      fc.uint8Array(),
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small' },
        leaf,
        fc.array(tie('tree'), { maxLength: 4 }),
        fc.dictionary(fc.stringMatching(/^[a-zA-Z]{1,8}$/), tie('tree'), { maxKeys: 4 }),
      ),
    }))
    fc.assert(
      fc.property(tree, (value) => {
        const bytes = anything.encode(value)
        expect(bytes[0]).toBe(3)
        expect(anything.decode(bytes)).toEqual(normal(value))
      }),
    )
  })

  test('of an older version is upgraded', () => {
    expect(second.decode(first.encode({ spent: 7n }))).toEqual({ spentWei: 7n, label: 'from 1' })
  })

  test('of an older version without an upgrade is refused', () => {
    const bare = versionedCodec({ name: 'session', version: 2, parse: parseSession })
    expect(() => bare.decode(first.encode({ spent: 7n }))).toThrow(
      expect.objectContaining({ code: 'STORE_CORRUPT' }),
    )
  })

  test('of a newer version is refused, never guessed at', () => {
    const newer = second.encode({ spentWei: 7n, label: 'x' })
    expect(() => first.decode(newer)).toThrow(
      expect.objectContaining({
        code: 'STORE_NEWER',
        shortMessage: 'a stored session has format 2, this build knows up to 1',
      }),
    )
  })

  test.each([
    ['no bytes', new Uint8Array(0)],
    ['only a version', Uint8Array.of(2)],
    ['a value of the wrong shape', concatBytes(Uint8Array.of(2), Uint8Array.of(0x01))],
    ['text that is not CBOR', concatBytes(Uint8Array.of(2), utf8('hello'))],
    [
      'bytes after the value',
      concatBytes(second.encode({ spentWei: 1n, label: 'x' }), Uint8Array.of(0)),
    ],
    ['a torn value', second.encode({ spentWei: 2n ** 90n, label: 'long' }).subarray(0, -1)],
  ])('that is damaged is told: %s', (_what, bytes) => {
    expect(() => second.decode(bytes)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }))
  })

  test('is never decoded into an error of another kind, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          second.decode(bytes)
        } catch (error) {
          expect(['STORE_CORRUPT', 'STORE_NEWER']).toContain((error as { code: string }).code)
        }
      }),
    )
  })
})

test('raw bytes pass as they are', () => {
  const bytes = Uint8Array.of(1, 2, 3)
  expect(bytesCodec.decode(bytesCodec.encode(bytes))).toEqual(bytes)
})

/** Whole doubles are written as integers; -0 among them loses its sign, as in JSON. */
function normal(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normal)
  if (value instanceof Uint8Array || value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, normal(item)]))
}
