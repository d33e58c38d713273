import { expect, test } from 'vitest'
import { startAnvil } from '../../../scripts/lib/anvil.ts'
import { connectChain } from '../../../src/chain/client.ts'
import { chainLimits } from '../../../src/chain/limits.ts'
import { createTicketBroker } from '../../../src/chain/ticket-broker.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { createCheat } from '../../helpers/chain.ts'
import { startRpcProxy } from './rpc-proxy.ts'

test('events of a long range are asked for in pieces of limited size', async () => {
  const anvil = await startAnvil()
  const proxy = await startRpcProxy(anvil.rpcUrl)
  const init = { rpcUrl: proxy.rpcUrl, chainId: anvil.chainId }
  const client = await connectChain({ logger: silentLogger }, init)
  const broker = createTicketBroker({ client }, { address: anvil.account(0).address })
  const limit = BigInt(chainLimits.maxLogBlocks)
  await createCheat(anvil.rpcUrl).mine({ blocks: chainLimits.maxLogBlocks })
  expect(await broker.events({ fromBlock: 0n, toBlock: limit - 1n })).toEqual([])
  expect(proxy.forwarded('eth_getLogs')).toBe(1)
  expect(await broker.events({ fromBlock: 0n, toBlock: limit })).toEqual([])
  expect(proxy.forwarded('eth_getLogs')).toBe(3)
  await proxy.stop()
  await anvil.stop()
})
