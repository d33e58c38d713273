import { httpLimits } from './limits.ts'

const NAME = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/

/** Whether text from a URL may be a stream's or rendition's name: never a path, never hidden. */
export function isName(text: string): boolean {
  return text.length <= httpLimits.maxNameLength && NAME.test(text)
}

/** The name before an extension; null when the extension is another or the name not allowed. */
export function parseNamed(file: string, extension: string): string | null {
  if (!file.endsWith(extension)) return null
  const name = file.slice(0, -extension.length)
  return isName(name) ? name : null
}

const SEGMENT = new RegExp(
  `^(?:[A-Za-z][A-Za-z_-]{0,31})?(\\d{1,${httpLimits.maxSeqDigits}})\\.ts$`,
)

/** The sequence number in `12.ts`, or in a muxer's own `index12.ts`; null for anything else. */
export function parseSegmentFile(file: string): number | null {
  const digits = SEGMENT.exec(file)?.[1]
  return digits === undefined ? null : Number(digits)
}
