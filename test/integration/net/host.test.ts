import { multiaddr } from '@multiformats/multiaddr'
import { afterEach, describe, expect, test } from 'vitest'
import { raceSignal } from '../../../src/lib/abort.ts'
import { fromUtf8, totalLength, utf8 } from '../../../src/lib/bytes.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { createFrameChannel } from '../../../src/net/frame-channel.ts'
import type { NetHost } from '../../../src/net/host.ts'
import type { FrameHandler } from '../../../src/net/inbound.ts'
import { createNetMetrics } from '../../../src/net/metrics.ts'
import { createPeerKey } from '../../../src/net/peer-key.ts'
import {
  Cleanup,
  createTestHost,
  patterned,
  startRawNode,
  startTestHost,
  target,
  until,
} from './support.ts'
import { startThrottledProxy } from './throttled-proxy.ts'

const MIB = 1024 * 1024
const ECHO = '/test/echo/1'
const BULK = '/test/bulk/1'

const cleanup = new Cleanup()
afterEach(async () => cleanup.run())

function portOf(host: NetHost): number {
  return Number(/tcp\/(\d+)/.exec(host.addresses()[0] ?? '')?.[1])
}

/** Answers each frame with its own header. */
const echo: FrameHandler = async (channel, { signal }) => {
  for (;;) {
    const frame = await channel.receive({ signal })
    if (frame === null) return
    await channel.send(frame.header, [], { signal })
  }
}

/** Answers each frame with the length of its body. */
const measure: FrameHandler = async (channel, { signal }) => {
  const frame = await channel.receive({ signal })
  if (frame !== null) await channel.send(utf8(`${totalLength(frame.body)}`), [], { signal })
}

describe('a request', () => {
  test('is answered, many at once', async () => {
    const [a, b] = [await startTestHost(cleanup), await startTestHost(cleanup)]
    await b.handle(ECHO, echo, { maxInboundStreams: 32 })
    const questions = Array.from({ length: 20 }, (_, i) => `question ${i}`)
    const answers = await Promise.all(questions.map((q) => a.request(target(b), ECHO, utf8(q))))
    expect(answers.map(fromUtf8)).toEqual(questions)
    expect(a.connectedPeers()).toEqual([b.peerId])
  })

  test('to a peer that does not speak the protocol says so', async () => {
    const [a, b] = [await startTestHost(cleanup), await startTestHost(cleanup)]
    await expect(a.request(target(b), ECHO, utf8('?'))).rejects.toMatchObject({
      code: 'PROTOCOL_UNSUPPORTED',
    })
  })

  test('to a peer that is not there says so', async () => {
    const a = await startTestHost(cleanup)
    const { peerId } = await createPeerKey()
    const nobody = { peerId, addresses: ['/ip4/127.0.0.1/tcp/1'] }
    await expect(a.request(nobody, ECHO, utf8('?'))).rejects.toMatchObject({
      code: 'PEER_UNREACHABLE',
    })
    await expect(a.request({ peerId: 'x' }, ECHO, utf8('?'))).rejects.toMatchObject({
      code: 'INVALID_PEER',
    })
  })

  test('is not answered by whoever sits at the address of another', async () => {
    const [a, b] = [await startTestHost(cleanup), await startTestHost(cleanup)]
    await b.handle(ECHO, echo)
    const { peerId } = await createPeerKey()
    const addresses = b.addresses().map((it) => it.replace(/\/p2p\/.*/, ''))
    await expect(a.request({ peerId, addresses }, ECHO, utf8('?'))).rejects.toMatchObject({
      code: 'PEER_UNREACHABLE',
    })
  })

  test('fails by code when the answer is missing, too large, late, or the handler fails', async () => {
    const [a, b] = [await startTestHost(cleanup), await startTestHost(cleanup)]
    await b.handle('/test/none/1', async () => {})
    await b.handle('/test/big/1', async (channel) => channel.send(new Uint8Array(101)))
    await b.handle('/test/late/1', async (_channel, { signal }) => {
      await raceSignal(new Promise(() => {}), { signal })
    })
    await b.handle('/test/fail/1', async () => Promise.reject(new Error('broken')))
    const ask = async (protocol: string, options = {}) =>
      a.request(target(b), protocol, utf8('?'), options)
    await expect(ask('/test/none/1')).rejects.toMatchObject({ code: 'NO_REPLY' })
    await expect(ask('/test/big/1', { maxHeaderBytes: 100 })).rejects.toMatchObject({
      code: 'FRAME_TOO_LARGE',
    })
    await expect(ask('/test/late/1', { timeoutMs: 300 })).rejects.toMatchObject({
      name: 'TimeoutError',
    })
    await expect(ask('/test/fail/1')).rejects.toMatchObject({ code: 'STREAM_RESET' })
  })

  test('passes between a host and a node with stock settings, both ways', async () => {
    const host = await startTestHost(cleanup)
    const stock = await startRawNode(cleanup, {})
    await host.handle(
      BULK,
      async (channel) => {
        const frame = await channel.receive()
        if (frame !== null) await channel.send(frame.header, frame.body)
      },
      { maxBodyBytes: 8 * MIB },
    )
    const connection = await stock.dial(multiaddr(host.addresses()[0] as string))
    const stream = await connection.newStream([BULK])
    const channel = createFrameChannel(stream, connection, { metrics: createNetMetrics(noMetrics) })
    const body = patterned(8 * MIB)
    await channel.send(utf8('x'), [body])
    const frame = await channel.receive({ maxBodyBytes: 8 * MIB })
    expect(Buffer.compare(Buffer.concat(frame?.body ?? []), body)).toBe(0)
    await channel.close()
  })
})

