import { MillraceError } from '../lib/errors.ts'

/** Why a server did not start. */
export type HttpServerErrorCode =
  | 'HTTP_PORT_IN_USE'
  | 'HTTP_BIND_FAILED'
  | 'HTTP_PUBLIC_WITHOUT_TOKEN'

/** What a client is told, besides the codes of the parts behind the routes. */
export type HttpRequestErrorCode =
  | 'HTTP_BAD_REQUEST'
  | 'HTTP_UNAUTHORIZED'
  | 'HTTP_FORBIDDEN'
  | 'HTTP_NOT_FOUND'
  | 'HTTP_TOO_LARGE'
  | 'HTTP_BUSY'
  | 'HTTP_INTERNAL'

const statuses: Readonly<Record<HttpRequestErrorCode, number>> = {
  HTTP_BAD_REQUEST: 400,
  HTTP_UNAUTHORIZED: 401,
  HTTP_FORBIDDEN: 403,
  HTTP_NOT_FOUND: 404,
  HTTP_TOO_LARGE: 413,
  HTTP_BUSY: 503,
  HTTP_INTERNAL: 500,
}

/** A refusal of one request: thrown by a route, answered as `{ code, message }`. */
export class HttpRequestError extends MillraceError<HttpRequestErrorCode> {
  /** Fastify takes the status of the answer from here. */
  readonly statusCode: number

  constructor(code: HttpRequestErrorCode, shortMessage: string) {
    super(code, shortMessage)
    this.statusCode = statuses[code]
  }
}

/** Turns what `listen` threw into something a person can act on. */
export function bindError(
  cause: unknown,
  host: string,
  port: number,
): MillraceError<HttpServerErrorCode> {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
  if (code === 'EADDRINUSE') {
    return new MillraceError('HTTP_PORT_IN_USE', `port ${port} of ${host} is already in use`, {
      cause,
      hint: 'Stop the program that has it, or configure another port; 0 takes any free one',
      meta: { host, port },
    })
  }
  return new MillraceError('HTTP_BIND_FAILED', `cannot listen on port ${port} of ${host}`, {
    cause,
    hint:
      code === 'EACCES'
        ? 'Ports below 1024 need a privilege; configure a higher one'
        : 'Configure an address that this machine has',
    meta: { host, port },
  })
}
