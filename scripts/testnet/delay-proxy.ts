import { connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP relay that holds every byte back for a while, both ways. */
export interface DelayProxy {
  readonly port: number
  stop(): Promise<void>
}

/** Listens on a free loopback port and relays to `targetPort`, `delayMs` late in each direction. */
export async function startDelayProxy(targetPort: number, delayMs: number): Promise<DelayProxy> {
  const sockets = new Set<Socket>()
  const server: Server = createServer({ allowHalfOpen: true }, (inbound) => {
    const outbound = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [inbound, outbound]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.once('close', () => sockets.delete(socket))
      socket.on('error', () => {})
    }
    relay(inbound, outbound, delayMs)
    relay(outbound, inbound, delayMs)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  return {
    port: address.port,
    async stop() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

/** Bytes a relay may hold before it stops reading. */
const MAX_HELD_BYTES = 32 * 1024 * 1024

function relay(from: Socket, to: Socket, delayMs: number): void {
  let held = 0
  from.on('data', (chunk: Buffer) => {
    held += chunk.byteLength
    if (held > MAX_HELD_BYTES) from.pause()
    setTimeout(() => {
      held -= chunk.byteLength
      if (from.isPaused() && held < MAX_HELD_BYTES / 2 && !to.writableNeedDrain) from.resume()
      if (!to.destroyed && !to.write(chunk)) from.pause()
    }, delayMs)
  })
  to.on('drain', () => {
    if (held < MAX_HELD_BYTES) from.resume()
  })
  // What was said before the end still gets through: only a broken connection breaks the other.
  from.once('end', () => setTimeout(() => to.end(), delayMs))
  from.once('close', () => {
    if (!from.readableEnded) setTimeout(() => to.destroy(), delayMs)
  })
}

/** A loopback port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise<void>((resolve) => server.close(() => resolve()))
  if (address === null || typeof address === 'string') throw new Error('no free port')
  return address.port
}
