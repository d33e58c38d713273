import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chainParameters } from '../../scripts/testnet/chain-setup.ts'
import { type PeerProcess, startPeer } from '../../scripts/testnet/peer-process.ts'
import type {
  OrchestratorStatus,
  PoolJson,
  RedeemerStatus,
  TranscoderStatus,
} from '../../scripts/testnet/statuses.ts'
import { toHex } from '../../src/lib/bytes.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { segmentFile } from '../../src/media/segmenter.ts'
import { type Market, startMarket, streamWhen } from '../helpers/e2e.ts'
import { script, startProgram } from '../helpers/e2e-processes.ts'
import { Cleanup, until } from '../helpers/fixtures.ts'

const cleanup = new Cleanup()
let market: Market
let orchestrator: PeerProcess
let broadcaster: PeerProcess
/** The wallet of an orchestrator that has stopped answers for the honest worker: it is bonded. */
let worker: PeerProcess
const segments: Uint8Array[] = []
/** The account that answers for the bad worker: funded, and no broadcaster uses it. */
const BAD = 5
const TICKETS = { evMultiplier: 2, txCostMultiplier: 1, paramsLifeBlocks: 8 }

async function cli(...args: string[]): Promise<string> {
  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, await script('src/cli/main.ts', ...args))
  return stdout
}

const configOf = ({ logFile }: PeerProcess): string => join(dirname(logFile), 'config.yaml')

beforeAll(async () => {
  market = await startMarket(cleanup, { orchestrators: 3, broadcasters: 2 })
  const [, second, third] = market.network.orchestrators as [PeerProcess, PeerProcess, PeerProcess]
  await Promise.all([second.stop(), third.stop()])
  // One pays with its deposit, the other has something to lose.
  for (const peer of [second, third]) {
    await cli('fund', '-c', configOf(peer), '--deposit', '2 ether', '--reserve', '1 ether')
  }
  orchestrator = await market.orchestrator(2, {
    pricePerUnit: '1000000',
    pool: {
      public: true,
      minDeposit: '1 ether',
      spotCheckOneIn: 2,
      pay: { intervalMs: 1_000, sharePercent: 50 },
    },
  })
  const source = { path: market.sample, pace: 'fast', maxDurationMs: 20_000 } as const
  for await (const { data } of segmentFile({ logger: silentLogger }, source)) segments.push(data)
})
afterAll(() => cleanup.run())

const poolNow = async (): Promise<PoolJson> =>
  ((await orchestrator.status<OrchestratorStatus>()) as OrchestratorStatus).orchestrator.pool
const workerNow = async () =>
  ((await worker.status<TranscoderStatus>()) as TranscoderStatus).transcoder

let next = 0
async function push(): Promise<number> {
  const index = next++
  const body = segments[index % segments.length] as Uint8Array<ArrayBuffer>
  // A stream ends where its material does.
  const stream = `show-${Math.floor(index / segments.length)}`
  const url = `${broadcaster.ready.http}/live/${stream}/${index % segments.length}.ts`
  return (await fetch(url, { method: 'PUT', body, headers: { 'content-duration': '2000' } })).status
}

