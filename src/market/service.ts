import { fpsOf, type Profile } from '../media/profile.ts'

/** Services by name: what a name alone says, without a word on formats. */
export const SERVICE_IDS = ['CPUTranscoding', 'GPUTranscoding', 'SegmentVerification'] as const

/** One side of a pair: a codec, a height and a rate, each at most. */
export interface Format {
  readonly codec: string
  readonly height: number
  /** Frames a second; null for any. */
  readonly fps: number | null
}

/**
 * A granular service: from this format into that one, written `h264:1080p30>h264:720p30`.
 *
 * Both sides are upper bounds: a pair covers work in the same codecs that is no larger and no
 * faster.
 */
export interface ServicePair {
  readonly input: Format
  readonly output: Format
}

/** A pair that some work needs; what is not known of its input asks for nothing. */
export interface NeededPair {
  readonly input: Format | null
  readonly output: Format
}

const ID = /^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$/
const FORMAT = '([a-z0-9]{1,16}):([1-9][0-9]{1,3})p([1-9][0-9]{0,2})?'
const PAIR = new RegExp(`^${FORMAT}>${FORMAT}$`)

/** Whether a text is a service: an id, or a pair. */
export function isService(text: string): boolean {
  return parsePair(text) !== null || ID.test(text)
}

/** `h264:1080p30>h264:720p30` as a pair; null for an id and for anything malformed. */
export function parsePair(text: string): ServicePair | null {
  const match = PAIR.exec(text)
  if (match === null) return null
  const [, inCodec, inHeight, inFps, outCodec, outHeight, outFps] = match
  return {
    input: formatOf(inCodec, inHeight, inFps),
    output: formatOf(outCodec, outHeight, outFps),
  }
}

function formatOf(codec = '', height = '', fps: string | undefined): Format {
  return { codec, height: Number(height), fps: fps === undefined ? null : Number(fps) }
}

/** A pair as it is advertised. */
export function formatPair({ input, output }: ServicePair): string {
  const side = ({ codec, height, fps }: Format): string => `${codec}:${height}p${fps ?? ''}`
  return `${side(input)}>${side(output)}`
}

/** The pairs that a stream's profiles need: one a rendition, all from the same source. */
export function neededPairs(
  profiles: readonly Profile[],
  source: Format | null,
): readonly NeededPair[] {
  return profiles.map((profile) => {
    const fps = profile.fps === 'source' ? (source?.fps ?? null) : fpsOf(profile, 0)
    return { input: source, output: { codec: 'h264', height: profile.height, fps } }
  })
}

/** Whether one pair is enough for what is needed. A rate that is not known is not held against it. */
export function covers(pair: ServicePair, needed: NeededPair): boolean {
  const isWithin = (bound: Format, wanted: Format): boolean =>
    bound.codec === wanted.codec &&
    wanted.height <= bound.height &&
    (bound.fps === null || wanted.fps === null || wanted.fps <= bound.fps)
  if (needed.input !== null && !isWithin(pair.input, needed.input)) return false
  return isWithin(pair.output, needed.output)
}

/**
 * Whether services include the one that is wanted, and whatever pairs the work needs.
 *
 * An id must be listed exactly. A wanted pair must be covered by a listed one. Who lists no pair at
 * all sets no bounds; who lists some is held to them for each of the needed pairs.
 */
export function offersService(
  services: readonly string[],
  wanted: string,
  needed: readonly NeededPair[] = [],
): boolean {
  const pairs = services.map(parsePair).filter((pair) => pair !== null)
  const wantedPair = parsePair(wanted)
  const isListed =
    wantedPair === null ? services.includes(wanted) : pairs.some((pair) => covers(pair, wantedPair))
  return isListed && coversAll(pairs, needed)
}

/** Whether the pairs among services cover all that is needed; without any they set no bounds. */
export function coversNeeded(services: readonly string[], needed: readonly NeededPair[]): boolean {
  return coversAll(
    services.map(parsePair).filter((pair) => pair !== null),
    needed,
  )
}

function coversAll(pairs: readonly ServicePair[], needed: readonly NeededPair[]): boolean {
  return pairs.length === 0 || needed.every((one) => pairs.some((pair) => covers(pair, one)))
}

/** What an account published on chain of what it offers. A list that is empty sets no bounds. */
export interface Published {
  readonly services: readonly string[]
  readonly regions: readonly string[]
}

/** Whether what is published has the service, and the region when one is asked for. */
export function publishedOffers(
  { services, regions }: Published,
  wanted: { readonly service: string; readonly region: string },
): boolean {
  return (
    (services.length === 0 || offersService(services, wanted.service)) &&
    (wanted.region === '' || regions.length === 0 || regions.includes(wanted.region))
  )
}

/** Whether an offer promises no service and no region beyond what is published. */
export function staysWithin(published: Published, { services, regions }: Published): boolean {
  return (
    (published.services.length === 0 ||
      services.every((service) => offersService(published.services, service))) &&
    (published.regions.length === 0 ||
      regions.every((region) => published.regions.includes(region)))
  )
}
