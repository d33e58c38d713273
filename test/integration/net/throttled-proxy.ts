import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy that passes at most so many bytes a second each way, over all its connections. */
export interface ThrottledProxy {
  readonly port: number
  readonly connections: number
  /** Cuts the connection that came as the `index`-th. */
  cut(index: number): void
  close(): Promise<void>
}

const TICK_MS = 10

/** Starts a proxy to a local port; each connection gets an equal share by turns. */
export async function startThrottledProxy(
  targetPort: number,
  bytesPerSecond: number,
): Promise<ThrottledProxy> {
  const sockets = new Set<Socket>()
  const accepted: Socket[] = []

  const shape = (from: Socket, to: Socket): void => {
    const queue: Buffer[] = []
    const timer = setInterval(() => {
      let budget = (bytesPerSecond * TICK_MS) / 1_000
      while (budget > 0 && queue[0] !== undefined) {
        const piece = queue[0].subarray(0, budget)
        to.write(piece)
        budget -= piece.byteLength
        if (piece.byteLength === queue[0].byteLength) queue.shift()
        else queue[0] = queue[0].subarray(piece.byteLength)
      }
      // A router's queue is finite, or the sender would never feel the link.
      if (queue.length < 4) from.resume()
    }, TICK_MS)
    from.on('data', (data) => {
      queue.push(data)
      if (queue.length >= 4) from.pause()
    })
    from.on('error', () => from.destroy())
    from.on('close', () => {
      clearInterval(timer)
      to.destroy()
      sockets.delete(from)
    })
    sockets.add(from)
  }

  const server = createServer((near) => {
    accepted.push(near)
    const far = connect(targetPort, '127.0.0.1')
    shape(near, far)
    shape(far, near)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return accepted.length
    },
    cut: (index) => accepted[index]?.destroy(),
    async close() {
      for (const socket of sockets) socket.destroy()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}
