import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { listTickets, orderTickets } from '../../../src/cli/tickets.ts'

let server: Server | undefined
afterEach(async () => {
  vi.restoreAllMocks()
  await new Promise((resolve) => (server === undefined ? resolve(0) : server.close(resolve)))
  server = undefined
})

interface Asked {
  readonly path: string
  readonly authorization: string | undefined
  readonly body: string
}

/** Something at an address that answers as a node might. */
async function node(status: number, answer: unknown): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = []
  server = createServer((request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.on('end', () => {
      const { authorization } = request.headers
      asked.push({ path: `${request.method} ${request.url}`, authorization, body })
      response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
      response.end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

function printed(): () => string {
  let text = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk)
    return true
  })
  return () => text
}

const winner = {
  hash: `0x${'ab'.repeat(32)}`,
  sender: '0xaa',
  faceValueWei: '10000000000000000',
  state: 'waiting',
  waiting: 'GAS_DEAR',
  order: 'hold',
  reason: 'redeeming costs 0.001 ETH',
  nextTryBlock: '77',
}

describe('millrace tickets', () => {
  test('lists a winner a line, with where it stands and why it waits', async () => {
    const { url, asked } = await node(200, { winners: [winner] })
    const out = printed()
    await listTickets({ url, state: 'waiting' })
    expect(asked[0]?.path).toBe('GET /v1/tickets?state=waiting')
    expect(out()).toBe(
      `${winner.hash}  waiting GAS_DEAR  0.01 ETH  ordered: hold  ${winner.reason}  until block 77\n`,
    )
  })

  test('lists as JSON what the node said', async () => {
    const { url } = await node(200, { winners: [winner] })
    const out = printed()
    await listTickets({ url, json: true })
    expect(JSON.parse(out())).toEqual([winner])
  })

  test('gives an order with the token, and says for how many it was', async () => {
    const { url, asked } = await node(200, { winners: 2 })
    const out = printed()
    await orderTickets('redeem', undefined, { url, token: 'secret', all: true, atALoss: true })
    expect(asked).toEqual([
      {
        path: 'POST /v1/tickets/redeem',
        authorization: 'Bearer secret',
        body: '{"all":true,"atALoss":true}',
      },
    ])
    expect(out()).toBe('redeem: 2 winning tickets\n')
  })

  test('asks nobody without saying which', async () => {
    const url = 'http://127.0.0.1:1'
    await expect(orderTickets('hold', undefined, { url })).rejects.toMatchObject({
      code: 'COMMAND_INVALID',
    })
    await expect(orderTickets('hold', winner.hash, { url, all: true })).rejects.toMatchObject({
      code: 'COMMAND_INVALID',
    })
  })

  test.each([
    [401, { code: 'HTTP_UNAUTHORIZED', message: 'a valid bearer token is needed' }, /--token/],
    [404, { code: 'WINNER_UNKNOWN', message: 'there is no winner of this hash' }, /tickets list/],
  ])('says what the node refused, and what to do (%s)', async (status, answer, hint) => {
    const { url } = await node(status, answer)
    await expect(orderTickets('hold', winner.hash, { url })).rejects.toMatchObject({
      code: 'NODE_REFUSED',
      shortMessage: expect.stringContaining(answer.message) as string,
      hint: expect.stringMatching(hint) as string,
    })
  })

  test('says when the node redeems none, and when there is none', async () => {
    const { url } = await node(404, { code: 'HTTP_NOT_FOUND', message: 'there is nothing here' })
    await expect(listTickets({ url })).rejects.toMatchObject({
      code: 'NODE_REFUSED',
      shortMessage: expect.stringContaining('redeems no tickets') as string,
    })
    await expect(listTickets({ url: 'http://127.0.0.1:1' })).rejects.toMatchObject({
      code: 'NODE_UNREACHABLE',
    })
  })
})
