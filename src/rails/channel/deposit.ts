import { bytesEqual } from '../../lib/bytes.ts'
import { assetOf, hash160Of, hexBytes, partyOf, quantityOf, sequenceOf } from './checks.ts'
import { channelError } from './errors.ts'
import { type ChannelFacts, confirmationsOf } from './facts.ts'
import { type ChannelState, initialState, openState } from './state.ts'
import { bareHex, encodeTerms, parseTerms, type Terms } from './terms.ts'
import { depositCall } from './unsigned.ts'

/** What {@link makeDeposit} is told. Hex without prefix; the keys of parties are accounts here. */
export interface MakeDeposit {
  /** 20 bytes; zero for ether. */
  readonly asset: string
  readonly payerPubkey: string
  readonly payeePubkey: string
  readonly spendSecretHash: string
  /** Blocks. */
  readonly expireTime: number
  readonly quantity: bigint
}

/** What the payer has, in the units named. */
export interface PayerFunds {
  /** Of the asset. */
  readonly balance: bigint
  /** Wei for gas, on top of a deposit in ether. */
  readonly gas: bigint
  /** Wei of the payer; for ether the same as `balance`. */
  readonly wei: bigint
}

/**
 * Creates a deposit and the payer's first state (`mpc_make_deposit`).
 *
 * @throws `INVALID_HEX_DATA`, `INVALID_PUB_KEY`, `INVALID_HASH160`, `INVALID_SEQUENCE`,
 * `INVALID_QUANTITY`, `INSUFFICIENT_FUNDS`, `CHANNEL_ALREADY_USED`
 */
export function makeDeposit(
  request: MakeDeposit,
  facts: ChannelFacts & { readonly funds: PayerFunds },
): { readonly state: ChannelState; readonly topublish: string; readonly deposit_script: string } {
  const terms: Terms = {
    asset: assetOf(request.asset),
    payer: partyOf(request.payerPubkey, 'payer_pubkey'),
    payee: partyOf(request.payeePubkey, 'payee_pubkey'),
    spendHash: hash160Of(request.spendSecretHash, 'spend_secret_hash'),
    expireTime: sequenceOf(request.expireTime, 'expire_time'),
  }
  const quantity = quantityOf(request.quantity)
  const { balance, gas, wei } = facts.funds
  const neededWei = BigInt(terms.asset) === 0n ? quantity + gas : gas
  if (balance < quantity || wei < neededWei) {
    throw channelError('INSUFFICIENT_FUNDS', `${balance} is there, ${quantity} and gas are needed`)
  }
  if (facts.channel !== null && facts.channel.openedAt !== 0n) {
    throw channelError('CHANNEL_ALREADY_USED', 'there was a channel of the same terms')
  }
  const depositScript = bareHex(encodeTerms(terms))
  return {
    state: initialState(terms, depositScript),
    topublish: depositCall(facts.domain, terms, quantity),
    deposit_script: depositScript,
  }
}

/** What {@link setDeposit} is told. */
export interface SetDeposit {
  readonly asset: string
  readonly depositScript: string
  readonly expectedPayeePubkey: string
  readonly expectedSpendSecretHash: string
}

/**
 * The payee's first state for a deposit (`mpc_set_deposit`).
 *
 * @throws `INVALID_HEX_DATA`, `INVALID_PUB_KEY`, `INVALID_DEPOSIT_SCRIPT`, `INCORRECT_PUB_KEY`,
 * `INCORRECT_SPEND_SECRET_HASH`
 */
export function setDeposit(request: SetDeposit): { readonly state: ChannelState } {
  const asset = assetOf(request.asset)
  const script = hexBytes(request.depositScript, 'deposit_script')
  const payee = partyOf(request.expectedPayeePubkey, 'expected_payee_pubkey')
  const expected = hexBytes(request.expectedSpendSecretHash, 'expected_spend_secret_hash')
  const terms = parseTerms(script)
  if (terms === null || terms.asset !== asset) {
    throw channelError('INVALID_DEPOSIT_SCRIPT', 'the deposit script does not say what it should')
  }
  if (terms.payee !== payee) {
    throw channelError('INCORRECT_PUB_KEY', `the deposit is for ${terms.payee}`)
  }
  if (!bytesEqual(terms.spendHash, expected)) {
    throw channelError('INCORRECT_SPEND_SECRET_HASH', 'the deposit has another spend secret')
  }
  return { state: initialState(terms, request.depositScript) }
}

/**
 * Blocks for which a deposit is still safe for its payee, less the clearance for publishing
 * (`deposit_ttl`); null while there is no deposit.
 *
 * @throws `INVALID_STATE`
 */
export function depositTtl(state: ChannelState, facts: ChannelFacts, clearance = 0): number | null {
  const { terms } = openState(facts.domain, state)
  if (facts.channel === null || facts.channel.openedAt === 0n) return null
  const confirmations = Number(confirmationsOf(facts.block, facts.channel.openedAt))
  return Math.max(terms.expireTime - confirmations - clearance, 0)
}
