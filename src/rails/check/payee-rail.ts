import { type Address } from '../../lib/crypto/address.ts'
import { ok, type Result } from '../../lib/result.ts'
import { ceilDiv } from '../../lib/wei.ts'
import type {
  EarnSession,
  OfferInit,
  PayeeRail,
  PaymentContext,
  RailFault,
  Received,
} from '../rail.ts'
import type { CheckDomain } from './digest.ts'
import { refuse } from './faults.ts'
import { checkLimits } from './limits.ts'
import type { CheckPayee } from './payee-port.ts'
import { encodeOffer, parseProof } from './wire.ts'

/** The rail's name on the wire. */
export const CHECK_RAIL = 'check'

/** How the earning half offers itself. */
export interface CheckPayeeRailInit {
  readonly domain: CheckDomain
  /** Own communication key, as a peer id. */
  readonly peerId: string
  readonly wallet: Address
  /** What it wants to be paid in. */
  readonly asset: Address
}

/** The check rail as whoever earns uses it. */
export function createCheckPayeeRail(
  { payee }: { readonly payee: CheckPayee },
  init: CheckPayeeRailInit,
): PayeeRail {
  const offer = ({ feePerStep }: OfferInit): Uint8Array => {
    const { chainId, exchange } = init.domain
    const bid = ceilDiv(feePerStep > 0n ? feePerStep : 1n, checkLimits.partsPerStep)
    return encodeOffer({
      ...{ chainId, exchange, to: init.peerId, payee: init.wallet, asset: init.asset, bid },
      duration: Number(checkLimits.partsPerStep * checkLimits.stepsPerChannel),
    })
  }
  return {
    id: CHECK_RAIL,
    offer: async (offered) => ok(offer(offered)),
    openEarn: (context, offered) => createEarnSession(payee, context, () => offer(offered)),
  }
}

function createEarnSession(
  payee: CheckPayee,
  context: PaymentContext,
  offer: () => Uint8Array,
): EarnSession {
  return {
    async receive(proof): Promise<Result<Received, RailFault>> {
      const parsed = parseProof(proof)
      if (!parsed.ok) return refuse('fatal', 'MALFORMED', 'the payment cannot be read')
      const { bid, check } = parsed.value
      if (bid !== null && !(await payee.knows(bid))) {
        const { payer, orderId } = context
        const opened = await payee.accept(bid, { payer, orderId })
        if (!opened.ok) return opened
      }
      return payee.receive(check, context)
    },
    grant: async () => ok(offer()),
    grantIfDue: async () => null,
  }
}
