import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { utf8 } from '../../../src/lib/bytes.ts'
import type { Frame } from '../../../src/net/frame-codec.ts'
import { encodeFrameHead } from '../../../src/net/frame-codec.ts'
import {
  MAX_READ_BUFFER_BYTES,
  MAX_STREAM_WINDOW_BYTES,
  READ_HIGH_WATER_BYTES,
  SEND_SLICE_BYTES,
} from '../../../src/net/limits.ts'
import {
  Cleanup,
  createRawPairs,
  framed,
  patterned,
  type RawPair,
  settled,
  until,
} from './support.ts'

const MIB = 1024 * 1024
const FRAME_BODY = 256 * 1024

/** What may be between a sender and a receiver that does not read, everything counted. */
const IN_TRANSIT_BOUND = 2 * MAX_STREAM_WINDOW_BYTES + READ_HIGH_WATER_BYTES + 4 * MIB

const cleanup = new Cleanup()
let openPair: () => Promise<RawPair>

beforeAll(async () => {
  openPair = await createRawPairs(cleanup)
})
afterAll(async () => cleanup.run())

/** Sends frames until told to stop; counts the bytes whose send has resolved. */
function pump(pair: RawPair, frames: number) {
  const sender = framed(pair.near, pair.nearConnection)
  const body = [patterned(FRAME_BODY)]
  const progress = { sentBytes: 0, peakQueued: 0 }
  const done = (async () => {
    for (let i = 0; i < frames; i += 1) {
      await sender.send(utf8(`${i}`), body)
      progress.sentBytes += FRAME_BODY
      progress.peakQueued = Math.max(progress.peakQueued, pair.near.writeBufferLength)
    }
    await sender.closeWrite()
  })()
  return { sender, progress, done }
}

function digestOf(frame: Frame): string {
  const hash = createHash('sha256')
  for (const chunk of frame.body) hash.update(chunk)
  return hash.digest('hex')
}

describe('a receiver that does not read', () => {
  test('stops the sender within bounded memory, again and again, and loses nothing', async () => {
    const pair = await openPair()
    const receiver = framed(pair.far, pair.farConnection, FRAME_BODY)
    const { progress, done } = pump(pair, 160)

    for (let round = 0, read = 0; round < 4; round += 1) {
      const sent = await settled(() => progress.sentBytes)
      expect(sent - read * FRAME_BODY).toBeLessThan(IN_TRANSIT_BOUND)
      expect(pair.far.readBufferLength).toBeLessThanOrEqual(MAX_READ_BUFFER_BYTES)
      for (let i = 0; i < 20; i += 1, read += 1) {
        expect((await receiver.receive())?.header).toEqual(utf8(`${read}`))
      }
    }
    let last = 80
    for (; (await receiver.receive()) !== null; last += 1);
    await done
    expect(last).toBe(160)
    expect(progress.peakQueued).toBeLessThanOrEqual(SEND_SLICE_BYTES)
  })

  test('is not reset when its window had grown before it paused, each time', async () => {
    const pair = await openPair()
    const receiver = framed(pair.far, pair.farConnection, FRAME_BODY)
    const { progress, done } = pump(pair, 240)
    let read = 0
    // A fast reader makes the muxer raise the window to its maximum.
    for (; read < 100; read += 1) await receiver.receive()
    let mostHeld = 0
    // Few enough each time that the reader is left right after a resume that filled it again.
    for (const frames of [6, 6, 5, 7, 6, 4]) {
      const sent = await settled(() => progress.sentBytes)
      expect(sent - read * FRAME_BODY).toBeLessThan(IN_TRANSIT_BOUND)
      expect(pair.far.status).toBe('open')
      mostHeld = Math.max(mostHeld, pair.far.readBufferLength)
      for (let i = 0; i < frames; i += 1, read += 1) await receiver.receive()
    }
    // A resume did push the reader past its high-water mark, or this proves nothing.
    expect(mostHeld).toBeGreaterThan(READ_HIGH_WATER_BYTES)
    for (; (await receiver.receive()) !== null; read += 1);
    await done
    expect(read).toBe(240)
  })
})

