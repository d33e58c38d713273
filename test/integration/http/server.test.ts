import { Agent, request } from 'node:http'
import { connect } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { createIngestRoutes, type SegmentIngest } from '../../../src/http/ingest-routes.ts'
import { createMetricsRegistry } from '../../../src/http/metrics-registry.ts'
import { createOperatorRoutes, type OperatorComponents } from '../../../src/http/operator-routes.ts'
import type { RouteSet } from '../../../src/http/route-set.ts'
import { createHttpServer, type HttpServer } from '../../../src/http/server.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { ok } from '../../../src/lib/result.ts'

const servers: HttpServer[] = []

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})

const idle: SegmentIngest = {
  push: async () => ok({ renditions: [] }),
  end: async () => {},
}

function make(init: {
  host?: string
  port?: number
  token?: string
  routes?: RouteSet[]
  stopDeadlineMs?: number
}): HttpServer {
  const server = createHttpServer(
    { logger: silentLogger, metrics: noMetrics },
    { host: '127.0.0.1', port: 0, routes: [], ...init },
  )
  servers.push(server)
  return server
}

function operator(parts: Partial<OperatorComponents> = {}): RouteSet {
  return createOperatorRoutes({
    status: { status: async () => ({}) },
    readiness: { readiness: async () => ({ ready: true, reasons: [] }) },
    registry: createMetricsRegistry(),
    ...parts,
  })
}

describe('binding', () => {
  test.each(['0.0.0.0', '::', '192.0.2.1', 'node.example'])(
    'refuses to take writes on %s without a token',
    (host) => {
      const writes = [createIngestRoutes(idle)]
      expect(() => make({ host, routes: writes })).toThrow(
        expect.objectContaining({ code: 'HTTP_PUBLIC_WITHOUT_TOKEN' }),
      )
      expect(() => make({ host, routes: writes, token: 't' })).not.toThrow()
      expect(() => make({ host, routes: [operator()] })).not.toThrow()
    },
  )

  test.each(['127.0.0.1', 'localhost'])('takes writes on %s without a token', async (host) => {
    const server = make({ host, routes: [createIngestRoutes(idle)] })
    await server.start()
    const answer = await fetch(`${server.address().url}/live/show/0.ts`, {
      method: 'PUT',
      body: 'x',
    })
    expect(answer.status).toBe(200)
  })

  test('names the port that another program has', async () => {
    const first = make({})
    await first.start()
    const second = make({ port: first.address().port })
    await expect(second.start()).rejects.toMatchObject({
      code: 'HTTP_PORT_IN_USE',
      meta: { port: first.address().port },
    })
    await first.stop()
    await second.start()
    expect(second.address().port).toBeGreaterThan(0)
  })

  test('names an address that the machine does not have', async () => {
    await expect(make({ host: '192.0.2.1' }).start()).rejects.toMatchObject({
      code: 'HTTP_BIND_FAILED',
    })
  })
})

describe('stopping', () => {
  test('does not wait for keep-alive sockets, with or without a request behind them', async () => {
    const server = make({ routes: [operator()], stopDeadlineMs: 200 })
    await server.start()
    const { port, url } = server.address()
    const agent = new Agent({ keepAlive: true })
    await new Promise<void>((resolve) => {
      request(`${url}/healthz`, { agent }, (answer) => answer.resume().on('end', resolve)).end()
    })
    const silent = connect(port, '127.0.0.1')
    const closed = new Promise((resolve) => silent.on('close', resolve).on('error', () => {}))
    await new Promise((resolve) => silent.on('connect', resolve))
    await server.stop()
    await closed
    agent.destroy()
    await expect(fetch(`${url}/healthz`)).rejects.toThrow()
  })

  test('lets a request in flight finish', async () => {
    const started = Promise.withResolvers<void>()
    const release = Promise.withResolvers<void>()
    const push: SegmentIngest['push'] = async () => {
      started.resolve()
      await release.promise
      return ok({ renditions: [] })
    }
    const server = make({ routes: [createIngestRoutes({ ...idle, push })] })
    await server.start()
    const url = `${server.address().url}/live/show/0.ts`
    const answering = fetch(url, { method: 'PUT', body: 'x' })
    await started.promise
    const stopping = server.stop()
    release.resolve()
    expect((await answering).status).toBe(200)
    await stopping
  })

  test('aborts a request that outlasts the deadline', async () => {
    const started = Promise.withResolvers<void>()
    const aborted = Promise.withResolvers<void>()
    const push: SegmentIngest['push'] = async (_stream, _segment, { signal }) => {
      signal?.addEventListener('abort', () => aborted.resolve())
      started.resolve()
      await aborted.promise
      return ok({ renditions: [] })
    }
    const server = make({ routes: [createIngestRoutes({ ...idle, push })], stopDeadlineMs: 50 })
    await server.start()
    const url = `${server.address().url}/live/show/0.ts`
    const answering = fetch(url, { method: 'PUT', body: 'x' }).catch((error: unknown) => error)
    await started.promise
    await server.stop()
    expect(await answering).toBeInstanceOf(Error)
    await aborted.promise
  })

  test('twice, and starting again, are harmless', async () => {
    const server = make({ routes: [operator()] })
    await server.stop()
    await server.start()
    await server.stop()
    await server.stop()
    await server.start()
    expect((await fetch(`${server.address().url}/healthz`)).status).toBe(200)
  })
})

