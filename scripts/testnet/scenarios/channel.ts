import { type ChannelEvent, createPaymentChannels } from '../../../src/chain/payment-channels.ts'
import type { ReportInit } from '../report.ts'
import { type Snapshot, sumWei } from '../statuses.ts'
import type { Scenario, ScenarioReport } from './scenario.ts'

/** A channel in the status of either side. */
interface ChannelJson {
  readonly channel: string
  readonly transferred: string
  /** Of its payer. */
  readonly deposited: string
  readonly stage: string
  /** Of its payee. */
  readonly over: boolean
}

/** The run by channel in numbers; amounts are decimal strings of wei. */
export interface ChannelReport extends ScenarioReport {
  readonly channels: number
  readonly commitsPublished: number
  readonly depositedWei: string
  readonly transferredWei: string
  readonly paidOutWei: string
  readonly changeWei: string
}

/** Streams that are paid by channel; every channel is settled on the chain at the end. */
export const channel: Scenario & { report(init: ReportInit): Promise<ChannelReport> } = {
  name: 'channel',
  configOf: (role, { paymentChannels }) => ({
    chain: { paymentChannels, reorgDepth: 4 },
    ...(role === 'broadcaster'
      ? {
          broadcaster: {
            rails: ['channel'],
            // Settled soon after the last payment, but not between two segments.
            channels: { deposit: '0.05 ether', maxDeposit: '5 ether', delayBlocks: 4 },
          },
        }
      : {}),
    ...(role === 'orchestrator'
      ? { orchestrator: { rails: ['channel', 'ticket'], channels: { idleBlocks: 15 } } }
      : {}),
  }),
  isSettled: (snapshot) =>
    payerChannels(snapshot).every(({ stage }) => stage === 'over') &&
    payeeChannels(snapshot).every(({ over }) => over),
  async report({ chain, snapshot }) {
    const contract = { address: chain.contracts.paymentChannels }
    const channels = createPaymentChannels({ client: chain.client }, contract)
    const toBlock = await chain.client.blockNumber()
    const events = await channels.events({ fromBlock: 0n, toBlock })
    const deposited =
      amountOf(events, 'Deposited', 'amount') + amountOf(events, 'ToppedUp', 'amount')
    const paidOut = amountOf(events, 'PaidOut', 'quantity')
    const change =
      amountOf(events, 'ChangeRecovered', 'amount') + amountOf(events, 'Expired', 'amount')
    const { broadcasters, orchestrators } = snapshot
    const credited = sumWei(
      orchestrators.flatMap(({ orchestrator }) => orchestrator.orders),
      ({ creditedWei }) => creditedWei,
    )
    const paid = sumWei(
      broadcasters.flatMap(({ broadcaster }) => broadcaster.orders),
      ({ creditedWei }) => creditedWei,
    )
    const transferred = sumWei(payeeChannels(snapshot), (one) => one.transferred)
    const checks = [
      check('deposits = payouts + change', deposited, paidOut + change),
      check('nothing is left in the contract', await chain.client.balance(contract.address), 0n),
      check('payouts = what payees were credited by commits', paidOut, transferred),
      check('credit of orders = what commits moved', credited, transferred),
      check(
        "payers' commits = payees' commits",
        sumWei(payerChannels(snapshot), (one) => one.transferred),
        transferred,
      ),
      check(
        "payers' deposits = deposits on chain",
        sumWei(payerChannels(snapshot), (one) => one.deposited),
        deposited,
      ),
      check('credit of orders = what payers paid', credited, paid),
    ]
    return {
      channels: events.filter(({ type }) => type === 'Deposited').length,
      commitsPublished: events.filter(({ type }) => type === 'CommitPublished').length,
      depositedWei: deposited.toString(),
      transferredWei: transferred.toString(),
      paidOutWei: paidOut.toString(),
      changeWei: change.toString(),
      reconciled: paidOut > 0n && checks.every(({ holds }) => holds),
      checks,
    }
  },
}

function payerChannels({ broadcasters }: Snapshot): readonly ChannelJson[] {
  return broadcasters.flatMap(({ broadcaster }) => channelsIn(broadcaster))
}

function payeeChannels({ orchestrators }: Snapshot): readonly ChannelJson[] {
  return orchestrators.flatMap(({ orchestrator }) => channelsIn(orchestrator))
}

function channelsIn(status: object): readonly ChannelJson[] {
  return 'channels' in status ? (status.channels as readonly ChannelJson[]) : []
}

function amountOf(
  events: readonly ChannelEvent[],
  type: ChannelEvent['type'],
  field: 'amount' | 'quantity',
): bigint {
  const amounts = events.filter((event) => event.type === type)
  return amounts.reduce((sum, event) => sum + fieldOf(event, field), 0n)
}

function fieldOf(event: ChannelEvent, field: 'amount' | 'quantity'): bigint {
  const value: unknown = Reflect.get(event, field)
  return typeof value === 'bigint' ? value : 0n
}

function check(what: string, left: bigint, right: bigint): ScenarioReport['checks'][number] {
  return { what, left: left.toString(), right: right.toString(), holds: left === right }
}
