import type { Stream } from '@libp2p/interface'
import { Uint8ArrayList } from 'uint8arraylist'
import type { AbortOptions } from '../lib/abort.ts'
import { netError } from './errors.ts'
import { SEND_SLICE_BYTES } from './limits.ts'

/**
 * Groups chunks into slices of at most {@link SEND_SLICE_BYTES}, without copying.
 *
 * Small chunks share a slice, long ones are cut.
 */
export function* slicesOf(chunks: Iterable<Uint8Array>): Generator<Uint8ArrayList> {
  let slice = new Uint8ArrayList()
  for (const chunk of chunks) {
    let offset = 0
    while (offset < chunk.byteLength) {
      const end = Math.min(chunk.byteLength, offset + SEND_SLICE_BYTES - slice.byteLength)
      slice.append(chunk.subarray(offset, end))
      offset = end
      if (slice.byteLength === SEND_SLICE_BYTES) {
        yield slice
        slice = new Uint8ArrayList()
      }
    }
  }
  if (slice.byteLength > 0) yield slice
}

/**
 * Waits until the stream takes more.
 *
 * Never by the stream's own `onDrain()`: its promise is made once, so that it blocks only the first
 * time. One `drain` event does not mean that everything queued has left, hence the loop.
 */
export async function writable(
  stream: Stream,
  options: AbortOptions & { readonly idleMs: number },
): Promise<void> {
  while (stream.writableNeedsDrain) {
    if (stream.writeStatus !== 'writable') return
    await drainOrClose(stream, options)
  }
}

async function drainOrClose(
  stream: Stream,
  options: AbortOptions & { readonly idleMs: number },
): Promise<void> {
  const { signal, idleMs } = options
  signal?.throwIfAborted()
  const waiter = Promise.withResolvers<void>()
  const onChange = (): void => waiter.resolve()
  const onAbort = (): void => waiter.reject(signal?.reason as Error)
  const timer = setTimeout(() => {
    waiter.reject(netError('IDLE_TIMEOUT', 'the peer took no bytes in time', { meta: { idleMs } }))
  }, idleMs)
  stream.addEventListener('drain', onChange)
  stream.addEventListener('close', onChange)
  signal?.addEventListener('abort', onAbort, { once: true })
  try {
    await waiter.promise
  } finally {
    clearTimeout(timer)
    stream.removeEventListener('drain', onChange)
    stream.removeEventListener('close', onChange)
    signal?.removeEventListener('abort', onAbort)
  }
}
