import { connect, createServer, type Server, type Socket } from 'node:net'

/** A TCP relay that holds every byte back for a while, both ways. */
export interface DelayProxy {
  readonly port: number
  /** How late bytes are in each direction from now on. They stay in order. */
  setDelay(delayMs: number): void
  /** Breaks all connections; new ones are taken. */
  cut(): void
  stop(): Promise<void>
}

/** Listens on a free loopback port and relays to `targetPort`, `delayMs` late in each direction. */
export async function startDelayProxy(targetPort: number, delayMs: number): Promise<DelayProxy> {
  const sockets = new Set<Socket>()
  const delay: Delay = { ms: delayMs }
  const server: Server = createServer({ allowHalfOpen: true }, (inbound) => {
    const outbound = connect({ port: targetPort, host: '127.0.0.1', allowHalfOpen: true })
    for (const socket of [inbound, outbound]) {
      sockets.add(socket)
      socket.setNoDelay(true)
      socket.once('close', () => sockets.delete(socket))
      socket.on('error', () => {})
    }
    relay(inbound, outbound, delay)
    relay(outbound, inbound, delay)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port')
  const cut = (): void => {
    for (const socket of sockets) socket.destroy()
  }
  return {
    port: address.port,
    setDelay(ms) {
      delay.ms = ms
    },
    cut,
    async stop() {
      cut()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

interface Delay {
  ms: number
}

/** Bytes a relay may hold before it stops reading. */
const MAX_HELD_BYTES = 32 * 1024 * 1024

function relay(from: Socket, to: Socket, delay: Delay): void {
  let held = 0
  // One queue: a delay that has become shorter lets nothing overtake what came before.
  const queue: { readonly dueMs: number; readonly run: () => void }[] = []
  const pump = (): void => {
    while (queue[0] !== undefined && queue[0].dueMs <= performance.now()) queue.shift()?.run()
    if (queue[0] !== undefined) setTimeout(pump, Math.max(1, queue[0].dueMs - performance.now()))
  }
  const later = (run: () => void): void => {
    queue.push({ dueMs: performance.now() + delay.ms, run })
    if (queue.length === 1) setTimeout(pump, delay.ms)
  }
  from.on('data', (chunk: Buffer) => {
    held += chunk.byteLength
    if (held > MAX_HELD_BYTES) from.pause()
    later(() => {
      held -= chunk.byteLength
      if (from.isPaused() && held < MAX_HELD_BYTES / 2 && !to.writableNeedDrain) from.resume()
      if (!to.destroyed && !to.write(chunk)) from.pause()
    })
  })
  to.on('drain', () => {
    if (held < MAX_HELD_BYTES) from.resume()
  })
  // What was said before the end still gets through: only a broken connection breaks the other.
  from.once('end', () => later(() => to.end()))
  from.once('close', () => {
    if (!from.readableEnded) later(() => to.destroy())
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
