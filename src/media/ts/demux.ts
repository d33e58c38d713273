const PACKET_BYTES = 188
const SYNC_BYTE = 0x47
const STREAM_TYPE_H264 = 0x1b
const STREAM_TYPE_AAC = 0x0f

/** One elementary-stream packet; times in ticks of 90 kHz, unwrapped to the first one seen. */
export interface Pes {
  readonly pts: number | null
  readonly dts: number | null
  readonly payload: Uint8Array
}

/** The first H.264 and the first AAC stream of a transport stream, and what else was announced. */
export interface TransportStream {
  readonly video: readonly Pes[]
  readonly audio: readonly Pes[]
  /** Stream types of the program map, in order; empty when there is no program map. */
  readonly streamTypes: readonly number[]
}

interface Assembly {
  readonly units: Pes[]
  parts: Uint8Array[]
}

/** The stream types and their packet ids in a program map section, or null when it is damaged. */
function parseProgramMap(section: Uint8Array): ReadonlyMap<number, number> | null {
  if (section.length < 12 || section[0] !== 0x02) return null
  const end = Math.min(3 + (u16(section, 1) & 0x0fff) - 4, section.length)
  const types = new Map<number, number>()
  let offset = 12 + (u16(section, 10) & 0x0fff)
  while (offset + 5 <= end) {
    const pid = u16(section, offset + 1) & 0x1fff
    if (!types.has(pid)) types.set(pid, section[offset] as number)
    offset += 5 + (u16(section, offset + 3) & 0x0fff)
  }
  return types
}

function u16(bytes: Uint8Array, offset: number): number {
  return ((bytes[offset] ?? 0) << 8) | (bytes[offset + 1] ?? 0)
}

/** A 33-bit timestamp; arithmetic because 33 bits do not fit a bitwise operation. */
function timestamp(bytes: Uint8Array, offset: number): number {
  const high = ((bytes[offset] ?? 0) >> 1) & 0x07
  return high * 2 ** 30 + (u16(bytes, offset + 1) >> 1) * 2 ** 15 + (u16(bytes, offset + 3) >> 1)
}

function parsePes(bytes: Uint8Array): Pes | null {
  if (bytes.length < 9 || bytes[0] !== 0 || bytes[1] !== 0 || bytes[2] !== 1) return null
  const flags = (bytes[7] as number) >> 6
  const pts = flags >= 2 && bytes.length >= 14 ? timestamp(bytes, 9) : null
  const dts = flags === 3 && bytes.length >= 19 ? timestamp(bytes, 14) : pts
  return { pts, dts, payload: bytes.subarray(9 + (bytes[8] as number)) }
}

/** The payload of a packet, or null when it has none or is damaged. */
function payloadOf(packet: Uint8Array): Uint8Array | null {
  const control = ((packet[3] as number) >> 4) & 0x03
  if ((packet[1] as number) & 0x80 || control === 0 || control === 2) return null
  const start = control === 3 ? 5 + (packet[4] as number) : 4
  return start < PACKET_BYTES ? packet.subarray(start) : null
}

function flush(assembly: Assembly | null): void {
  if (assembly === null || assembly.parts.length === 0) return
  const pes = parsePes(
    assembly.parts.length === 1 ? (assembly.parts[0] as Uint8Array) : Buffer.concat(assembly.parts),
  )
  assembly.parts = []
  if (pes !== null) assembly.units.push(pes)
}

/** Where packets begin: the first offset with three sync bytes in a row, or -1. */
function findSync(bytes: Uint8Array): number {
  const last = Math.min(PACKET_BYTES * 4, bytes.length - PACKET_BYTES)
  for (let offset = 0; offset <= last; offset++) {
    let at = offset
    while (at < bytes.length && at < offset + 3 * PACKET_BYTES && bytes[at] === SYNC_BYTE) {
      at += PACKET_BYTES
    }
    if (at >= bytes.length || at >= offset + 3 * PACKET_BYTES) return offset
  }
  return -1
}

/**
 * Splits an MPEG transport stream into the units of its first H.264 and first AAC stream.
 *
 * Pure and linear in the length of its input whatever the input is; null when the bytes are no
 * transport stream. Damaged packets are passed over, later stages count what is left.
 */
export function demuxTransportStream(bytes: Uint8Array): TransportStream | null {
  const start = findSync(bytes)
  if (start < 0) return null
  let mapPid = -1
  let types: ReadonlyMap<number, number> | null = null
  const video: Assembly = { units: [], parts: [] }
  const audio: Assembly = { units: [], parts: [] }
  const byPid = new Map<number, Assembly>()
  for (let at = start; at + PACKET_BYTES <= bytes.length; at += PACKET_BYTES) {
    const packet = bytes.subarray(at, at + PACKET_BYTES)
    if (packet[0] !== SYNC_BYTE) continue
    const pid = u16(packet, 1) & 0x1fff
    const begins = ((packet[1] as number) & 0x40) !== 0
    const payload = payloadOf(packet)
    if (payload === null) continue
    const section = payload.subarray(1 + (payload[0] as number))
    if (pid === 0 && begins && mapPid < 0) {
      if (section.length >= 12) mapPid = u16(section, 10) & 0x1fff
    } else if (pid === mapPid && begins && types === null) {
      types = parseProgramMap(section)
      for (const [elementary, type] of types ?? []) {
        const taken = [...byPid.values()]
        if (type === STREAM_TYPE_H264 && !taken.includes(video)) byPid.set(elementary, video)
        if (type === STREAM_TYPE_AAC && !taken.includes(audio)) byPid.set(elementary, audio)
      }
    } else {
      const assembly = byPid.get(pid)
      if (assembly === undefined) continue
      if (begins) flush(assembly)
      if (begins || assembly.parts.length > 0) assembly.parts.push(payload)
    }
  }
  flush(video)
  flush(audio)
  return { video: video.units, audio: audio.units, streamTypes: [...(types?.values() ?? [])] }
}

const WRAP = 2 ** 33

/** A timestamp moved by whole turns of the 33-bit clock to the one nearest a reference. */
export function unwrap(ticks: number, reference: number): number {
  return ticks + Math.round((reference - ticks) / WRAP) * WRAP
}
