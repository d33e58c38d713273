import type { Startable } from '../lib/lifecycle.ts'
import type { RedemptionDesk } from '../rails/ticket/redemption-desk.ts'

/** A role as the node runs it. */
export interface BuiltRole extends Startable {
  /** This role's part of the node's status. */
  status(): Promise<object>
  /** Why the role cannot do its work now; empty when it can. */
  complaints(): Promise<readonly string[]>
  /** The operator's hand on winning tickets, where the role redeems any. */
  readonly desk?: RedemptionDesk | null
}
