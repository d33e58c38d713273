import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ETHER } from '../../src/chain/media-exchange.ts'
import type { Address } from '../../src/lib/crypto/address.ts'
import { parseWei } from '../../src/lib/wei.ts'
import { startTestChain, type TestChain } from '../helpers/chain.ts'
import { sampleVideo } from '../helpers/e2e.ts'
import { type Program, script, startProgram } from '../helpers/e2e-processes.ts'
import { Cleanup, temporaryDirectory, until } from '../helpers/fixtures.ts'
import { mediaConfig, type NodeInit } from '../helpers/media-node.ts'

const cleanup = new Cleanup()
/** 15 s of film at 8 gwei a second. */
const PRICE = parseWei('120gwei')
let chain: TestChain

beforeAll(async () => {
  chain = await startTestChain()
  cleanup.add(() => chain.stop())
  await sampleVideo()
})
afterAll(() => cleanup.run())

/** Writes a config and gives what a command on it takes. */
async function configOf(account: number, own: NodeInit) {
  const home = await temporaryDirectory(cleanup)
  const config = join(home, 'millrace.yaml')
  const raw = { ...(await mediaConfig(chain, account, home, own)), http: { port: 0 } }
  await writeFile(config, JSON.stringify(raw))
  return ['--config', config]
}

async function run(...args: readonly string[]): Promise<Program> {
  return startProgram(cleanup, process.execPath, await script('src/cli/main.ts', ...args))
}

test('A17 a viewer killed in mid-video goes on under its order and pays for each segment once', async () => {
  const publisher = await run(
    'start',
    ...(await configOf(1, {
      roles: ['publisher'],
      publisher: {
        ...{ segmentSeconds: 1, profiles: ['144p'] },
        videos: [
          { title: 'Killed', input: await sampleVideo(), price: '8gwei', maxDurationMs: 15_000 },
        ],
      },
    })),
  )
  const [line] = await publisher.says(/\{"event":"ready".*\}/)
  const { addresses, address, http } = JSON.parse(line) as {
    readonly addresses: readonly string[]
    readonly address: Address
    readonly http: string
  }
  interface Status {
    readonly publisher: {
      readonly uploads: readonly { readonly state: string }[]
      readonly sales: readonly {
        readonly segments: number
        readonly paidWei: string
        readonly state: string
      }[]
    }
  }
  const status = async () => (await (await fetch(`${http}/v1/status`)).json()) as Status
  const published = async () => (await status()).publisher.uploads[0]?.state === 'published'
  await until(published)
  const sold = async () => (await status()).publisher.sales
  const config = await configOf(2, { roles: ['viewer'], bootstrap: addresses })
  const args = ['watch', 'Killed', '--max-price', '8gwei', '--once', ...config]
  const viewer = await run(...args)
  await until(async () => ((await sold())[0]?.segments ?? 0) >= 3)
  viewer.child.kill('SIGKILL')
  await viewer.exited
  const before = (await sold())[0]?.segments ?? 0
  expect(before).toBeLessThan(15)

  const again = await run(...args)
  expect(await again.exited, again.stderr()).toBe(0)
  expect(again.stdout()).toContain('15/15 segments, 120 gwei spent')
  const sales = await sold()
  expect(sales).toHaveLength(1)
  expect(sales[0]).toMatchObject({ segments: 15, paidWei: `${PRICE}` })
  const party = await chain.party(4)
  await expect
    .poll(async () => party.exchange.balanceOf(ETHER, address), { timeout: 20_000 })
    .toBe(PRICE)
})
