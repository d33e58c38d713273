import { versionedCodec } from '../../store/codec.ts'
import type { Store } from '../../store/store.ts'

/** What redeeming one ticket uses. */
export interface RedeemGas {
  /** Gas of one redemption, its share of a batch where there was one. */
  gas(): bigint
}

/** A {@link RedeemGas} that learns from what redemptions really used. */
export interface TrackedRedeemGas extends RedeemGas {
  /** A simulation said so; counts until something was mined. */
  simulated(gas: bigint): void
  /** A mined redemption used so much; durable when it resolves. */
  mined(gas: bigint): Promise<void>
}

/** Each receipt moves the value by this part of the difference. */
const WEIGHT = 8n

/** The value after one more sample. Pure. */
export function moved(value: bigint, sample: bigint): bigint {
  const difference = sample - value
  // Rounded away from zero, or the value would never arrive.
  const step = difference < 0n ? difference - (WEIGHT - 1n) : difference + (WEIGHT - 1n)
  return value + step / WEIGHT
}

const codec = versionedCodec<bigint>({
  name: 'gas of a redemption',
  version: 1,
  parse(value) {
    if (typeof value === 'bigint') return value
    if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
    throw new TypeError('not an integer')
  },
})

const KEY = 'moving'

/**
 * The gas of a redemption as this node has met it: a moving value over receipts that survives a
 * restart. Until the first receipt it is the last simulation, and before that the configured value.
 */
export async function openRedeemGas(
  store: Store,
  init: { readonly initial: bigint },
): Promise<TrackedRedeemGas> {
  const table = store.table('redeem-gas', codec)
  return tracked(init.initial, await table.get(KEY), (value) => table.put(KEY, value))
}

/** The same without a store, for a redemption that nobody else asks for it. */
export function createRedeemGas(init: { readonly initial: bigint }): TrackedRedeemGas {
  return tracked(init.initial, undefined, async () => {})
}

function tracked(
  initial: bigint,
  known: bigint | undefined,
  save: (value: bigint) => Promise<void>,
): TrackedRedeemGas {
  let received = known
  let guess = initial
  return {
    gas: () => received ?? guess,
    simulated(gas) {
      guess = gas
    },
    async mined(gas) {
      received = received === undefined ? gas : moved(received, gas)
      await save(received)
    },
  }
}
