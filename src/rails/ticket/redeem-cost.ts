import type { Wei } from '../../lib/wei.ts'
import type { GasPriceMonitor } from './ports.ts'

/** What redeeming a ticket is taken to cost when tickets are sized. */
export interface RedeemCostInUse {
  readonly gasPriceWei: Wei
  readonly redeemGas: bigint
  readonly costWei: Wei
}

/** The cost that tickets are sized by. */
export interface RedeemCost {
  /** Looks at the prices of now, and moves to them when they are too far from those in use. */
  current(): RedeemCostInUse
}

/** How far the cost may be from the one in use: a quarter of it. Thousandths. */
const BAND_PERMILLE = 250n

/** The cost to use: the one held until the present one leaves the band around it. Pure. */
export function holdCost(
  held: RedeemCostInUse | undefined,
  present: RedeemCostInUse,
  bandPermille: bigint = BAND_PERMILLE,
): RedeemCostInUse {
  if (held === undefined) return present
  const off = present.costWei - held.costWei
  const distance = off < 0n ? -off : off
  return distance * 1_000n > held.costWei * bandPermille ? present : held
}

/**
 * A cost with hysteresis, so that params do not change with every block's price: face value, and
 * with it every sender's need of reserve, moves only when the price really has.
 */
export function createRedeemCost(components: {
  readonly gas: GasPriceMonitor
  redeemGas(): bigint
}): RedeemCost {
  let held: RedeemCostInUse | undefined
  return {
    current() {
      const gasPriceWei = components.gas.gasPrice()
      const redeemGas = components.redeemGas()
      held = holdCost(held, { gasPriceWei, redeemGas, costWei: gasPriceWei * redeemGas })
      return held
    },
  }
}
