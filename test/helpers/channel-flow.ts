import type { Result } from '../../src/lib/result.ts'
import type { ChannelPayee, ChannelPayer } from '../../src/rails/channel/open.ts'
import type { EarnSession, PaymentContext, PaySession, RailFault } from '../../src/rails/rail.ts'
import type { TestChain } from './chain.ts'
import type { ChainSide } from './chain-side.ts'
import type { Half } from './channel-sides.ts'
import { until } from './fixtures.ts'

/** What a refusal would hide. */
export function value<T>(result: Result<T, RailFault>): T {
  if (!result.ok)
    throw new Error(`${result.error.class} ${result.error.code}: ${result.error.detail}`)
  return result.value
}

/** An order on a channel, both sides of it. */
export interface Flow {
  readonly session: PaySession
  readonly earn: EarnSession
  /** Pays and credits; gives what was credited. */
  pay(due: bigint): Promise<bigint>
}

/** Opens an order between two halves. */
export async function openFlow(
  payer: Half<ChannelPayer>,
  payee: Half<ChannelPayee>,
  orderId = '0x01',
): Promise<Flow> {
  const offerInit = { payer: payer.side().wallet.address, feePerStep: 1_000n }
  const context: PaymentContext = {
    orderId,
    payer: payer.side().wallet.address,
    payee: payee.side().wallet.address,
  }
  const offer = value(await payee.half().rail.offer(offerInit))
  const session = value(await payer.half().rail.openPay(context, offer))
  const earn = payee.half().rail.openEarn(context, offerInit)
  return {
    session,
    earn,
    async pay(due) {
      let paid = await session.pay(due)
      if (!paid.ok && paid.error.class === 'new-params') {
        value(await session.useGrant(value(await earn.grant())))
        paid = await session.pay(due)
      }
      const { proof } = value(paid)
      let credit = await earn.receive(proof)
      // The payee may see the block of the deposit a little later than its payer.
      for (let tries = 0; tries < 100; tries += 1) {
        if (credit.ok || credit.error.class !== 'not-ready') break
        await new Promise((resolve) => setTimeout(resolve, 20))
        credit = await earn.receive(proof)
      }
      const received = value(credit)
      await payee.side().store.batch(received.writes)
      received.committed()
      return received.credited
    },
  }
}

/** Mines until a condition holds, as time would. */
export async function mineUntil(
  chain: TestChain,
  condition: () => boolean | Promise<boolean>,
  sides: readonly ChainSide[] = [],
): Promise<void> {
  while (!(await condition())) {
    await chain.cheat.mine({ blocks: 1 })
    const head = await chain.cheat.getBlockNumber({ cacheTime: 0 })
    for (const { time } of sides) await until(() => time.lastSeenBlock() >= head)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}
