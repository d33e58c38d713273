import { utf8 } from '../../src/lib/bytes.ts'
import { createDigestSigner } from '../../src/lib/crypto/digest-signer.ts'
import { hash160 } from '../../src/lib/crypto/hash160.ts'
import { keccak256 } from '../../src/lib/crypto/keccak.ts'
import {
  addCommit,
  createCommit,
  digestToSign,
  requestCommit,
  withSignature,
} from '../../src/rails/channel/commit.ts'
import { makeDeposit, setDeposit } from '../../src/rails/channel/deposit.ts'
import type { ChannelFacts, OnChain } from '../../src/rails/channel/facts.ts'
import type { ChannelState } from '../../src/rails/channel/state.ts'
import { bareHex } from '../../src/rails/channel/terms.ts'

/** 32 bytes that a name stands for. */
export const named = (name: string): Uint8Array => keccak256(utf8(name))

export const domain = {
  chainId: 31_337n,
  contract: '0x5FbDB2315678afecb367f032d93F642f64180aa3',
} as const

export const payer = createDigestSigner(named('payer'))
export const payee = createDigestSigner(named('payee'))
export const spendSecret = bareHex(named('spend secret'))
export const spendSecretHash = hashOf(spendSecret)
export const ETHER = '00'.repeat(20)

/** An account as the calls take it. */
export const accountHex = (address: string): string => address.slice(2).toLowerCase()

/** HASH160 of a secret in hex. */
export function hashOf(secret: string): string {
  return bareHex(hash160(new Uint8Array(Buffer.from(secret, 'hex'))))
}

/** The revoke secret of a commit of this quantity. */
export const revokeSecretOf = (quantity: bigint): string => bareHex(named(`revoke ${quantity}`))

/** A deposit on the chain. */
export function open(balance: bigint, fields: Partial<OnChain> = {}): OnChain {
  const revokeHash = new Uint8Array(20)
  return {
    balance,
    committed: 0n,
    openedAt: 100n,
    revokeHash,
    publishedAt: 0n,
    delay: 0,
    ...fields,
  }
}

/** What the chain says, by default in the block of the deposit. */
export function factsOf(channel: OnChain | null, fields: Partial<ChannelFacts> = {}): ChannelFacts {
  return { domain, block: 100n, channel, ...fields }
}

export const rich = { balance: 10n ** 20n, gas: 10n ** 15n, wei: 10n ** 20n }

export const depositRequest = {
  asset: ETHER,
  payerPubkey: accountHex(payer.address),
  payeePubkey: accountHex(payee.address),
  spendSecretHash,
  expireTime: 42,
  quantity: 100n,
}

/** Both sides' first states. */
export function openBoth(fields: Partial<typeof depositRequest> = {}): {
  payerState: ChannelState
  payeeState: ChannelState
} {
  const request = { ...depositRequest, ...fields }
  const made = makeDeposit(request, { ...factsOf(null), funds: rich })
  const { state: payeeState } = setDeposit({
    asset: request.asset,
    depositScript: made.deposit_script,
    expectedPayeePubkey: request.payeePubkey,
    expectedSpendSecretHash: request.spendSecretHash,
  })
  return { payerState: made.state, payeeState }
}

/** One payment: asked for, created, signed, added. */
export function pay(
  states: { readonly payerState: ChannelState; readonly payeeState: ChannelState },
  quantity: bigint,
  options: {
    readonly facts?: ChannelFacts
    readonly delayTime?: number
    readonly asked?: bigint
  } = {},
): { payerState: ChannelState; payeeState: ChannelState; rawtx: string; script: string } {
  const { facts = factsOf(open(100n)), delayTime = 2, asked = quantity } = options
  const revokeSecretHash = hashOf(revokeSecretOf(quantity))
  const requested = requestCommit(
    { state: states.payeeState, quantity: asked, revokeSecretHash },
    facts,
  )
  const created = createCommit(
    { state: states.payerState, quantity, revokeSecretHash, delayTime },
    facts,
  )
  const { rawtx: unsigned } = created.tosign
  const signature = payer.signDigest(digestToSign(domain, unsigned, created.commit_script))
  const rawtx = withSignature(unsigned, signature)
  const script = created.commit_script
  const added = addCommit(
    { state: requested.state, commitRawtx: rawtx, commitScript: script },
    facts,
  )
  return { payerState: created.state, payeeState: added.state, rawtx, script }
}
