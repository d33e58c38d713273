import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createBondingManager } from '../../src/chain/bonding-manager.ts'
import type { ChainClient } from '../../src/chain/client.ts'
import { createRoundsManager } from '../../src/chain/rounds-manager.ts'
import type { TicketBroker } from '../../src/chain/ticket-broker.ts'
import { createTicketBroker } from '../../src/chain/ticket-broker.ts'
import { createTimeManager, type TimeManager } from '../../src/chain/time-manager.ts'
import { createTransactions, type Transactions } from '../../src/chain/transactions.ts'
import { createDigestSigner, type DigestSigner } from '../../src/lib/crypto/digest-signer.ts'
import { createWalletSigner, type WalletSigner } from '../../src/lib/crypto/eip191.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { openStore, type Store } from '../../src/store/store.ts'
import { connect, type Party, type TestChain } from './chain.ts'

/** One party of a chain with a database, as a node has them; it can be closed and opened again. */
export interface ChainSide {
  readonly client: ChainClient
  readonly store: Store
  readonly transactions: Transactions
  readonly time: TimeManager
  readonly broker: TicketBroker
  readonly wallet: WalletSigner
  readonly digests: DigestSigner
  readonly gas: { gasPrice(): bigint }
  close(): Promise<void>
}

const POLLING = { pollingIntervalMs: 20 }

/** A party of a chain as a side of it; closing ends no more than its clock. */
export async function sideOf(party: Party): Promise<ChainSide> {
  const time = createTimeManager({ ...party, logger: silentLogger }, POLLING)
  await time.start()
  return {
    ...{ ...party, time, wallet: party.signer, gas: { gasPrice: () => 2_000_000_000n } },
    close: async () => time.stop(),
  }
}

/** Opens a party over a directory; what an earlier one stored there is there. */
export async function openSide(
  { anvil, addresses }: TestChain,
  index: number,
  directory: string,
): Promise<ChainSide> {
  const client = await connect(anvil, index)
  const store = await openStore({ directory })
  const transactions = createTransactions(
    { client, store, logger: silentLogger },
    { resendAfterMs: 200 },
  )
  await transactions.start()
  const calls = { client, transactions }
  const rounds = createRoundsManager(calls, { address: addresses.roundsManager })
  const bonding = createBondingManager(calls, { address: addresses.bondingManager })
  const time = createTimeManager({ client, rounds, bonding, logger: silentLogger }, POLLING)
  await time.start()
  const { privateKey } = anvil.account(index)
  return {
    client,
    store,
    transactions,
    time,
    broker: createTicketBroker(calls, { address: addresses.ticketBroker }),
    wallet: createWalletSigner(privateKey),
    digests: createDigestSigner(privateKey),
    gas: { gasPrice: () => 2_000_000_000n },
    async close() {
      await time.stop()
      await transactions.stop()
      client.close()
      await store.close()
    },
  }
}

/** A directory of its own, and a way to be rid of it. */
export async function ownDirectory(): Promise<{ directory: string; remove(): Promise<void> }> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-side-'))
  return { directory, remove: async () => rm(directory, { recursive: true, force: true }) }
}

/** Puts empty blocks in the place of the newest ones. */
export async function reorganise({ cheat }: TestChain, depth: number): Promise<void> {
  await cheat.request({ method: 'anvil_reorg' as never, params: [depth, []] as never })
}