describe('a large body', () => {
  test('of 32 MiB passes whole, as chunks, within bounded memory at the sender', async () => {
    const pair = await openPair()
    const body = [patterned(20 * MIB, 1), patterned(12 * MIB, 2)]
    const receiver = framed(pair.far, pair.farConnection, 32 * MIB)
    const sender = framed(pair.near, pair.nearConnection)
    let peak = 0
    const watch = setInterval(() => (peak = Math.max(peak, pair.near.writeBufferLength)), 1)
    const sending = sender.send(utf8('segment'), body)
    const frame = await receiver.receive()
    await sending
    clearInterval(watch)

    expect(frame?.bodyLength).toBe(32 * MIB)
    const largest = Math.max(...(frame?.body ?? []).map((chunk) => chunk.byteLength))
    expect(largest).toBeLessThanOrEqual(MIB)
    expect(digestOf(frame as Frame)).toBe(
      digestOf({ header: utf8(''), body, bodyLength: 32 * MIB }),
    )
    expect(peak).toBeLessThanOrEqual(SEND_SLICE_BYTES)
    sender.abort(new Error('done'))
  })

  test('above the cap is refused from its head alone', async () => {
    const pair = await openPair()
    const receiver = framed(pair.far, pair.farConnection, MIB)
    const sender = framed(pair.near, pair.nearConnection)
    const sending = sender.send(utf8('x'), [new Uint8Array(64 * MIB)])
    const refusal = expect(sending).rejects.toMatchObject({ code: 'STREAM_RESET' })
    await expect(receiver.receive()).rejects.toMatchObject({
      code: 'FRAME_TOO_LARGE',
      meta: { part: 'body', announcedBytes: 64 * MIB, limitBytes: MIB },
    })
    await refusal
    expect(pair.far.readBufferLength).toBe(0)
  })

  test('of exactly the cap passes', async () => {
    const pair = await openPair()
    const receiver = framed(pair.far, pair.farConnection, MIB)
    const sender = framed(pair.near, pair.nearConnection)
    await sender.send(utf8('x'), [new Uint8Array(MIB)])
    expect((await receiver.receive())?.bodyLength).toBe(MIB)
    sender.abort(new Error('done'))
  })
})

describe('the end of a stream', () => {
  test('that came before the reader was attached is seen, after the data', async () => {
    const pair = await openPair()
    const sender = framed(pair.near, pair.nearConnection)
    await sender.send(utf8('early'), [utf8('body')])
    await sender.closeWrite()
    await until(() => pair.far.remoteWriteStatus === 'closed' && pair.far.readBufferLength > 0)

    const receiver = framed(pair.far, pair.farConnection, 100)
    expect((await receiver.receive())?.header).toEqual(utf8('early'))
    expect(await receiver.receive()).toBeNull()
  })

  test('half-closed by the asker leaves the way back open', async () => {
    const pair = await openPair()
    const asker = framed(pair.near, pair.nearConnection)
    const responder = framed(pair.far, pair.farConnection)
    await asker.send(utf8('question'))
    await asker.closeWrite()
    expect((await responder.receive())?.header).toEqual(utf8('question'))
    expect(await responder.receive()).toBeNull()
    await responder.send(utf8('answer'))
    await responder.close()
    expect((await asker.receive())?.header).toEqual(utf8('answer'))
    expect(await asker.receive()).toBeNull()
    expect(await asker.closed).toBeNull()
    expect(await responder.closed).toBeNull()
    await expect(asker.send(utf8('more'))).rejects.toMatchObject({ code: 'STREAM_CLOSED' })
  })

  test('in the middle of a frame is told from a clean one', async () => {
    const pair = await openPair()
    const receiver = framed(pair.far, pair.farConnection, 100)
    pair.near.send(encodeFrameHead(4, 10))
    pair.near.send(utf8('headbody'))
    await pair.near.close()
    await expect(receiver.receive()).rejects.toMatchObject({ code: 'TRUNCATED_FRAME' })
  })

  test('by abort resets the peer, waiting or not', async () => {
    const pair = await openPair()
    const receiver = framed(pair.far, pair.farConnection, MIB)
    const sender = framed(pair.near, pair.nearConnection)
    const waiting = expect(receiver.receive()).rejects.toMatchObject({ code: 'STREAM_RESET' })
    sender.abort(new Error('changed my mind'))
    await waiting
    expect((await receiver.closed)?.code).toBe('STREAM_RESET')
    expect(receiver.signal.aborted).toBe(true)
    await expect(receiver.send(utf8('x'))).rejects.toMatchObject({ code: 'STREAM_RESET' })
    await expect(sender.send(utf8('x'))).rejects.toMatchObject({ code: 'STREAM_CLOSED' })
  })

  test('by loss of the connection is not taken for a clean end', async () => {
    const own = new Cleanup()
    const pair = await (await createRawPairs(own))()
    const receiver = framed(pair.far, pair.farConnection)
    await framed(pair.near, pair.nearConnection).send(utf8('first'))
    expect((await receiver.receive())?.header).toEqual(utf8('first'))
    const waiting = expect(receiver.receive()).rejects.toMatchObject({ code: 'STREAM_RESET' })
    pair.nearConnection.abort(new Error('cable cut'))
    await waiting
    await own.run()
  })
})

