import { readUint } from '../../lib/bytes.ts'
import type { Address } from '../../lib/crypto/address.ts'
import { randBytes } from '../../lib/crypto/random.ts'
import { ok, type Result } from '../../lib/result.ts'
import type { Wei } from '../../lib/wei.ts'
import type { RailFault } from '../rail.ts'
import type { BlockClock } from './chain-clock.ts'
import { refuse } from './faults.ts'
import type { TimeManager } from './ports.ts'
import type { RecipientSecret } from './recipient-secret.ts'
import type { RedeemCost } from './redeem-cost.ts'
import type { SenderMonitor } from './sender-monitor.ts'
import { recipientRandHash, type TicketExpirationParams, type TicketParams } from './ticket.ts'
import { sizeTicket, type TicketParamsConfig } from './ticket-params.ts'

/** What params are made from. */
export interface ParamsComponents {
  readonly address: Address
  readonly secret: RecipientSecret
  readonly time: TimeManager
  readonly blocks: BlockClock
  readonly monitor: Pick<SenderMonitor, 'maxFloat' | 'validateSender'>
}

/** Params for a sender whose steps cost about so much. */
export async function makeParams(
  components: ParamsComponents,
  config: TicketParamsConfig,
  cost: RedeemCost,
  sender: Address,
  feePerStep: Wei,
): Promise<Result<TicketParams, RailFault>> {
  const funds = await components.monitor.validateSender(sender)
  if (!funds.ok) return funds
  const expirationParams = currentExpiration(components.time)
  if (expirationParams === null) {
    const detail = 'no round with a block hash is known yet'
    return refuse('not-ready', 'ROUND_NOT_INITIALIZED', detail)
  }
  const maxFloat = await components.monitor.maxFloat(sender)
  const size = sizeTicket(config, feePerStep, cost.current().costWei, maxFloat)
  if (!size.ok) return size
  const open = {
    recipient: components.address,
    ...size.value,
    seed: randBytes(32),
    expirationBlock: components.blocks.now() + config.paramsLifeBlocks,
    expirationParams,
  }
  return ok({
    ...open,
    recipientRandHash: recipientRandHash(components.secret.recipientRand(open, sender)),
  })
}

/** The last round that has a block hash: this one, or the one before while this one has none. */
function currentExpiration(time: TimeManager): TicketExpirationParams | null {
  const round = time.lastInitializedRound()
  const hash = time.lastInitializedBlockHash()
  if (readUint(hash) !== 0n) return { creationRound: round, creationRoundBlockHash: hash }
  const previous = time.preLastInitializedBlockHash()
  if (round === 0n || readUint(previous) === 0n) return null
  return { creationRound: round - 1n, creationRoundBlockHash: previous }
}
