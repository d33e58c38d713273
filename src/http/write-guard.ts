import { createHash, timingSafeEqual } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { HttpRequestError } from './errors.ts'
import { isLoopback } from './loopback.ts'

/**
 * Lets a request that changes something pass, or throws.
 *
 * With a token, the request must bear it. Without one the server is bound to loopback, and the
 * request must not come from a web page of another origin or by way of a name that was pointed at
 * this machine: a browser can send both without asking.
 */
export function createWriteGuard(token: string | undefined): (request: FastifyRequest) => void {
  if (token === undefined) return refuseForeign
  const expected = digest(`Bearer ${token}`)
  return ({ headers }) => {
    if (!timingSafeEqual(digest(headers.authorization ?? ''), expected)) {
      throw new HttpRequestError('HTTP_UNAUTHORIZED', 'a valid bearer token is needed')
    }
  }
}

function refuseForeign({ headers }: FastifyRequest): void {
  const host = headers.host ?? ''
  const origin = headers.origin
  const sameOrigin = origin === undefined || origin === `http://${host}`
  if (!sameOrigin || !isLoopback(hostname(host))) {
    throw new HttpRequestError('HTTP_FORBIDDEN', 'without a token only this machine may write')
  }
}

function hostname(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : ''
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}
