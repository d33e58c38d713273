import { once } from 'node:events'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type DelayProxy, freePort, startDelayProxy } from '../../../scripts/testnet/delay-proxy.ts'
import { bytesOf, Cleanup, until } from '../../helpers/fixtures.ts'

const DELAY_MS = 60

const cleanup = new Cleanup()
let server: Server
let proxy: DelayProxy
/** What the far end does with a connection. */
let serve: (socket: Socket) => void
beforeEach(async () => {
  serve = (socket) => socket.pipe(socket)
  server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {})
    cleanup.add(() => socket.destroy())
    serve(socket)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  cleanup.add(() => server.close())
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  proxy = await startDelayProxy(address.port, DELAY_MS)
  cleanup.add(() => proxy.stop())
})
afterEach(() => cleanup.run())

async function dial(): Promise<Socket> {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true })
  socket.on('error', () => {})
  cleanup.add(() => socket.destroy())
  await once(socket, 'connect')
  return socket
}

async function readAll(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of socket) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

describe('the delay proxy', () => {
  test('carries megabytes there and back intact and in order, with a half-close', async () => {
    const socket = await dial()
    const sent = Buffer.from(bytesOf(3 * 1024 * 1024, 7))
    const received = readAll(socket)
    for (let at = 0; at < sent.length; at += 70_001) {
      const chunk = sent.subarray(at, at + 70_001)
      if (!socket.write(chunk)) await once(socket, 'drain')
    }
    socket.end()
    expect((await received).equals(sent)).toBe(true)
  })

  test('holds every byte back, each way', async () => {
    const socket = await dial()
    const startedAt = performance.now()
    socket.write('ping')
    await once(socket, 'data')
    // No upper bound: a busy machine is late. A timer may fire a millisecond early.
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(2 * DELAY_MS - 2)
  })

  test('passes on in the order in which it was sent, not in bursts of its own', async () => {
    serve = (socket) => {
      for (let i = 0; i < 50; i += 1) socket.write(`${i} `)
      socket.end()
    }
    const text = (await readAll(await dial())).toString()
    expect(text).toBe(Array.from({ length: 50 }, (_, i) => `${i} `).join(''))
  })

  test('waits for a reader that does not read, and loses nothing', async () => {
    const sent = Buffer.from(bytesOf(8 * 1024 * 1024, 3))
    serve = (socket) => socket.end(sent)
    const socket = await dial()
    socket.pause()
    await new Promise((resolve) => setTimeout(resolve, 4 * DELAY_MS))
    expect((await readAll(socket)).equals(sent)).toBe(true)
  })

  test('lets go of one side when the other is lost', async () => {
    const far: Socket[] = []
    serve = (socket) => far.push(socket.resume())
    const socket = await dial()
    await until(() => far.length === 1)
    socket.destroy()
    await until(() => far[0]?.readableEnded === true || far[0]?.destroyed === true)
    const other = await dial()
    await until(() => far.length === 2)
    far[1]?.destroy()
    await once(other.resume(), 'end')
  })

  test('stops with connections open', async () => {
    const socket = await dial()
    await proxy.stop()
    await readAll(socket)
  })
})

describe('a free port', () => {
  test('can be listened on', async () => {
    const other = createServer().listen(await freePort(), '127.0.0.1')
    await once(other, 'listening')
    other.close()
  })
})
