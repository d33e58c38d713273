import { createSenderManager } from '../../../src/chain/sender-manager.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { noMetrics } from '../../../src/lib/metrics.ts'
import { openBlockClock } from '../../../src/rails/ticket/chain-clock.ts'
import { createTicketMetrics } from '../../../src/rails/ticket/metrics.ts'
import { createTicketPayeeRail } from '../../../src/rails/ticket/payee-rail.ts'
import { createTicketPayerRail } from '../../../src/rails/ticket/payer-rail.ts'
import { createRecipient } from '../../../src/rails/ticket/recipient.ts'
import { openRecipientSecret } from '../../../src/rails/ticket/recipient-secret.ts'
import { createSender } from '../../../src/rails/ticket/sender.ts'
import { createSenderMonitor } from '../../../src/rails/ticket/sender-monitor.ts'
import { openWinnerStore } from '../../../src/rails/ticket/winner-store.ts'
import { type RailFixture, railCompliance } from '../../compliance/rail.ts'
import { bondOrchestrator, ether, startTestChain, type TestChain } from '../../helpers/chain.ts'
import { type ChainSide, openSide, ownDirectory, reorganise } from '../../helpers/chain-side.ts'
import { payeeHalf, payerHalf } from '../../helpers/channel-sides.ts'
import { earningSide, payingSide } from '../../helpers/check-sides.ts'
import { paramsConfig, senderInit } from '../../helpers/fixtures-tickets.ts'

const PAYER = 1
const PAYEE = 2
const FEE = 20_000n

/** Until a side has seen the newest block. */
async function caughtUp(side: ChainSide): Promise<void> {
  const head = await side.client.blockNumber()
  while (side.time.lastSeenBlock() < head) await new Promise((resolve) => setTimeout(resolve, 10))
}

async function openTickets(chain: TestChain, side: ChainSide) {
  const { store, time, broker, wallet, gas } = side
  const senders = createSenderManager({ broker, timeManager: time, logger: silentLogger })
  await senders.start()
  return { senders, store, time, wallet, gas, address: wallet.address, chain }
}

async function ticketPayee(chain: TestChain, side: ChainSide) {
  const { senders, store, time, gas, address } = await openTickets(chain, side)
  const winners = await openWinnerStore(store, silentLogger)
  const blocks = await openBlockClock(store, time)
  const secret = await openRecipientSecret(store)
  const monitor = createSenderMonitor({ claimant: address, time, senders, winners })
  const recipient = createRecipient(
    { address, secret, time, blocks, gas, monitor, winners, store },
    paramsConfig,
  )
  const metrics = createTicketMetrics(noMetrics)
  const init = { paramsLifeBlocks: paramsConfig.paramsLifeBlocks }
  return {
    rail: createTicketPayeeRail({ recipient, blocks, metrics }, init),
    stop: async () => senders.stop(),
  }
}

async function ticketPayer(chain: TestChain, side: ChainSide) {
  const { senders, store, time, wallet } = await openTickets(chain, side)
  const sender = createSender({ signer: wallet, time, senders, store }, senderInit)
  return {
    rail: createTicketPayerRail({ sender, metrics: createTicketMetrics(noMetrics) }),
    stop: async () => senders.stop(),
  }
}

async function ticketFixture(): Promise<RailFixture> {
  const chain = await startTestChain()
  const [operator, payer, payee] = [
    await chain.party(0),
    await chain.party(PAYER),
    await chain.party(PAYEE),
  ]
  await bondOrchestrator(operator, payee, ether(100))
  await chain.nextRound()
  await payer.broker.fundDepositAndReserve(ether(5), ether(5), payer.fresh())
  const directories = [await ownDirectory(), await ownDirectory()] as const
  const open = async <T>(
    index: number,
    make: (chain: TestChain, side: ChainSide) => Promise<T>,
  ) => {
    const { directory } = directories[index === PAYER ? 0 : 1]
    const side = await openSide(chain, index, directory)
    return { side, ...(await make(chain, side)) }
  }
  let payerSide = await open(PAYER, ticketPayer)
  let payeeSide = await open(PAYEE, ticketPayee)
  return {
    payer: payer.address,
    payee: payee.address,
    feePerStep: FEE,
    payerRail: () => payerSide.rail,
    payeeRail: () => payeeSide.rail,
    payeeStore: () => payeeSide.side.store,
    async restartPayer() {
      await payerSide.stop()
      await payerSide.side.close()
      payerSide = await open(PAYER, ticketPayer)
    },
    async restartPayee() {
      await payeeSide.stop()
      await payeeSide.side.close()
      payeeSide = await open(PAYEE, ticketPayee)
    },
    async reorganise(depth) {
      await reorganise(chain, depth)
      await chain.cheat.mine({ blocks: 1 })
      await caughtUp(payerSide.side)
      await caughtUp(payeeSide.side)
    },
    async stop() {
      for (const side of [payerSide, payeeSide]) {
        await side.stop()
        await side.side.close()
      }
      for (const { remove } of directories) await remove()
      await chain.stop()
    },
  }
}

async function channelFixture(): Promise<RailFixture> {
  const chain = await startTestChain()
  const payer = await payerHalf(chain, PAYER)
  const payee = await payeeHalf(chain, PAYEE)
  return {
    payer: payer.side().wallet.address,
    payee: payee.side().wallet.address,
    feePerStep: FEE,
    payerRail: () => payer.half().rail,
    payeeRail: () => payee.half().rail,
    payeeStore: () => payee.side().store,
    restartPayer: async () => payer.restart(),
    restartPayee: async () => payee.restart(),
    async reorganise(depth) {
      await reorganise(chain, depth)
      await chain.cheat.mine({ blocks: 1 })
      await caughtUp(payer.side())
      await caughtUp(payee.side())
    },
    async stop() {
      await payer.stop()
      await payee.stop()
      await chain.stop()
    },
  }
}

async function checkFixture(): Promise<RailFixture> {
  const chain = await startTestChain()
  const payer = await payingSide(chain, PAYER)
  const payee = await earningSide(chain, PAYEE)
  return {
    payer: payer.side().wallet.address,
    payee: payee.side().wallet.address,
    feePerStep: FEE,
    payerRail: () => payer.half().rail,
    payeeRail: () => payee.half().rail,
    payeeStore: () => payee.side().store,
    restartPayer: async () => payer.restart(),
    restartPayee: async () => payee.restart(),
    async reorganise(depth) {
      await reorganise(chain, depth)
      await chain.cheat.mine({ blocks: 1 })
      await caughtUp(payer.side())
      await caughtUp(payee.side())
    },
    async stop() {
      await payer.stop()
      await payee.stop()
      await chain.stop()
    },
  }
}

railCompliance('ticket', ticketFixture)
railCompliance('channel', channelFixture)
railCompliance('check', checkFixture)