describe('waiting', () => {
  test('for a silent peer ends at the idle limit and resets the stream', async () => {
    const pair = await openPair()
    const receiver = framed(pair.far, pair.farConnection)
    const sender = framed(pair.near, pair.nearConnection)
    await expect(receiver.receive({ idleMs: 30 })).rejects.toMatchObject({ code: 'IDLE_TIMEOUT' })
    expect((await sender.closed)?.code).toBe('STREAM_RESET')
  })

  test('for a peer that takes nothing ends at the idle limit and resets the stream', async () => {
    const pair = await openPair()
    const receiver = framed(pair.far, pair.farConnection, 64 * MIB)
    const sender = framed(pair.near, pair.nearConnection)
    const sending = sender.send(utf8('x'), [new Uint8Array(32 * MIB)], { idleMs: 100 })
    await expect(sending).rejects.toMatchObject({ code: 'IDLE_TIMEOUT' })
    expect((await receiver.closed)?.code).toBe('STREAM_RESET')
  })

  test('for a frame can be given up without harm to the stream', async () => {
    const pair = await openPair()
    const receiver = framed(pair.far, pair.farConnection)
    const sender = framed(pair.near, pair.nearConnection)
    const controller = new AbortController()
    const waiting = receiver.receive({ signal: controller.signal })
    controller.abort(new Error('enough'))
    await expect(waiting).rejects.toThrow('enough')
    await sender.send(utf8('later'))
    expect((await receiver.receive())?.header).toEqual(utf8('later'))
    sender.abort(new Error('done'))
  })

  test('for a send given up in the middle of a frame resets the stream', async () => {
    const pair = await openPair()
    const receiver = framed(pair.far, pair.farConnection, 64 * MIB)
    const sender = framed(pair.near, pair.nearConnection)
    const controller = new AbortController()
    const { signal } = controller
    const sending = sender.send(utf8('x'), [new Uint8Array(32 * MIB)], { signal })
    await until(() => pair.near.writableNeedsDrain)
    controller.abort(new Error('enough'))
    await expect(sending).rejects.toThrow('enough')
    expect((await receiver.closed)?.code).toBe('STREAM_RESET')
  })
})

describe('concurrent sends', () => {
  test('do not interleave, and arrive in the order of the calls', async () => {
    const pair = await openPair()
    const receiver = framed(pair.far, pair.farConnection, MIB)
    const sender = framed(pair.near, pair.nearConnection)
    const bodies = Array.from({ length: 12 }, (_, i) => patterned(300_000 + i * 1_001, i + 1))
    const sending = bodies.map(async (body, i) => sender.send(utf8(`${i}`), [body]))
    for (const [i, body] of bodies.entries()) {
      const frame = (await receiver.receive()) as Frame
      expect(frame.header).toEqual(utf8(`${i}`))
      const want = { header: frame.header, body: [body], bodyLength: body.byteLength }
      expect(digestOf(frame)).toBe(digestOf(want))
    }
    await Promise.all(sending)
    sender.abort(new Error('done'))
  })
})
