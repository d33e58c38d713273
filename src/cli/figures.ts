import { InvalidArgumentError } from 'commander'
import { type Address, parseAddress } from '../lib/crypto/address.ts'

const TOKEN = 10n ** 18n
const PARTS = 1_000_000n

/** An amount of work tokens in whole ones, exactly. */
export function formatTokens(amount: bigint): string {
  const fraction = (amount % TOKEN).toString().padStart(18, '0').replace(/0+$/, '')
  return fraction === '' ? `${amount / TOKEN}` : `${amount / TOKEN}.${fraction}`
}

/** A number in a table, rounded to six digits. The JSON has every one of them. */
export function roundFigure(text: string): string {
  const [number = '0', ...unit] = text.split(' ')
  return [`${Number(Number(number).toPrecision(6))}`, ...unit].join(' ')
}

/** Parts per million as a percentage. */
export function formatShare(parts: bigint): string {
  return `${Number(parts) / 10_000}%`
}

/** `25%`, `0.5%` or parts per million, as an option gives it. */
export function shareOption(text: string): bigint {
  const match = /^(\d{1,7})(?:\.(\d{1,4}))?(%?)$/.exec(text.trim())
  const [, whole = '', fraction = '', percent] = match ?? []
  const parts =
    percent === '%'
      ? BigInt(whole + fraction.padEnd(4, '0'))
      : fraction === ''
        ? BigInt(whole)
        : -1n
  if (match !== null && parts >= 0n && parts <= PARTS) return parts
  throw new InvalidArgumentError('allowed: 0% to 100%, or parts per million, 0 to 1000000')
}

/** An account, as an option or argument gives it. */
export function addressOption(text: string): Address {
  const address = parseAddress(text)
  if (address !== null) return address
  throw new InvalidArgumentError('allowed: an address, 0x and 40 hex digits, its checksum right')
}

/** The number of a lock, as an option gives it. */
export function lockOption(text: string): bigint {
  if (/^\d{1,9}$/.test(text)) return BigInt(text)
  throw new InvalidArgumentError('allowed: the number of a lock, as stake show lists it')
}

/** Rows under a head, the first column to the left and the others to the right. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const printable = rows.map((cells) => cells.map(plain))
  const widths = (printable[0] ?? []).map((_, i) =>
    Math.max(...printable.map((cells) => (cells[i] as string).length)),
  )
  const lines = printable.map((cells) =>
    cells
      .map((cell, i) =>
        i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart(widths[i] as number),
      )
      .join('  ')
      .trimEnd(),
  )
  return `${lines.join('\n')}\n`
}

/** What strangers have published, without anything that would steer a terminal. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?')
}

/** JSON with every bigint as a decimal string. */
export function toJson(value: unknown): string {
  const text = (_: string, part: unknown) => (typeof part === 'bigint' ? part.toString() : part)
  return `${JSON.stringify(value, text, 2)}\n`
}
