import type { ChainBid } from '../../src/chain/media-exchange.ts'

/** A bid in the model: who made it, and what became of it. */
export interface ModelBid {
  readonly bid: ChainBid
  readonly digest: string
  readonly payer: string
  escrow: bigint
  opened: boolean
}

/** Balances, nonces and channels of the exchange, by its rules. */
export interface ExchangeModel {
  readonly balances: Map<string, bigint>
  readonly nonces: Map<string, string>
  readonly keys: Map<string, Set<string>>
}

/** An exchange in which nothing has happened. */
export function createExchangeModel(): ExchangeModel {
  return { balances: new Map(), nonces: new Map(), keys: new Map() }
}

export function balanceIn({ balances }: ExchangeModel, asset: string, account: string): bigint {
  return balances.get(`${asset}/${account}`) ?? 0n
}

function add(model: ExchangeModel, asset: string, account: string, amount: bigint): void {
  model.balances.set(`${asset}/${account}`, balanceIn(model, asset, account) + amount)
}

export function fund(model: ExchangeModel, asset: string, account: string, amount: bigint): true {
  add(model, asset, account, amount)
  return true
}

export function withdraw(
  model: ExchangeModel,
  asset: string,
  account: string,
  amount: bigint,
): boolean {
  if (balanceIn(model, asset, account) < amount) return false
  add(model, asset, account, -amount)
  return true
}

export function register(model: ExchangeModel, wallet: string, key: string): boolean {
  if (model.keys.has(wallet)) return false
  model.keys.set(wallet, new Set([key]))
  model.nonces.set(wallet, zero)
  return true
}

/** Adds the key when the wallet does not list it, else revokes it. */
export function toggleKey(model: ExchangeModel, wallet: string, key: string): boolean {
  const keys = model.keys.get(wallet)
  if (keys === undefined) return false
  if (!keys.delete(key)) keys.add(key)
  return true
}

export function open(
  model: ExchangeModel,
  made: ModelBid,
  call: { readonly from: string; readonly signedBy: string; readonly now: bigint; key: string },
): boolean {
  const { bid, digest } = made
  const price = bid.bid * BigInt(bid.duration)
  if (call.from !== bid.payee || call.now >= bid.expiration || made.opened) return false
  if (price >= 2n ** 96n || balanceIn(model, bid.asset, call.signedBy) < price) return false
  const keys = model.keys.get(call.signedBy)
  if (keys !== undefined) {
    if (model.nonces.get(call.signedBy) !== hex(bid.nonce) || !keys.has(call.key)) return false
    model.nonces.set(call.signedBy, digest)
  }
  add(model, bid.asset, call.signedBy, -price)
  made.opened = true
  made.escrow = price
  return true
}

export function valueOf(bid: ChainBid, balance: number): bigint {
  return bid.bid * BigInt(Math.min(balance * bid.segmentSeconds, bid.duration))
}

export function cash(
  model: ExchangeModel,
  made: ModelBid,
  call: { readonly from: string; readonly balance: number; readonly signedBy: string },
): boolean {
  const { bid } = made
  if (call.from !== bid.payee || !made.opened || made.escrow === 0n) return false
  if (call.signedBy !== made.payer) return false
  const value = valueOf(bid, call.balance)
  add(model, bid.asset, bid.payee, value)
  add(model, bid.asset, made.payer, made.escrow - value)
  made.escrow = 0n
  return true
}

export function reclaim(model: ExchangeModel, made: ModelBid, now: bigint): boolean {
  if (now < made.bid.expiration || !made.opened || made.escrow === 0n) return false
  add(model, made.bid.asset, made.payer, made.escrow)
  made.escrow = 0n
  return true
}

const zero = `0x${'00'.repeat(32)}`
const hex = (bytes: Uint8Array): string => `0x${Buffer.from(bytes).toString('hex')}`
