import { join } from 'node:path'
import { createBondingManager } from '../../src/chain/bonding-manager.ts'
import { type ChainClient, connectChain } from '../../src/chain/client.ts'
import { type ContractAddresses, deployContracts } from '../../src/chain/deploy.ts'
import { createRoundsManager } from '../../src/chain/rounds-manager.ts'
import { createServiceRegistry } from '../../src/chain/service-registry.ts'
import { createTicketBroker, type TicketBroker } from '../../src/chain/ticket-broker.ts'
import { createTransactions, type Transactions } from '../../src/chain/transactions.ts'
import { createWorkToken } from '../../src/chain/work-token.ts'
import type { Address } from '../../src/lib/crypto/address.ts'
import { type Logger, silentLogger } from '../../src/lib/logger.ts'
import type { Published } from '../../src/market/service.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { type Anvil, startAnvil } from '../lib/anvil.ts'

/** Chain parameters of the testnet. Seconds and wei. */
export const chainParameters = {
  chainId: 31_337,
  blockTimeSeconds: 1,
  roundLengthSeconds: 600n,
  /** Base fee and floor of the gas price: so low that a face value of 100 redemptions stays small. */
  gasPriceWei: 100_000_000n,
  stake: 10n ** 18n,
  deposit: 10n * 10n ** 18n,
  reserve: 6n * 10n ** 18n,
} as const

/** One account of the testnet. */
export interface Account {
  readonly address: Address
  readonly privateKey: Uint8Array
}

/** The testnet's chain, deployed, funded and in a round in which everyone is active. */
export interface TestnetChain {
  readonly anvil: Anvil
  readonly contracts: ContractAddresses
  readonly client: ChainClient
  readonly broker: TicketBroker
  account(index: number): Account
  /** Calls a method of the EVM's JSON-RPC. */
  rpc(method: string, params: readonly unknown[]): Promise<unknown>
  stop(): Promise<void>
}

/** Starts the EVM, deploys the contracts, bonds orchestrators and funds broadcasters. */
export async function setUpChain(
  components: { readonly logger: Logger },
  init: {
    readonly orchestrators: number
    readonly broadcasters: number
    readonly redeemer?: boolean
    /** Accounts beyond those of the network's peers. */
    readonly extra?: number
    /** What an orchestrator publishes in the service registry. Default nothing. */
    readonly published?: (index: number) => Published
    readonly directory: string
  },
  options: { readonly signal: AbortSignal },
): Promise<TestnetChain> {
  const { chainId, blockTimeSeconds, gasPriceWei } = chainParameters
  const peers = init.orchestrators + init.broadcasters + (init.redeemer === true ? 1 : 0)
  const accounts = 1 + peers + (init.extra ?? 0)
  const anvil = await startAnvil(
    { chainId, accounts, baseFeeWei: gasPriceWei, balanceEther: 10_000 },
    options,
  )
  const callers: Caller[] = []
  try {
    const connect = async (index: number): Promise<Caller> => {
      options.signal.throwIfAborted()
      const { privateKey } = anvil.account(index)
      const client = await connectChain(
        components,
        { rpcUrl: anvil.wsUrl, chainId, privateKey, pollingIntervalMs: 50 },
        options,
      )
      const store = await openStore({ directory: join(init.directory, `account-${index}`) })
      const transactions = createTransactions({ client, store, ...components })
      const caller = { client, transactions, store, index }
      callers.push(caller)
      await transactions.start()
      return caller
    }
    const deployer = await connect(0)
    const contracts = await deployContracts(
      deployer.client,
      {
        roundLengthSeconds: chainParameters.roundLengthSeconds,
        poolSize: BigInt(Math.max(init.orchestrators, 3)),
      },
      options,
    )
    for (let i = 1; i <= init.orchestrators; i += 1)
      await bondOrchestrator(deployer, await connect(i), contracts, init.published?.(i))
    for (let i = 1; i <= init.broadcasters; i += 1) {
      await fundBroadcaster(await connect(init.orchestrators + i), contracts)
    }
    // Bonds count from the next round on.
    await rpc(anvil, 'evm_increaseTime', [Number(chainParameters.roundLengthSeconds)])
    await rpc(anvil, 'evm_mine', [])
    const rounds = createRoundsManager(deployer, { address: contracts.roundsManager })
    await rounds.initializeRound({ id: 'first-round' })
    await rpc(anvil, 'evm_setIntervalMining', [blockTimeSeconds])
    const client = await connectChain(components, { rpcUrl: anvil.wsUrl, chainId }, options)
    return {
      anvil,
      contracts,
      client,
      broker: createTicketBroker({ client }, { address: contracts.ticketBroker }),
      account: (index) => anvil.account(index) as Account,
      rpc: async (method, params) => rpc(anvil, method, params),
      async stop() {
        client.close()
        await anvil.stop()
      },
    }
  } catch (error) {
    await anvil.stop()
    throw error
  } finally {
    for (const caller of callers) await hangUp(caller)
  }
}

