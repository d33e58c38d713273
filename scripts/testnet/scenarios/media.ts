import type { ContractAddresses } from '../../../src/chain/deploy.ts'
import { createMediaExchange, ETHER } from '../../../src/chain/media-exchange.ts'
import { sleep } from '../../../src/lib/abort.ts'
import type { Address } from '../../../src/lib/crypto/address.ts'
import { fundSender } from '../chain-setup.ts'
import type { PeerProcess } from '../peer-process.ts'
import type { ReportInit } from '../report.ts'
import type { Backstage, ScenarioReport } from './scenario.ts'

/** Time for one part of a scenario. */
const PART_TIMEOUT_MS = 180_000

/** An order in the status of a broadcaster or an orchestrator. */
interface OrderJson {
  readonly orderId: string
  readonly debitedWei: string
}

/** What a publisher says of itself. */
export interface PublisherJson {
  readonly publisher: {
    readonly uploads: readonly {
      readonly state: string
      readonly segments: number
      readonly video?: string
      readonly error?: string
    }[]
    readonly sales: readonly {
      readonly paidWei: string
      readonly segments: number
      readonly state: string
    }[]
    readonly catalog: readonly { readonly duration: number }[]
  }
  readonly broadcaster: { readonly orders: readonly OrderJson[] }
}

/** One statement about money. */
export type MediaCheck = ScenarioReport['checks'][number]

/** Compares two amounts. */
export function check(what: string, left: bigint, right: bigint): MediaCheck {
  return { what, left: left.toString(), right: right.toString(), holds: left === right }
}

/** Where the contracts are, for the config of a node. */
export function mediaChain(contracts: ContractAddresses): object {
  const { mediaExchange, userRegistry, videoRegistry } = contracts
  return { chain: { media: { mediaExchange, userRegistry, videoRegistry } } }
}

/** Loopback, and a way into the network. */
export function networkOf(bootstrap: readonly string[]): object {
  return { network: { listen: ['/ip4/127.0.0.1/tcp/0'], bootstrap, allowLoopback: true } }
}

/** Starts a node that publishes a video, which is transcoded on the market, and waits until it is. */
export async function startPublisher(
  { chain, network }: ReportInit,
  stage: Backstage,
  own: object,
): Promise<PeerProcess> {
  const account = stage.firstAccount
  stage.onStep('publisher-1: has its video transcoded by the orchestrators')
  await fundSender(chain, { index: account, directory: stage.directory })
  const bootstrap = network.orchestrators.flatMap(({ ready }) => ready.addresses)
  const peer = await stage.start('publisher', 1, account, {
    ...networkOf(bootstrap),
    broadcaster: { profiles: ['240p'] },
    ...own,
  })
  await until<PublisherJson>(peer, stage.signal, ({ publisher }) => {
    const [upload] = publisher.uploads
    if (upload?.state === 'failed') throw new Error(`not published: ${upload.error}`)
    return upload?.state === 'published'
  })
  return peer
}

/** Waits until a node says that something is so. */
export async function until<T>(
  peer: PeerProcess,
  signal: AbortSignal,
  isSo: (status: T) => boolean,
): Promise<T> {
  const giveUpAt = Date.now() + PART_TIMEOUT_MS
  for (;;) {
    const status = await peer.status<T>()
    if (status !== null && isSo(status)) return status
    if (!peer.isRunning()) throw new Error(`${peer.name} has died; see ${peer.logFile}`)
    if (Date.now() > giveUpAt) throw new Error(`${peer.name} took too long; see ${peer.logFile}`)
    await sleep(300, { signal })
  }
}

/** What the publisher paid for transcoding, by its books and by those of the orchestrators. */
export async function transcodingChecks(
  publisher: PublisherJson,
  { network }: ReportInit,
): Promise<readonly MediaCheck[]> {
  const own = new Map(publisher.broadcaster.orders.map((order) => [order.orderId, order]))
  const statuses = await Promise.all(
    network.orchestrators.map((peer) =>
      peer.status<{ orchestrator: { orders: readonly OrderJson[] } }>(),
    ),
  )
  const theirs = statuses
    .flatMap((status) => status?.orchestrator.orders ?? [])
    .filter(({ orderId }) => own.has(orderId))
  return [check('fees of transcoding, booked = charged', sumOf([...own.values()]), sumOf(theirs))]
}

function sumOf(orders: readonly OrderJson[]): bigint {
  return orders.reduce((sum, { debitedWei }) => sum + BigInt(debitedWei), 0n)
}

/** Balances with the exchange, and what the contract itself holds. */
export async function balancesOf(
  { chain }: ReportInit,
  accounts: readonly Address[],
): Promise<{ readonly of: readonly bigint[]; readonly held: bigint }> {
  const contract = { address: chain.contracts.mediaExchange }
  const exchange = createMediaExchange({ client: chain.client }, contract)
  const of = await Promise.all(accounts.map((account) => exchange.balanceOf(ETHER, account)))
  return { of, held: await chain.client.balance(contract.address) }
}
