import { ETHER } from '../../src/chain/media-exchange.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { Address } from '../../src/lib/crypto/address.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { noMetrics } from '../../src/lib/metrics.ts'
import { type PeerKey, peerKeyFromSeed } from '../../src/net/peer-key.ts'
import { checkSeparator } from '../../src/rails/check/digest.ts'
import { createCheckMetrics } from '../../src/rails/check/metrics.ts'
import { openCheckPayee } from '../../src/rails/check/payee.ts'
import type { CheckPayee } from '../../src/rails/check/payee-port.ts'
import { createCheckPayeeRail } from '../../src/rails/check/payee-rail.ts'
import { type CheckPayer, openCheckPayer } from '../../src/rails/check/payer.ts'
import { createCheckPayerRail } from '../../src/rails/check/payer-rail.ts'
import type { PayeeRail, PayerRail } from '../../src/rails/rail.ts'
import type { Store } from '../../src/store/store.ts'
import type { Party, TestChain } from './chain.ts'

/** A peer key that is the same on every run. */
export async function peerKey(number: number): Promise<PeerKey> {
  return peerKeyFromSeed(new Uint8Array(32).fill(number))
}

/** What both halves of the check rail are tested with. */
export interface CheckParties {
  readonly payee: CheckPayee
  readonly payer: CheckPayer
  readonly earns: PayeeRail
  readonly pays: PayerRail
  readonly separator: Uint8Array
  readonly payeeKey: PeerKey
  readonly payerKey: PeerKey
  readonly signers: Parameters<typeof openCheckPayer>[1]['signers']
}

/** What a half of the check rail stands on. */
export type CheckParty = Pick<
  Party,
  'address' | 'digests' | 'exchange' | 'users' | 'transactions' | 'store'
>

/** Both halves over a chain, each with its store. */
export async function openCheckParties(
  chain: TestChain,
  parties: {
    readonly payer: CheckParty
    readonly payee: CheckParty
    readonly payerStore?: Store
    readonly payeeStore?: Store
    readonly clock?: Clock
    readonly autoFund?: boolean
    readonly asset?: Address
    readonly maxEscrow?: bigint
  },
): Promise<CheckParties> {
  const { payer, payee, clock = systemClock, autoFund = true, asset = ETHER } = parties
  const domain = { chainId: chain.anvil.chainId, exchange: chain.addresses.mediaExchange }
  const separator = checkSeparator(domain)
  const [payerKey, payeeKey] = [await peerKey(1), await peerKey(2)]
  const common = { clock, logger: silentLogger, metrics: createCheckMetrics(noMetrics) }
  const signers = { wallet: payer.digests, key: payerKey, separator }
  const paying = await openCheckPayer(
    {
      ...{ ...common, store: parties.payerStore ?? payer.store },
      ...{ exchange: payer.exchange, users: payer.users },
    },
    { signers, maxEscrow: parties.maxEscrow ?? 10n ** 21n, autoFund },
  )
  const acceptor = { peerId: payeeKey.peerId, wallet: payee.address, assets: [asset] }
  const earning = await openCheckPayee(
    {
      ...{ ...common, store: parties.payeeStore ?? payee.store },
      ...{ exchange: payee.exchange, users: payee.users, transactions: payee.transactions },
    },
    { acceptor, separator },
  )
  const wallet = payee.address
  return {
    ...{ payee: earning, payer: paying, separator, payeeKey, payerKey, signers },
    earns: createCheckPayeeRail(
      { payee: earning },
      { domain, peerId: payeeKey.peerId, wallet, asset },
    ),
    pays: createCheckPayerRail({ payer: paying }, { domain, assets: [asset] }),
  }
}
