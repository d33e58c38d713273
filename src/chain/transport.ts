import { custom, http, RpcRequestError, type Transport } from 'viem'
import { getWebSocketRpcClient } from 'viem/utils'
import { MillraceError } from '../lib/errors.ts'
import { chainLimits } from './limits.ts'

/** A way to the RPC endpoint. */
export interface RpcTransport {
  readonly transport: Transport
  close(): void
}

const retries = {
  retryCount: chainLimits.rpcRetries,
  retryDelay: chainLimits.rpcRetryDelayMs,
}

const keepAliveMs = 30_000
let sockets = 0

/**
 * A transport for an `http(s)` or `ws(s)` URL.
 *
 * @throws `CHAIN_UNREACHABLE` when the URL is neither
 */
export function createRpcTransport(rpcUrl: string): RpcTransport {
  if (/^wss?:\/\//.test(rpcUrl)) return createSocketTransport(rpcUrl)
  if (!/^https?:\/\//.test(rpcUrl)) {
    throw new MillraceError('CHAIN_UNREACHABLE', 'the RPC URL is not an http or ws URL', {
      hint: 'Use a URL like http://127.0.0.1:8545 or ws://127.0.0.1:8545',
      meta: { rpcUrl },
    })
  }
  return {
    transport: http(rpcUrl, { ...retries, timeout: chainLimits.rpcTimeoutMs }),
    close() {},
  }
}

/**
 * The client library's own reconnection gives up after one failure and prints it. Here a request
 * that finds the socket closed opens another, so the endpoint may be gone for any time.
 */
function createSocketTransport(url: string): RpcTransport {
  // The library shares sockets among equal options, and closing one would close the others.
  sockets += 1
  const options = { reconnect: false, keepAlive: { interval: keepAliveMs + sockets } }
  let closed = false
  const connect = async (): ReturnType<typeof getWebSocketRpcClient> => {
    const client = await getWebSocketRpcClient(url, options)
    if (client.socket.readyState < client.socket.CLOSING) return client
    client.close()
    return getWebSocketRpcClient(url, options)
  }
  const request = async (body: { method: string; params?: unknown }): Promise<unknown> => {
    if (closed) throw new MillraceError('CHAIN_UNREACHABLE', 'the chain client is closed')
    const client = await connect()
    const timeout = chainLimits.rpcTimeoutMs
    const { error, result } = await client.requestAsync({ body, timeout })
    if (error !== undefined) throw new RpcRequestError({ body, error, url })
    return result
  }
  return {
    transport: custom({ request }, retries),
    close() {
      closed = true
      getWebSocketRpcClient(url, options).then(
        (client) => client.close(),
        () => {},
      )
    },
  }
}