describe('inbound streams', () => {
  test('of one peer and protocol are limited over all its connections; others are not hurt', async () => {
    const [a, b] = [await startTestHost(cleanup), await startTestHost(cleanup)]
    await b.handle(ECHO, echo, { maxInboundStreams: 3 })
    const lanes = ['control', 'bulk', 'control'] as const
    const channels = await Promise.all(lanes.map((lane) => a.open(target(b), ECHO, { lane })))
    const roundTrip = async (channel: (typeof channels)[number]) => {
      await channel.send(utf8('ping'))
      return (await channel.receive())?.header
    }
    for (const channel of channels) expect(await roundTrip(channel)).toEqual(utf8('ping'))

    const fourth = await a.open(target(b), ECHO)
    await expect(fourth.receive()).rejects.toMatchObject({ code: 'STREAM_RESET' })
    for (const channel of channels) expect(await roundTrip(channel)).toEqual(utf8('ping'))

    await channels[0]?.close()
    await until(() => channels[0]?.signal.aborted === true)
    expect(await a.request(target(b), ECHO, utf8('again'))).toEqual(utf8('again'))
  })

  test('are read from the first byte although the handler begins late', async () => {
    const [a, b] = [await startTestHost(cleanup), await startTestHost(cleanup)]
    await b.handle(ECHO, async (channel, context) => {
      await new Promise((resolve) => setTimeout(resolve, 100))
      await echo(channel, context)
    })
    expect(await a.request(target(b), ECHO, utf8('patience'))).toEqual(utf8('patience'))
  })
})

describe('lanes', () => {
  test('a request is answered while a bulk body is under way on a slow link', async () => {
    const [a, b] = [await startTestHost(cleanup), await startTestHost(cleanup)]
    await b.handle(ECHO, echo)
    await b.handle(BULK, measure, { maxBodyBytes: 4 * MIB })
    // 5 Mbit/s.
    const proxy = await startThrottledProxy(portOf(b), 625_000)
    cleanup.add(async () => proxy.close())
    const peer = { peerId: b.peerId, addresses: [`/ip4/127.0.0.1/tcp/${proxy.port}`] }

    const order: string[] = []
    const bulk = await a.open(peer, BULK, { lane: 'bulk' })
    const control = await a.open(peer, ECHO, { lane: 'control' })
    expect(bulk.connectionId).not.toBe(control.connectionId)
    expect(proxy.connections).toBe(2)

    const body = [patterned(1.5 * MIB)]
    const sending = (async () => {
      await bulk.send(utf8('segment'), body)
      const answer = await bulk.receive()
      order.push('bulk answered')
      return answer
    })()
    for (let i = 0; i < 3; i += 1) {
      await control.send(utf8(`ticket ${i}`))
      expect((await control.receive())?.header).toEqual(utf8(`ticket ${i}`))
      order.push(`ticket ${i}`)
    }
    expect(fromUtf8((await sending)?.header ?? utf8(''))).toBe(`${1.5 * MIB}`)
    expect(order).toEqual(['ticket 0', 'ticket 1', 'ticket 2', 'bulk answered'])
  })

  test('cut without a word reset their streams, which is not a clean end', async () => {
    const [a, b] = [await startTestHost(cleanup), await startTestHost(cleanup)]
    await b.handle(ECHO, echo)
    const proxy = await startThrottledProxy(portOf(b), 10 * MIB)
    const peer = { peerId: b.peerId, addresses: [`/ip4/127.0.0.1/tcp/${proxy.port}`] }
    const channel = await a.open(peer, ECHO)
    await channel.send(utf8('x'))
    expect((await channel.receive())?.header).toEqual(utf8('x'))
    const waiting = expect(channel.receive()).rejects.toMatchObject({ code: 'STREAM_RESET' })
    await proxy.close()
    await waiting
    expect((await channel.closed)?.code).toBe('STREAM_RESET')
  })

  test('are kept, and dialled again when lost', async () => {
    const [a, b] = [await startTestHost(cleanup), await startTestHost(cleanup)]
    await b.handle(ECHO, echo, { maxInboundStreams: 64 })
    const idOf = async (lane: 'control' | 'bulk'): Promise<string> => {
      const channel = await a.open(target(b), ECHO, { lane })
      await channel.send(utf8('x'))
      await channel.receive()
      await channel.close()
      return channel.connectionId
    }
    const [bulk, control] = [await idOf('bulk'), await idOf('control')]
    expect(bulk).not.toBe(control)
    expect([await idOf('bulk'), await idOf('control')]).toEqual([bulk, control])

    await b.disconnect(a.peerId)
    await until(() => a.connectedPeers().length === 0)
    const [bulk2, control2] = [await idOf('bulk'), await idOf('control')]
    expect(new Set([bulk, control, bulk2, control2]).size).toBe(4)
  })

  test('asked for by many at once make two connections', async () => {
    const [a, b] = [await startTestHost(cleanup), await startTestHost(cleanup)]
    await b.handle(ECHO, echo, { maxInboundStreams: 64 })
    const channels = await Promise.all(
      Array.from({ length: 16 }, (_, i) =>
        a.open(target(b), ECHO, { lane: i % 2 === 0 ? 'bulk' : 'control' }),
      ),
    )
    const byLane = [0, 1].map(
      (lane) => new Set(channels.filter((_, i) => i % 2 === lane).map((it) => it.connectionId)),
    )
    expect(byLane.map((ids) => ids.size)).toEqual([1, 1])
    expect(byLane[0]).not.toEqual(byLane[1])
  })
})

