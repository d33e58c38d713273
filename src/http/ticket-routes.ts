import { fromHex } from '../lib/bytes.ts'
import { parseAddress } from '../lib/crypto/address.ts'
import type { DeskOrder, RedemptionDesk, WinnerSelection } from '../rails/ticket/redemption-desk.ts'
import { WINNER_STATES } from '../rails/ticket/winner-record.ts'
import { HttpRequestError } from './errors.ts'
import { toJson } from './json.ts'
import { httpLimits } from './limits.ts'
import type { RouteSet } from './route-set.ts'

/**
 * The operator's view of winning tickets, and hand on them.
 *
 * - `GET /v1/tickets?state=STATE` – winners of one state; without it all that are not settled
 * - `POST /v1/tickets/hold|release|redeem` – an order; the body is JSON with one of `hash`, `sender`
 *   and `all: true`, for `redeem` also `atALoss: true`; answered with how many it was for
 */
export function createTicketRoutes(
  desk: RedemptionDesk,
  init: { readonly takesOrders: boolean },
): RouteSet {
  return {
    // Without a token the routes that write are there on loopback alone.
    writes: false,
    async register(app, { guardWrite }) {
      app.get<{ Querystring: { state?: string } }>('/v1/tickets', async (request, reply) => {
        const winners = await desk.list(filterOf(request.query.state))
        return reply
          .header('cache-control', 'no-store')
          .type('application/json; charset=utf-8')
          .send(toJson({ winners }))
      })
      app.post<{ Params: { order: string } }>(
        '/v1/tickets/:order',
        {
          bodyLimit: httpLimits.maxOrderBytes,
          async onRequest(request) {
            if (!init.takesOrders) {
              throw new HttpRequestError(
                'HTTP_FORBIDDEN',
                'a public node takes orders with a token',
              )
            }
            guardWrite(request)
          },
        },
        async (request, reply) => {
          const body = (request.body ?? {}) as Readonly<Record<string, unknown>>
          const order = orderOf(request.params.order, body)
          const given = await desk.give(order, selectionOf(body))
          if (given.ok) return reply.send({ winners: given.value })
          return reply.code(given.error.code === 'WINNER_UNKNOWN' ? 404 : 409).send(given.error)
        },
      )
    },
  }
}

function filterOf(text: string | undefined): { readonly state?: (typeof WINNER_STATES)[number] } {
  if (text === undefined) return {}
  const state = WINNER_STATES.find((known) => known === text)
  if (state !== undefined) return { state }
  throw bad(`allowed as state: ${WINNER_STATES.join(', ')}`)
}

function orderOf(name: string, { atALoss }: Readonly<Record<string, unknown>>): DeskOrder {
  if (name === 'redeem') return atALoss === true ? 'redeem-at-a-loss' : 'redeem'
  if (name === 'hold' || name === 'release') return name
  throw new HttpRequestError('HTTP_NOT_FOUND', 'allowed as order: hold, release, redeem')
}

function selectionOf(body: Readonly<Record<string, unknown>>): WinnerSelection {
  const { hash, sender, all } = body
  if ([hash, sender, all].filter((part) => part !== undefined).length !== 1) {
    throw bad('exactly one of hash, sender and all is needed')
  }
  if (all === true) return { all }
  if (typeof hash === 'string' && /^0x[0-9a-fA-F]{64}$/.test(hash)) {
    return { hash: fromHex(hash) }
  }
  const address = typeof sender === 'string' ? parseAddress(sender) : null
  if (address !== null) return { sender: address }
  throw bad('allowed: hash, 0x and 64 hex digits; sender, an address; all, true')
}

function bad(message: string): HttpRequestError {
  return new HttpRequestError('HTTP_BAD_REQUEST', message)
}
