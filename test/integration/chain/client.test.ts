import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Anvil, startAnvil } from '../../../scripts/lib/anvil.ts'
import { connectChain } from '../../../src/chain/client.ts'
import { createRoundsManager } from '../../../src/chain/rounds-manager.ts'
import { silentLogger } from '../../../src/lib/logger.ts'

let anvil: Anvil
const components = { logger: silentLogger }

beforeAll(async () => {
  anvil = await startAnvil()
})

afterAll(async () => anvil?.stop())

describe.each(['http', 'ws'])('a chain client over %s', (scheme) => {
  const urlOf = ({ port }: { port: number }): string => `${scheme}://127.0.0.1:${port}`

  test('refuses an endpoint of another chain', async () => {
    const work = connectChain(components, { rpcUrl: urlOf(anvil), chainId: 1 })
    await expect(work).rejects.toMatchObject({
      code: 'CHAIN_ID_MISMATCH',
      meta: { expected: 1, actual: 31337 },
    })
  })

  test('says that nobody answers', async () => {
    const other = await startAnvil()
    await other.stop()
    const work = connectChain(components, { rpcUrl: urlOf(other), chainId: 31337 })
    await expect(work).rejects.toMatchObject({
      code: 'CHAIN_UNREACHABLE',
      hint: expect.stringContaining('RPC URL'),
    })
  })

  test('stops waiting when told', async () => {
    const init = { rpcUrl: urlOf(anvil), chainId: 31337 }
    const work = connectChain(components, init, { signal: AbortSignal.abort() })
    await expect(work).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('says that no contract is there', async () => {
    const client = await connectChain(components, { rpcUrl: urlOf(anvil), chainId: 31337 })
    const address = anvil.account(0).address
    const rounds = createRoundsManager({ client }, { address })
    await expect(rounds.currentRound()).rejects.toMatchObject({ code: 'CONTRACT_MISSING' })
    const write = rounds.initializeRound({ id: 'a' })
    await expect(write).rejects.toMatchObject({ code: 'CHAIN_READ_ONLY' })
    client.close()
  })

  test('finds an endpoint again that was gone', async () => {
    const first = await startAnvil()
    const client = await connectChain(components, { rpcUrl: urlOf(first), chainId: 31337 })
    const neighbour = await connectChain(components, { rpcUrl: urlOf(first), chainId: 31337 })
    neighbour.close()
    expect(await client.blockNumber()).toBe(0n)
    await first.stop()
    await expect(client.blockNumber()).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' })
    await expect(client.blockNumber()).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' })
    const second = await startAnvil({ port: first.port })
    expect(await client.blockNumber()).toBe(0n)
    client.close()
    await second.stop()
  })
})

test('a URL that is neither http nor ws is refused', async () => {
  const work = connectChain(components, { rpcUrl: 'ipc:/tmp/x', chainId: 1 })
  await expect(work).rejects.toMatchObject({ code: 'CHAIN_UNREACHABLE' })
})