describe('a bootstrap peer', () => {
  test('that starts later, and again after it was lost, is found', async () => {
    const peerKey = await createPeerKey()
    const probe = await startTestHost(cleanup)
    const port = portOf(probe)
    await probe.stop()
    const address = `/ip4/127.0.0.1/tcp/${port}`
    const events: string[] = []
    const a = await createTestHost(cleanup, { bootstrap: [`${address}/p2p/${peerKey.peerId}`] })
    a.onPeerConnect((id) => events.push(`+${id}`))
    a.onPeerDisconnect((id) => events.push(`-${id}`))
    await a.start()
    expect(a.connectedPeers()).toEqual([])

    const first = await startTestHost(cleanup, { peerKey, listen: [address] })
    await until(() => a.connectedPeers().includes(peerKey.peerId))
    await first.stop()
    await until(() => a.connectedPeers().length === 0)
    await startTestHost(cleanup, { peerKey, listen: [address] })
    await until(() => a.connectedPeers().includes(peerKey.peerId))
    const id = peerKey.peerId
    expect(events).toEqual([`+${id}`, `-${id}`, `+${id}`])
  })

  test('with a malformed address is refused before anything starts', async () => {
    await expect(createTestHost(cleanup, { bootstrap: ['localhost:4001'] })).rejects.toMatchObject({
      code: 'INVALID_PEER',
    })
  })
})

describe('a host', () => {
  test('keeps its name and tells dialable addresses', async () => {
    const peerKey = await createPeerKey()
    const host = await startTestHost(cleanup, { peerKey })
    expect(host.peerId).toBe(peerKey.peerId)
    expect(host.addresses()).toEqual([
      expect.stringMatching(new RegExp(`^/ip4/127.0.0.1/tcp/\\d+/p2p/${peerKey.peerId}$`)),
    ])
  })

  test('that does not allow loopback neither tells nor dials it', async () => {
    const b = await startTestHost(cleanup)
    const a = await startTestHost(cleanup, { allowLoopback: false })
    expect(a.addresses()).toEqual([])
    await expect(a.open(target(b), ECHO)).rejects.toMatchObject({ code: 'PEER_UNREACHABLE' })
  })

  test('ends its handlers when it stops, then refuses', async () => {
    const [a, b] = [await startTestHost(cleanup), await startTestHost(cleanup)]
    const ended = Promise.withResolvers<unknown>()
    const began = Promise.withResolvers<void>()
    await b.handle(ECHO, async (_channel, { signal }) => {
      began.resolve()
      await raceSignal(new Promise(() => {}), { signal }).catch(ended.resolve)
    })
    const channel = await a.open(target(b), ECHO)
    await began.promise
    await b.stop()
    await b.stop()
    expect(await ended.promise).toMatchObject({ code: 'NET_STOPPED' })
    await channel.closed
    await expect(b.open(target(a), ECHO)).rejects.toMatchObject({ code: 'NET_STOPPED' })
  })
})
