import { sleep } from '../../../src/lib/abort.ts'
import { chainParameters } from '../chain-setup.ts'
import {
  isOver,
  isUnderWay,
  nothingMissing,
  type Scenario,
  type Stage,
  verdict,
} from './scenario.ts'

const FACTOR = 200n
const SPIKE_MS = 20_000
/** The price is looked at every five seconds; what was sent before is mined soon after. */
const NOTICED_BLOCKS = 8n

/** Gas costs two hundred times as much for a while. */
export const scenario: Scenario = {
  about: 'gas becomes dear for a while; streams go on at their price, winners wait',
  options: { realtime: true },
  changes: (role) =>
    role === 'orchestrator' ? { own: { tickets: { redemption: { maxCostPercent: 50 } } } } : {},
  async play(stage) {
    await stage.when((snapshot) => isUnderWay(snapshot, 2))
    const from = await stage.chain.client.blockNumber()
    stage.tell(`gas costs ${FACTOR} times as much from block ${from + 1n} on`)
    await spike(stage)
    const to = await stage.chain.client.blockNumber()
    stage.tell(`gas is cheap again after block ${to}`)
    const waited = stage.network.orchestrators.length
    const end = await stage.when(isOver)
    const events = await stage.chain.broker.events({
      fromBlock: from + NOTICED_BLOCKS,
      toBlock: to,
    })
    const redeemed = events.filter(({ type }) => type === 'WinningTicketRedeemed').length
    const prices = end.broadcasters.flatMap(({ broadcaster }) =>
      broadcaster.orders.map(({ provider, priceNum }) => `${provider} ${priceNum}`),
    )
    const byProvider = new Set(prices.map((line) => line.split(' ')[0]))
    return [
      verdict(
        'nothing was redeemed while gas was dear',
        redeemed === 0,
        `${redeemed} redeemed, ${waited} nodes`,
      ),
      verdict(
        'no price changed',
        new Set(prices).size === byProvider.size,
        `${prices.length} orders`,
      ),
    ]
  },
  verdicts(ending) {
    const { won, redeemed } = ending.report.tickets
    return [
      ...nothingMissing(ending),
      verdict(
        'every winner was redeemed afterwards',
        won > 0 && redeemed === won,
        `${redeemed} of ${won}`,
      ),
    ]
  },
}

/** Empty blocks make gas cheaper, so the price is set again for every block. */
async function spike({ chain, signal }: Stage): Promise<void> {
  const high = `0x${(chainParameters.gasPriceWei * FACTOR).toString(16)}`
  const endMs = performance.now() + SPIKE_MS
  while (performance.now() < endMs) {
    await chain.rpc('anvil_setNextBlockBaseFeePerGas', [high])
    await sleep(200, { signal })
  }
  await chain.rpc('anvil_setNextBlockBaseFeePerGas', [
    `0x${chainParameters.gasPriceWei.toString(16)}`,
  ])
}
