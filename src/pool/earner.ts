import type { Address } from '../lib/crypto/address.ts'
import { messageOf } from '../lib/errors.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { createSerial } from '../lib/serial.ts'
import type { Wei } from '../lib/wei.ts'
import type { EarnSession, PayeeRail, RailFault } from '../rails/rail.ts'
import { versionedCodec } from '../store/codec.ts'
import type { Store } from '../store/store.ts'
import type { ToldChain } from './told-chain.ts'
import type { Earner } from './worker-session.ts'

/** The paid end of a worker with an account. */
export interface WorkerEarner extends Earner {
  /** The value of all payments ever received, in wei. */
  received(): Wei
}

const receivedCodec = versionedCodec<bigint>({
  name: 'received by a worker',
  version: 1,
  parse: (value) => BigInt(value as number | bigint),
})

const KEY = 'all'

/**
 * A worker's earnings over a rail and what it is told of the chain.
 *
 * Invariant: what a payment gives, winners among it, is stored before its receipt is sent.
 */
export async function openEarner(
  components: {
    readonly store: Store
    readonly rail: PayeeRail
    readonly chain: Pick<ToldChain, 'tell'>
  },
  init: { readonly account: Address },
): Promise<WorkerEarner> {
  const { store, rail, chain } = components
  const table = store.table('worker-received', receivedCodec)
  let received = (await table.get(KEY)) ?? 0n
  // One payment at a time, and none between the facts and the offer made from them.
  const inTurn = createSerial()
  let session: { readonly payer: Address; readonly earn: EarnSession } | null = null
  const sessionOf = (payer: Address): EarnSession => {
    if (session?.payer !== payer) {
      const context = { orderId: `pool/${payer}`, payer, payee: init.account }
      session = { payer, earn: rail.openEarn(context, { payer, feePerStep: 0n }) }
    }
    return session.earn
  }
  return {
    received: () => received,
    offer: async (payer, due, facts) =>
      inTurn(async () => {
        chain.tell(payer, facts)
        const offer = await rail.offer({ payer, feePerStep: due })
        return offer.ok ? offer : err(oneLine(offer.error))
      }),
    receive: async (payer, proof) =>
      inTurn(async (): Promise<Result<Wei, string>> => {
        try {
          const paid = await sessionOf(payer).receive(proof)
          if (!paid.ok) return err(oneLine(paid.error))
          const { credited, writes, sync, committed } = paid.value
          const total = received + credited
          await store.batch([...writes, table.putOp(KEY, total)], { sync })
          committed()
          received = total
          return ok(credited)
        } catch (error) {
          return err(messageOf(error))
        }
      }),
  }
}

function oneLine({ code, detail }: RailFault): string {
  return `${code}: ${detail}`
}