/** Gives an account of a running testnet the deposit and reserve of a broadcaster. */
export async function fundSender(
  { anvil, contracts }: Pick<TestnetChain, 'anvil' | 'contracts'>,
  { index, directory }: { readonly index: number; readonly directory: string },
): Promise<void> {
  const { privateKey } = anvil.account(index)
  const components = { logger: silentLogger }
  const { chainId } = chainParameters
  const init = { rpcUrl: anvil.wsUrl, chainId, privateKey, pollingIntervalMs: 50 }
  const client = await connectChain(components, init)
  const store = await openStore({ directory: join(directory, `account-${index}`) })
  const transactions = createTransactions({ client, store, ...components })
  await transactions.start()
  const caller = { client, transactions, store, index }
  try {
    await fundBroadcaster(caller, contracts)
  } finally {
    await hangUp(caller)
  }
}

interface Caller {
  readonly client: ChainClient
  readonly transactions: Transactions
  readonly store: Store
  readonly index: number
}

async function hangUp({ transactions, client, store }: Caller): Promise<void> {
  await transactions.stop()
  client.close()
  await store.close()
}

async function bondOrchestrator(
  deployer: Caller,
  own: Caller,
  contracts: ContractAddresses,
  published: Published | undefined,
): Promise<void> {
  const address = own.client.address as Address
  // Different stakes, so that whoever looks at the market sees a difference.
  const stake = chainParameters.stake * BigInt(own.index)
  await createWorkToken(deployer, { address: contracts.workToken }).transfer(address, stake, {
    id: `stake-${own.index}`,
  })
  await createWorkToken(own, { address: contracts.workToken }).approve(
    contracts.bondingManager,
    stake,
    { id: 'approve' },
  )
  await createBondingManager(own, { address: contracts.bondingManager }).bond(stake, { id: 'bond' })
  if (published === undefined) return
  const services = published.services.map((id) => ({ id, verifier: null }))
  await createServiceRegistry(own, { address: contracts.serviceRegistry }).register(
    // Where it is, its adverts say.
    { serviceUri: '', services, regions: published.regions },
    { id: 'register' },
  )
}

async function fundBroadcaster(own: Caller, contracts: ContractAddresses): Promise<void> {
  const broker = createTicketBroker(own, { address: contracts.ticketBroker })
  await broker.fundDepositAndReserve(chainParameters.deposit, chainParameters.reserve, {
    id: 'fund',
  })
}

async function rpc(anvil: Anvil, method: string, params: readonly unknown[]): Promise<unknown> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params })
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(anvil.rpcUrl, { method: 'POST', headers, body })
  const reply = (await response.json()) as { result?: unknown; error?: { message: string } }
  if (reply.error !== undefined) throw new Error(`${method}: ${reply.error.message}`)
  return reply.result
}
