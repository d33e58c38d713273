import { createMediaExchange } from '../../src/chain/media-exchange.ts'
import { createUserRegistry } from '../../src/chain/user-registry.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { Address } from '../../src/lib/crypto/address.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { noMetrics } from '../../src/lib/metrics.ts'
import { publicKeyOfPeer } from '../../src/net/peer-key.ts'
import { checkSeparator } from '../../src/rails/check/digest.ts'
import { createCheckMetrics } from '../../src/rails/check/metrics.ts'
import { openCheckPayee } from '../../src/rails/check/payee.ts'
import type { CheckPayee } from '../../src/rails/check/payee-port.ts'
import { createCheckPayeeRail } from '../../src/rails/check/payee-rail.ts'
import { type CheckPayer, openCheckPayer } from '../../src/rails/check/payer.ts'
import { createCheckPayerRail } from '../../src/rails/check/payer-rail.ts'
import type { PayeeRail, PayerRail } from '../../src/rails/rail.ts'
import type { TestChain } from './chain.ts'
import { type ChainSide, openSide, ownDirectory } from './chain-side.ts'
import { peerKey } from './fixtures-check.ts'

const ETHER: Address = '0x0000000000000000000000000000000000000000'

/** What both halves of the check rail stand on, over one side of a chain. */
export function checkComponents({ addresses }: TestChain, side: ChainSide) {
  const { client, transactions, store } = side
  const calls = { client, transactions }
  return {
    exchange: createMediaExchange(calls, { address: addresses.mediaExchange }),
    users: createUserRegistry(calls, { address: addresses.userRegistry }),
    metrics: createCheckMetrics(noMetrics),
    ...{ transactions, store, clock: systemClock, logger: silentLogger },
  }
}

/** The half that earns, started. */
export async function openEarning(
  chain: Pick<TestChain, 'addresses'>,
  side: ChainSide,
): Promise<{ readonly payee: CheckPayee; readonly rail: PayeeRail }> {
  const domain = { chainId: side.client.chainId, exchange: chain.addresses.mediaExchange }
  const { peerId } = await peerKey(2)
  const { address: wallet } = side.wallet
  const acceptor = { peerId, wallet, assets: [ETHER] }
  const payee = await openCheckPayee(checkComponents(chain as TestChain, side), {
    ...{ acceptor, separator: checkSeparator(domain) },
  })
  await payee.start()
  return { payee, rail: createCheckPayeeRail({ payee }, { domain, peerId, wallet, asset: ETHER }) }
}

/** The half that pays, started. */
export async function openPaying(
  chain: TestChain,
  side: ChainSide,
): Promise<{ readonly payer: CheckPayer; readonly rail: PayerRail }> {
  const domain = { chainId: side.client.chainId, exchange: chain.addresses.mediaExchange }
  const signers = {
    ...{ wallet: side.digests, key: await peerKey(1), separator: checkSeparator(domain) },
  }
  const payer = await openCheckPayer(checkComponents(chain, side), {
    ...{ signers, maxEscrow: 10n ** 21n, autoFund: true },
  })
  await payer.start()
  return { payer, rail: createCheckPayerRail({ payer }, { domain, assets: [ETHER] }) }
}

/** A half over a database of its own, which can be dropped and opened again. */
export interface CheckSide<T> {
  side(): ChainSide
  half(): T
  restart(): Promise<void>
  stop(): Promise<void>
}

type Half = { readonly payee: CheckPayee } | { readonly payer: CheckPayer }

async function createSide<T extends Half>(
  chain: TestChain,
  index: number,
  open: (chain: TestChain, side: ChainSide) => Promise<T>,
): Promise<CheckSide<T>> {
  const { directory, remove } = await ownDirectory()
  let side = await openSide(chain, index, directory)
  let half = await open(chain, side)
  const close = async (): Promise<void> => {
    await ('payee' in half ? half.payee : half.payer).stop()
    await side.close()
  }
  return {
    side: () => side,
    half: () => half,
    async restart() {
      await close()
      side = await openSide(chain, index, directory)
      half = await open(chain, side)
    },
    async stop() {
      await close()
      await remove()
    },
  }
}

/** The half that earns, with account `index`. */
export async function earningSide(chain: TestChain, index: number) {
  return createSide(chain, index, openEarning)
}

/** The half that pays, with account `index`; its wallet is registered, so its bids are a chain. */
export async function payingSide(chain: TestChain, index: number) {
  const made = await createSide(chain, index, openPaying)
  const publicKey = publicKeyOfPeer((await peerKey(1)).peerId) as Uint8Array
  const { users } = checkComponents(chain, made.side())
  await users.register(publicKey, '', { id: 'user' })
  return made
}
