import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { Logger } from '../lib/logger.ts'
import type { HttpMetrics } from './metrics.ts'

/** What the server hands to the routes it carries. */
export interface RouteContext {
  readonly logger: Logger
  readonly metrics: HttpMetrics
  /** Throws unless the request may change something. */
  readonly guardWrite: (request: FastifyRequest) => void
}

/** Some routes of a server: media, ingest or operator. */
export interface RouteSet {
  /** Whether any of them changes something; such a server needs a token to be public. */
  readonly writes: boolean
  register(app: FastifyInstance, context: RouteContext): Promise<void>
}
