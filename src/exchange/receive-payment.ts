import type { RailFault } from '../rails/rail.ts'
import type { ProviderOrder } from './provider-orders.ts'
import type { ErrorMessage, ProviderMessage } from './segment-wire.ts'
import type { WireErrorCode } from './wire-error.ts'

/** A typed refusal under an order, with its credit as it stands. */
export function refusal(
  order: ProviderOrder,
  code: WireErrorCode,
  index: bigint | null,
  detail: string,
): ErrorMessage {
  return { type: 'error', code, index, detail, credit: order.credit(), grant: null, missing: 0n }
}

/** Credits a payment, or only hands out a grant when there is none. */
export async function takePayment(
  order: ProviderOrder,
  payment: Uint8Array,
): Promise<Extract<ProviderMessage, { type: 'paid' | 'error' }>> {
  let credited = 0n
  if (payment.byteLength > 0) {
    const received = await order.receive(payment)
    if (!received.ok) return paymentError(order, null, received.error)
    credited = received.value
  }
  const grant = payment.byteLength > 0 ? await order.earn.grantIfDue() : await freshGrant(order)
  return { type: 'paid', credited, credit: order.credit(), grant }
}

const CODES: Readonly<Record<RailFault['class'], WireErrorCode>> = {
  fatal: 'FATAL_PAYMENT',
  'new-params': 'NEW_PAYMENT_PARAMS',
  underfunded: 'PAYER_UNDERFUNDED',
  limit: 'BUSY',
  'not-ready': 'BUSY',
}

async function freshGrant(order: ProviderOrder): Promise<Uint8Array | null> {
  const grant = await order.earn.grant()
  return grant.ok ? grant.value : null
}

/** A rail's refusal in the wire's terms, with what the payer needs to put it right. */
export async function paymentError(
  order: ProviderOrder,
  index: bigint | null,
  fault: RailFault,
): Promise<ErrorMessage> {
  const code = CODES[fault.class]
  const grant = code === 'NEW_PAYMENT_PARAMS' ? await freshGrant(order) : null
  return { ...refusal(order, code, index, `${fault.code}: ${fault.detail}`), grant }
}
