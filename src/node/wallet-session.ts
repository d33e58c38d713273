import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { type ChainClient, connectChain } from '../chain/client.ts'
import { openProfile } from '../chain/open-profile.ts'
import type { ChainProfile, OwnProfile } from '../chain/profile.ts'
import { createTransactions, type Transactions } from '../chain/transactions.ts'
import { createWorkToken, type WorkToken } from '../chain/work-token.ts'
import type { Address } from '../lib/crypto/address.ts'
import { createWalletSigner } from '../lib/crypto/eip191.ts'
import { MillraceError } from '../lib/errors.ts'
import type { Logger } from '../lib/logger.ts'
import { openStore, type Store } from '../store/store.ts'
import type { NodeConfig } from './config.ts'
import { loadWalletKey } from './wallet.ts'

/** The chain as the wallet of a stopped node can change it. */
export interface WalletSession {
  readonly address: Address
  readonly calls: { readonly client: ChainClient; readonly transactions: Transactions }
  readonly profile: ChainProfile
  close(): Promise<void>
}

/**
 * The work tokens of a wallet, of which it must hold so many.
 *
 * @throws `WALLET_UNDERFUNDED`
 */
export async function tokensFor(
  { address, calls, profile }: WalletSession,
  amount: bigint,
): Promise<WorkToken> {
  const token = createWorkToken(calls, { address: await profile.bonding.workToken() })
  const balance = await token.balanceOf(address)
  if (balance >= amount) return token
  throw new MillraceError('WALLET_UNDERFUNDED', `the wallet ${address} holds too few work tokens`, {
    meta: { balance, amount },
  })
}

/** The chain as anyone can read it. */
export interface ReadingSession {
  readonly client: ChainClient
  readonly profile: ChainProfile
  close(): void
}

/**
 * Opens the wallet of a node's config. It takes the node's store, where transactions are kept, so
 * the node must not be running.
 *
 * @throws `WALLET_UNREADABLE`, `STORE_LOCKED`, and what {@link openProfile} throws
 */
export async function openWalletSession(
  { logger }: { readonly logger: Logger },
  config: NodeConfig,
): Promise<WalletSession> {
  const privateKey = await loadWalletKey(config.wallet.keyFile)
  const { address } = createWalletSigner(privateKey)
  await mkdir(config.dataDirectory, { recursive: true })
  const store = await openStore({ directory: join(config.dataDirectory, 'store') })
  try {
    const { calls, profile } = await openContracts({ logger, store, privateKey }, config)
    return {
      address,
      calls,
      profile,
      async close() {
        await calls.transactions.stop()
        calls.client.close()
        await store.close()
      },
    }
  } catch (error) {
    await store.close()
    throw error
  }
}

/** Opens the chain of a node's config without its wallet, also while the node is running. */
export async function openReadingSession(
  { logger }: { readonly logger: Logger },
  config: NodeConfig,
): Promise<ReadingSession> {
  const { rpcUrl, chainId, contracts } = config.chain
  const client = await connectChain({ logger }, { rpcUrl, chainId })
  try {
    const profile = await openProfile({ client, logger }, contracts)
    return { client, profile, close: () => client.close() }
  } catch (error) {
    client.close()
    throw error
  }
}

/**
 * The contracts, if they are of the kind that knows delegation, services and regions.
 *
 * @throws `DELEGATION_UNSUPPORTED`
 */
export function delegationOf(profile: ChainProfile): OwnProfile {
  if (profile.name === 'own') return profile
  throw new MillraceError(
    'DELEGATION_UNSUPPORTED',
    `contracts of the profile ${profile.name} are delegated to and looked at with their own tools`,
    { hint: 'Use the tools of that network for this' },
  )
}

/** The contracts, and what calls them; nothing stays open when they are not found. */
async function openContracts(
  components: {
    readonly logger: Logger
    readonly store: Store
    readonly privateKey: Uint8Array
  },
  config: NodeConfig,
) {
  const { logger, privateKey } = components
  const { rpcUrl, chainId, contracts } = config.chain
  const client = await connectChain({ logger }, { rpcUrl, chainId, privateKey })
  const transactions = createTransactions({ ...components, client })
  try {
    await transactions.start()
    const calls = { client, transactions }
    return { calls, profile: await openProfile({ ...calls, logger }, contracts) }
  } catch (error) {
    await transactions.stop()
    client.close()
    throw error
  }
}
