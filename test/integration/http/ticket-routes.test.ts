import { afterEach, describe, expect, test } from 'vitest'
import { createHttpServer, type HttpServer } from '../../../src/http/server.ts'
import { createTicketRoutes } from '../../../src/http/ticket-routes.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { err, ok } from '../../../src/lib/result.ts'
import type { RedemptionDesk, WinnerView } from '../../../src/rails/ticket/redemption-desk.ts'

const token = 'sixteen characters'
const hash = `0x${'ab'.repeat(32)}` as const
const sender = '0x00000000000000000000000000000000000000aa'

const winner: WinnerView = {
  hash,
  sender,
  faceValueWei: 10n ** 20n,
  state: 'waiting',
  creationRound: 3n,
  paramsExpirationBlock: 40n,
  attempts: 0,
  waiting: 'PARAMS_LIVE',
  reason: 'its params are not void yet',
  nextTryBlock: 40n,
}

let server: HttpServer | undefined
afterEach(() => server?.stop())

/** A node's routes over a desk that writes down what it is told. */
async function serve(
  init: {
    takesOrders?: boolean
    token?: string
    answer?: Awaited<ReturnType<RedemptionDesk['give']>>
  } = {},
) {
  const given: unknown[] = []
  const desk: RedemptionDesk = {
    async list(filter) {
      given.push(filter)
      return [winner]
    },
    async give(...order) {
      given.push(order)
      return init.answer ?? ok(1)
    },
  }
  const routes = [createTicketRoutes(desk, { takesOrders: init.takesOrders ?? true })]
  server = createHttpServer(
    { logger: silentLogger, metrics: noMetrics },
    { host: '127.0.0.1', port: 0, token: init.token, routes },
  )
  await server.start()
  const { url } = server.address()
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    })
    return { status: response.status, body: (await response.json()) as unknown }
  }
  return { url, post, given }
}

describe('winning tickets over HTTP', () => {
  test('are listed, amounts as decimal strings, of one state if so asked', async () => {
    const { url, given } = await serve()
    const response = await fetch(`${url}/v1/tickets?state=failed`)
    expect(await response.json()).toMatchObject({
      winners: [{ hash, faceValueWei: '100000000000000000000', waiting: 'PARAMS_LIVE' }],
    })
    expect(given).toEqual([{ state: 'failed' }])
    expect((await fetch(`${url}/v1/tickets?state=lost`)).status).toBe(400)
  })

  test('take orders for one, for those of a sender, for all', async () => {
    const { post, given } = await serve()
    expect(await post('/v1/tickets/hold', { hash })).toEqual({ status: 200, body: { winners: 1 } })
    await post('/v1/tickets/release', { all: true })
    await post('/v1/tickets/redeem', { sender })
    await post('/v1/tickets/redeem', { all: true, atALoss: true })
    expect(given).toMatchObject([
      ['hold', { hash: new Uint8Array(32).fill(0xab) }],
      ['release', { all: true }],
      ['redeem', { sender: expect.stringMatching(/^0x/i) as string }],
      ['redeem-at-a-loss', { all: true }],
    ])
  })

  test.each([
    ['nothing', {}],
    ['two at once', { hash, all: true }],
    ['a short hash', { hash: '0xab' }],
    ['no address', { sender: 'me' }],
    ['all but not really', { all: false }],
  ])('refuse an order for %s', async (_name, body) => {
    const { post, given } = await serve()
    expect(await post('/v1/tickets/hold', body)).toMatchObject({
      status: 400,
      body: { code: 'HTTP_BAD_REQUEST' },
    })
    expect(given).toEqual([])
  })

  test('refuse an unknown order, and a body past the limit', async () => {
    const { post } = await serve()
    expect(await post('/v1/tickets/burn', { all: true })).toMatchObject({ status: 404 })
    const large = { all: true, padding: 'x'.repeat(1_024) }
    expect(await post('/v1/tickets/hold', large)).toMatchObject({ status: 413 })
  })

  test('say why the desk refuses', async () => {
    const unknown = err({
      code: 'WINNER_UNKNOWN',
      message: 'there is no winner of this hash',
    } as const)
    const { post } = await serve({ answer: unknown })
    expect(await post('/v1/tickets/hold', { hash })).toEqual({ status: 404, body: unknown.error })
  })

  test('take orders by the token alone, if there is one', async () => {
    const { url, post, given } = await serve({ token })
    expect(await post('/v1/tickets/hold', { all: true })).toMatchObject({ status: 401 })
    expect(given).toEqual([])
    const headers = { authorization: `Bearer ${token}` }
    expect(await post('/v1/tickets/hold', { all: true }, headers)).toMatchObject({ status: 200 })
    expect((await fetch(`${url}/v1/tickets`)).status).toBe(200)
  })

  test('take none in public without a token', async () => {
    const { post, given } = await serve({ takesOrders: false })
    expect(await post('/v1/tickets/hold', { all: true })).toMatchObject({ status: 403 })
    expect(given).toEqual([])
  })
})