describe('the operator routes', () => {
  test('say that the process lives, and whether it can work', async () => {
    let reasons = ['chain: 12 blocks behind']
    const readiness = { readiness: async () => ({ ready: reasons.length === 0, reasons }) }
    const server = make({ routes: [operator({ readiness })] })
    await server.start()
    const { url } = server.address()
    expect(await (await fetch(`${url}/healthz`)).json()).toEqual({ status: 'ok' })
    const waiting = await fetch(`${url}/readyz`)
    expect(waiting.status).toBe(503)
    expect(await waiting.json()).toEqual({ ready: false, reasons })
    reasons = []
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
  })

  test('give the status with amounts that JSON cannot round', async () => {
    const status = { status: async () => ({ depositWei: 2n ** 70n, role: ['broadcaster'] }) }
    const server = make({ routes: [operator({ status })] })
    await server.start()
    const answer = await fetch(`${server.address().url}/v1/status`)
    expect(answer.headers.get('content-type')).toContain('application/json')
    expect(await answer.json()).toEqual({
      depositWei: '1180591620717411303424',
      role: ['broadcaster'],
    })
  })

  test('expose the metrics of the rooms, of the process and of the server itself', async () => {
    const registry = createMetricsRegistry()
    registry
      .counter({ name: 'millrace_test_tickets_total', help: 'Tickets', labels: ['outcome'] })
      .inc({ outcome: 'won' }, 3)
    registry.gauge({ name: 'millrace_test_deposit_wei', help: 'Deposit' }).set(7)
    registry
      .histogram({ name: 'millrace_test_wait_seconds', help: 'Wait', buckets: [1, 2] })
      .observe(1.5)
    // A second declaration is the same metric.
    registry
      .counter({ name: 'millrace_test_tickets_total', help: 'Tickets', labels: ['outcome'] })
      .inc({ outcome: 'won' })
    const server = createHttpServer(
      { logger: silentLogger, metrics: registry },
      { host: '127.0.0.1', port: 0, routes: [operator({ registry })] },
    )
    servers.push(server)
    await server.start()
    const { url } = server.address()
    await (await fetch(`${url}/healthz`)).text()
    await (await fetch(`${url}/no/such/${'x'.repeat(40)}`)).text()
    const answer = await fetch(`${url}/metrics`)
    expect(answer.headers.get('content-type')).toContain('text/plain')
    const text = await answer.text()
    expect(text).toContain('millrace_test_tickets_total{outcome="won"} 4')
    expect(text).toContain('millrace_test_deposit_wei 7')
    expect(text).toContain('millrace_test_wait_seconds_bucket{le="2"} 1')
    expect(text).toContain('process_resident_memory_bytes')
    expect(text).toMatch(
      /millrace_http_requests_total\{method="GET",route="\/healthz",status="200"\} 1/,
    )
    expect(text).toMatch(
      /millrace_http_requests_total\{method="GET",route="unmatched",status="404"\} 1/,
    )
  })
})
