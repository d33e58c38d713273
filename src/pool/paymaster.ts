import { type AbortOptions, isAbort, sleep } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import { messageOf } from '../lib/errors.ts'
import type { Startable } from '../lib/lifecycle.ts'
import type { Logger } from '../lib/logger.ts'
import { TaskGroup } from '../lib/tasks.ts'
import { formatWei, minBig, type Wei } from '../lib/wei.ts'
import type { PayerRail } from '../rails/rail.ts'
import type { WorkerAccounts } from './accounts.ts'
import { poolLimits } from './limits.ts'
import type { PoolMetrics } from './metrics.ts'
import type { RemoteMember } from './remote-member.ts'
import type { ChainFacts } from './wire.ts'

/** Pays workers what they have earned. */
export interface Paymaster extends Startable {
  /** Why someone waits for pay; empty when nobody does. */
  complaints(): readonly string[]
}

/** What a paymaster works with. */
export interface PaymasterComponents {
  readonly accounts: WorkerAccounts
  readonly rail: PayerRail
  readonly logger: Logger
  readonly metrics: PoolMetrics
  members(): readonly RemoteMember[]
  /** What a worker must know of the chain to be paid; null while it cannot be asked. */
  facts(): Promise<ChainFacts | null>
}

/** When and how much is paid. */
export interface PaymasterInit {
  readonly payer: Address
  readonly intervalMs: number
  /** Less than this is left for later. */
  readonly minimum: Wei
  /** The most that is paid at once. */
  readonly most: Wei
}

/**
 * Pays every worker with an account that is in the pool, again and again.
 *
 * Invariant: a payment is booked before it is sent, and sent again, the same, until it is answered;
 * so nothing is paid twice. One that its worker refuses counts as paid: its tickets are signed.
 */
export function createPaymaster(components: PaymasterComponents, init: PaymasterInit): Paymaster {
  const { accounts, members, logger } = components
  const controller = new AbortController()
  const tasks = new TaskGroup(logger)
  const faults = new Map<string, string>()

  const note = (member: RemoteMember, fault: string | null): void => {
    if (fault === null) faults.delete(member.id)
    else if (faults.get(member.id) !== fault) {
      faults.set(member.id, fault)
      logger.warn({ worker: member.id, fault }, 'a worker is not paid')
    }
  }
  const payAll = async (signal: AbortSignal): Promise<void> => {
    const payable = members().filter(({ account }) => account !== null)
    const present = new Set(payable.map(({ id }) => id))
    for (const id of faults.keys()) if (!present.has(id)) faults.delete(id)
    for (const member of payable) {
      try {
        note(member, await payOne(components, init, member, { signal }))
      } catch (error) {
        signal.throwIfAborted()
        if (isAbort(error)) note(member, 'it does not answer')
        else note(member, messageOf(error))
      }
    }
  }
  return {
    complaints() {
      const owed = [...faults.keys()].reduce((sum, id) => sum + accounts.due(id), 0n)
      const [why] = faults.values()
      return owed === 0n ? [] : [`transcoders wait for ${formatWei(owed)}: ${why}`]
    },
    async start() {
      const { signal } = controller
      tasks.run(async () => {
        for (;;) {
          await sleep(init.intervalMs, { signal })
          await payAll(signal)
        }
      })
    },
    async stop() {
      controller.abort()
      await tasks.drain()
    },
  }
}

/** Pays one worker what is due; why it could not, or null. */
async function payOne(
  components: PaymasterComponents,
  init: PaymasterInit,
  member: RemoteMember,
  options: AbortOptions,
): Promise<string | null> {
  const { accounts, rail } = components
  const { id, account: payee } = member
  const before = accounts.pending(id)
  if (before !== undefined) await deliver(components, member, before.proof, options)
  for (let count = 0; count < poolLimits.maxPaymentsAtOnce; count++) {
    const due = minBig(accounts.due(id), init.most)
    if (payee === null || due === 0n || due < init.minimum) return null
    const facts = await components.facts()
    if (facts === null) return 'the chain cannot be asked'
    const offer = await member.askOffer(due, facts, options)
    if (!offer.ok) return `it makes no offer: ${offer.error}`
    const context = { orderId: `pool/${id}`, payer: init.payer, payee }
    const session = await rail.openPay(context, offer.value)
    if (!session.ok) return `${session.error.code}: ${session.error.detail}`
    const paid = await session.value.pay(due)
    if (!paid.ok) return `${paid.error.code}: ${paid.error.detail}`
    await accounts.paying(id, paid.value)
    components.metrics.pay('paid', paid.value.value)
    await deliver(components, member, paid.value.proof, options)
  }
  return null
}

async function deliver(
  { accounts, logger }: PaymasterComponents,
  member: RemoteMember,
  proof: Uint8Array,
  options: AbortOptions,
): Promise<void> {
  const credited = await member.pay(proof, options)
  if (credited === null) logger.warn({ worker: member.id }, 'a worker refused its pay')
  await accounts.answered(member.id)
}
