import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** An RPC endpoint that forwards to another, and can be told to fail. */
export interface RpcProxy {
  readonly rpcUrl: string
  /** How many requests of a method were forwarded. */
  forwarded(method: string): number
  /** Cuts the connection on requests for which the function is true. */
  failWhen(condition: (method: string) => boolean): void
  stop(): Promise<void>
}

/** Starts a proxy on loopback. */
export async function startRpcProxy(target: string): Promise<RpcProxy> {
  let fails: (method: string) => boolean = () => false
  const counts = new Map<string, number>()
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString()
      const { method } = JSON.parse(body) as { method: string }
      if (fails(method)) {
        request.socket.destroy()
        return
      }
      counts.set(method, (counts.get(method) ?? 0) + 1)
      const headers = { 'content-type': 'application/json' }
      fetch(target, { method: 'POST', headers, body }).then(
        async (answer) => response.writeHead(200, headers).end(await answer.text()),
        () => request.socket.destroy(),
      )
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    rpcUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    forwarded: (method) => counts.get(method) ?? 0,
    failWhen(condition) {
      fails = condition
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await once(server, 'close')
    },
  }
}
