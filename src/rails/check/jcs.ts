import canonicalize from 'canonicalize'
import { concatBytes, fromUtf8, parseHex, toHex, utf8 } from '../../lib/bytes.ts'
import { assert } from '../../lib/errors.ts'
import { err, ok, type Result } from '../../lib/result.ts'
import { type PeerKey, signWithPeerKey, verifyPeerSignature } from '../../net/peer-key.ts'

/** A JSON value as messages carry it: amounts are decimal strings, numbers are small integers. */
export type Json = string | number | { readonly [key: string]: Json } | readonly Json[]

/** A JSON object. */
export type JsonObject = { readonly [key: string]: Json }

/** The canonical UTF-8 form of a value (RFC 8785). */
export function canonicalBytes(value: Json): Uint8Array {
  const text = canonicalize(value)
  assert(text !== undefined, 'a JSON value has a canonical form')
  return utf8(text)
}

/**
 * Reads an object that is in its canonical form.
 *
 * A key that stands twice, a number that was rounded or a space too many would come out otherwise
 * than it went in: all of them are refused.
 */
export function parseCanonical(
  bytes: Uint8Array,
  maxBytes: number,
): Result<JsonObject, 'MALFORMED'> {
  if (bytes.byteLength > maxBytes) return err('MALFORMED')
  try {
    const text = fromUtf8(bytes)
    const value: unknown = JSON.parse(text)
    if (!isObject(value) || canonicalize(value) !== text) return err('MALFORMED')
    return ok(value)
  } catch {
    return err('MALFORMED')
  }
}

/** Whether a value is an object with all of `keys`, and beyond them only some of `optional`. */
export function hasKeys(
  value: Json | undefined,
  keys: readonly string[],
  optional: readonly string[] = [],
): value is JsonObject {
  if (!isObject(value)) return false
  const present = Object.keys(value)
  if (!keys.every((key) => Object.hasOwn(value, key))) return false
  return present.every((key) => keys.includes(key) || optional.includes(key))
}

/** A decimal string as a bigint below `limit`; null when it is anything else. */
export function parseAmount(value: Json | undefined, limit: bigint): bigint | null {
  if (typeof value !== 'string' || !/^(0|[1-9]\d{0,77})$/.test(value)) return null
  const amount = BigInt(value)
  return amount < limit ? amount : null
}

/** A whole number from 0 to `most`; null when it is anything else. */
export function parseCount(value: Json | undefined, most: number): number | null {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most
    ? value
    : null
}

/** Lowercase 0x-hex of a given length; null when it is anything else. */
export function parseBytes(value: Json | undefined, lengthBytes: number): Uint8Array | null {
  if (typeof value !== 'string' || !/^0x[0-9a-f]*$/.test(value)) return null
  const bytes = parseHex(value)
  return bytes?.byteLength === lengthBytes ? bytes : null
}

/** Signs all other fields of a message; `type` keeps one kind of message from passing as another. */
export function signJson<T extends JsonObject>(
  type: string,
  body: T,
  key: PeerKey,
): T & { readonly signature: string } {
  return { ...body, signature: toHex(signWithPeerKey(key, signedBytes(type, body))) }
}

/** Whether the field `signature` is the peer's over all other fields. */
export function verifyJson(type: string, message: JsonObject, peerId: string): boolean {
  const { signature, ...body } = message
  const sig = parseBytes(signature, 64)
  return sig !== null && verifyPeerSignature(peerId, signedBytes(type, body), sig)
}

function signedBytes(type: string, body: JsonObject): Uint8Array {
  return concatBytes(utf8(`millrace/${type}/1\n`), canonicalBytes(body))
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