describe('an orchestrator with a public pool', () => {
  test('S4: ejects a worker that returns garbage before that leaves, unseen by the broadcaster', async () => {
    const { peerId, addresses } = orchestrator.ready
    const init = {
      orchestrator: { peerId, addresses },
      privateKey: toHex(market.chain.account(BAD).privateKey),
      chainId: chainParameters.chainId,
    }
    const path = 'test/fixtures/pool/bad-worker.ts'
    const args = await script(path, JSON.stringify(init))
    const bad = startProgram(cleanup, process.execPath, args)
    const [, badPeer] = await bad.says(/^(\S+) joined/m)
    await until(async () => (await poolNow()).workers === 2)
    broadcaster = await market.broadcaster(1, { hedgeBudget: 0 })
    expect([await push(), await push()]).toEqual([200, 200])
    await bad.says(/ refused EJECTED: UNREADABLE_OUTPUT/)
    const stream = await streamWhen(broadcaster, () => true)
    expect(stream).toMatchObject({ provider: peerId, segments: { failed: 0, retried: 0 } })
    const { ejected, members } = await poolNow()
    expect(members.map(({ id }) => id)).toEqual(['local'])
    expect(ejected).toMatchObject([
      { peerId: badPeer, account: market.chain.account(BAD).address, withheldWei: '0' },
    ])
    bad.child.kill('SIGKILL')
  })

  test('S4: takes a worker once an account with a deposit has vouched for it', async () => {
    worker = await market.transcoder(1, orchestrator, {})
    await until(async () => (await workerNow()).state === 'refused')
    expect((await workerNow()).detail).toMatch(/^ACCOUNT_REQUIRED: /)
    const { peerId } = worker.ready
    await worker.stop()
    const printed = await cli(
      'vouch',
      '-c',
      configOf(market.network.orchestrators[2] as PeerProcess),
      '--peer-id',
      peerId,
    )
    const [, address, signature] =
      /address: "(0x\w+)", signature: "(0x\w+)"/.exec(printed) ?? expect.fail(printed)
    worker = await market.transcoder(1, orchestrator, {
      account: { address, signature },
      tickets: TICKETS,
    })
    expect(worker.ready.peerId).toBe(peerId)
    await until(async () => (await workerNow()).state === 'joined')
  })

  test('pays an honest worker its share in tickets, and both books say the same', async () => {
    const mine = async () => (await poolNow()).members.find(({ id }) => id === worker.ready.peerId)
    for (;;) {
      // Two at a time, so that the orchestrator's own process does not do all of it.
      expect(await Promise.all([push(), push()])).toEqual([200, 200])
      const { winners } = await workerNow()
      const { checked = '0' } = (await mine()) ?? {}
      if ((winners?.count.waiting ?? 0) > 0 && BigInt(checked) > 0n) break
    }
    await until(async () => {
      const { earnedWei = '0', paidWei = '0' } = (await mine()) ?? {}
      return BigInt(paidWei) >= BigInt(earnedWei)
    })
    const account = await mine()
    const { receivedWei, jobs } = await workerNow()
    expect(receivedWei).toBe(account?.paidWei)
    expect(Number(account?.segments)).toBe(jobs['ok'])
    const { orchestrator: books } = (await orchestrator.status<OrchestratorStatus>()) ?? {
      orchestrator: expect.fail('no status'),
    }
    // Half of the price, of what it worked and not of what the others did.
    const fees = books.orders.reduce((sum, { debitedWei }) => sum + BigInt(debitedWei), 0n)
    expect(BigInt(account?.earnedWei ?? 0)).toBeGreaterThan(0n)
    expect(BigInt(account?.earnedWei ?? 0)).toBeLessThanOrEqual(fees / 2n)
  })

  test('whose winners a redeemer on the same data brings to the chain', async () => {
    const before = (await workerNow()).winners?.count.waiting ?? 0
    await worker.stop()
    const third = market.network.orchestrators[2] as PeerProcess
    const { chain, wallet, network } = JSON.parse(await readFile(configOf(third), 'utf8'))
    const { dataDirectory } = JSON.parse(await readFile(configOf(worker), 'utf8'))
    const configFile = join(dirname(worker.logFile), 'redeemer.yaml')
    const config = {
      ...{ roles: ['redeemer'], dataDirectory, chain, wallet, http: { port: 0 } },
      network: { ...network, listen: ['/ip4/127.0.0.1/tcp/0'], announce: [], bootstrap: [] },
      redeemer: { orchestrators: [third.ready.address] },
    }
    await writeFile(configFile, JSON.stringify(config))
    const redeemer = await startPeer({
      ...{ name: 'redeemer', role: 'redeemer', configFile, logFile: worker.logFile },
      signal: new AbortController().signal,
    })
    cleanup.add(() => redeemer.stop())
    await until(async () => {
      const status = await redeemer.status<RedeemerStatus>()
      return status?.redeemer.winners.count.redeemed === before
    })
    const fees = await market.chain.broker.pendingFees(market.chain.account(3).address)
    expect(fees).toBeGreaterThan(0n)
  })
})
