import { freePort } from '../../scripts/testnet/delay-proxy.ts'
import { systemClock } from '../../src/lib/clock.ts'
import type { WalletSigner } from '../../src/lib/crypto/eip191.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { noMetrics } from '../../src/lib/metrics.ts'
import type { NetHost } from '../../src/net/host.ts'
import { createBinding } from '../../src/net/identity.ts'
import { createPeerKey, type PeerKey } from '../../src/net/peer-key.ts'
import { type BlockClock, openBlockClock } from '../../src/rails/ticket/chain-clock.ts'
import { createHandOver, type HandOver } from '../../src/rails/ticket/handover.ts'
import { createRedeemerLink } from '../../src/rails/ticket/handover-link.ts'
import { createTicketMetrics } from '../../src/rails/ticket/metrics.ts'
import { openRedeemerClaims, type RedeemerClaims } from '../../src/rails/ticket/redeemer-claims.ts'
import { createRedeemerDesk } from '../../src/rails/ticket/redeemer-desk.ts'
import {
  isWinningTicket,
  MAX_WIN_PROB,
  type SignedTicket,
  ticketHash,
} from '../../src/rails/ticket/ticket.ts'
import { openWinnerOrders, type WinnerOrders } from '../../src/rails/ticket/winner-orders.ts'
import { openWinnerStore, type WinnerStore } from '../../src/rails/ticket/winner-store.ts'
import type { Store } from '../../src/store/store.ts'
import { type FakeBroker, type FakeChain, fakeBroker, fakeChain } from './fakes-chain.ts'
import { type Cleanup, temporaryStore } from './fixtures.ts'
import { CHAIN_ID, createHost } from './fixtures-hosts.ts'
import { recipientWallet, senderWallet, winnerOf } from './fixtures-tickets.ts'

/** A winner that its sender really signed and that really won, one a seed. */
export function realWinner(seed: number, over: Partial<SignedTicket> = {}): SignedTicket {
  const ticket = { ...winnerOf(seed), winProb: MAX_WIN_PROB - 1n, ...over }
  const signed = { ...ticket, sig: senderWallet.signMessage(ticketHash(ticket)) }
  if (!isWinningTicket(signed, signed.sig, signed.recipientRand)) throw new Error('it lost')
  return signed
}

/** A redeemer that can be stopped and started again on the same store, key and port. */
export interface TestRedeemer {
  readonly peerId: string
  readonly address: string
  store: Store
  winners: WinnerStore
  claims: RedeemerClaims
  stop(): Promise<void>
  start(): Promise<void>
  /** What its redemption would have done with everything it holds. */
  settle(state: 'redeemed' | 'failed' | 'expired', more?: object): Promise<void>
}

/** A redeemer on a real host and a real store; its redemption is played by `settle`. */
export async function startRedeemer(
  cleanup: Cleanup,
  init: { readonly orchestrators: readonly string[]; readonly chainId?: bigint },
): Promise<TestRedeemer> {
  const peerKey = await createPeerKey()
  const listen = [`/ip4/127.0.0.1/tcp/${await freePort()}`]
  const { store, reopen } = await temporaryStore(cleanup)
  let host: NetHost
  let desk: ReturnType<typeof createRedeemerDesk>
  const redeemer = {
    peerId: peerKey.peerId,
    address: `${listen[0]}/p2p/${peerKey.peerId}`,
    store,
    async start() {
      redeemer.store = await reopen()
      redeemer.winners = await openWinnerStore(redeemer.store, silentLogger)
      redeemer.claims = await openRedeemerClaims(redeemer.store, redeemer.winners)
      ;({ host } = await createHost(cleanup, { peerKey, listen }))
      const { winners, claims } = redeemer
      const metrics = createTicketMetrics(noMetrics)
      desk = createRedeemerDesk(
        { host, winners, claims, clock: systemClock, logger: silentLogger, metrics },
        { chainId: init.chainId ?? CHAIN_ID, orchestrators: init.orchestrators },
      )
      await desk.start()
      await host.start()
    },
    async stop() {
      await desk.stop()
      await host.stop()
    },
    async settle(state, more = {}) {
      for (const winner of redeemer.winners.pending()) {
        const after = { ...winner, ...more, state }
        await redeemer.store.batch([redeemer.winners.updateOp(after)])
        redeemer.winners.updated(after)
      }
    },
  } as TestRedeemer
  await redeemer.start()
  return redeemer
}

/** An orchestrator's winners on their way to a redeemer. */
export interface TestOrchestrator {
  readonly peerKey: PeerKey
  readonly chain: FakeChain
  readonly broker: FakeBroker
  /** How far its clock is ahead. */
  aheadMs: number
  host: NetHost
  store: Store
  blocks: BlockClock
  winners: WinnerStore
  orders: WinnerOrders
  handOver: HandOver
  /** Takes winners in as a payment would. */
  win(...tickets: SignedTicket[]): Promise<void>
  stateOf(ticket: SignedTicket): Promise<string | undefined>
  /** Stops and starts on the same store and key. */
  restart(): Promise<void>
}

/** An orchestrator on a real host and a real store, over a scripted chain. */
export async function startOrchestrator(
  cleanup: Cleanup,
  redeemer: { readonly peerId: string; readonly address: string },
  over: { readonly wallet?: WalletSigner; readonly peerKey?: PeerKey } = {},
): Promise<TestOrchestrator> {
  const peerKey = over.peerKey ?? (await createPeerKey())
  const wallet = over.wallet ?? recipientWallet
  const binding = createBinding(peerKey, wallet, { chainId: CHAIN_ID })
  const chain = fakeChain()
  const broker = fakeBroker()
  const { store, reopen } = await temporaryStore(cleanup)
  const metrics = createTicketMetrics(noMetrics)
  const compose = async (): Promise<void> => {
    own.winners = await openWinnerStore(own.store, silentLogger)
    own.blocks = await openBlockClock(own.store, chain)
    own.orders = await openWinnerOrders(own.store)
    ;({ host: own.host } = await createHost(cleanup, { peerKey }))
    await own.host.start()
    const link = createRedeemerLink(
      { host: own.host, binding },
      {
        chainId: CHAIN_ID,
        redeemer: { peerId: redeemer.peerId, addresses: [redeemer.address] },
      },
    )
    const { winners, blocks, orders } = own
    own.handOver = createHandOver(
      {
        ...{ link, store: own.store, winners, orders, broker, time: chain, blocks },
        ...{ logger: silentLogger, metrics },
        clock: { now: () => Date.now() + own.aheadMs },
      },
      { ticketValidityPeriod: 2n, pauseMs: 10 },
    )
    const mine = own.handOver
    cleanup.add(async () => mine.stop())
    await own.handOver.start()
  }
  const own = {
    ...{ peerKey, chain, broker, store, aheadMs: 0 },
    async win(...tickets) {
      await own.store.batch(tickets.map((ticket) => own.winners.addOp(ticket)))
      for (const ticket of tickets) own.winners.added(ticket)
    },
    async stateOf(ticket) {
      for await (const winner of own.winners.all())
        if (winner.ticket.senderNonce === ticket.senderNonce) return winner.state
      return undefined
    },
    async restart() {
      await own.handOver.stop()
      await own.host.stop()
      own.store = await reopen()
      await compose()
    },
  } as TestOrchestrator
  await compose()
  return own
}
