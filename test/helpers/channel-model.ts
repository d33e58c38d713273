/** A channel as a small model has it: what the contract should do, in a few lines. */
export interface ModelChannel {
  balance: bigint
  committed: bigint
  openedAt: bigint
  publishedAt: bigint
  delay: bigint
  revoke: number
  toPayer: bigint
  toPayee: bigint
  deposited: bigint
  outcome: 'none' | 'paid' | 'punished'
}

/** One call. Secrets are numbers: which one, right or wrong. */
export type ModelStep =
  | { readonly call: 'makeDeposit' | 'topUp'; readonly amount: bigint }
  | {
      readonly call: 'publish'
      readonly quantity: bigint
      readonly revoke: number
      readonly delay: bigint
      readonly by: 'payee' | 'payer'
    }
  | { readonly call: 'payout' | 'recoverChange'; readonly isRight: boolean }
  | { readonly call: 'revoke'; readonly revoke: number }
  | { readonly call: 'recoverExpired' }
  | { readonly call: 'close'; readonly quantity: bigint; readonly isSigned: boolean }

export function emptyModel(): ModelChannel {
  return {
    balance: 0n,
    committed: 0n,
    openedAt: 0n,
    publishedAt: 0n,
    delay: 0n,
    revoke: -1,
    toPayer: 0n,
    toPayee: 0n,
    deposited: 0n,
    outcome: 'none',
  }
}

/** Steps a channel in a block; null when the contract must refuse. */
export function stepModel(
  now: ModelChannel,
  step: ModelStep,
  block: bigint,
  expireTime: bigint,
): ModelChannel | null {
  const isOpen = now.publishedAt === 0n && now.balance > 0n
  switch (step.call) {
    case 'makeDeposit':
      if (now.openedAt !== 0n || step.amount === 0n) return null
      return { ...now, balance: step.amount, deposited: step.amount, openedAt: block }
    case 'topUp':
      if (!isOpen || step.amount === 0n) return null
      return { ...now, balance: now.balance + step.amount, deposited: now.deposited + step.amount }
    case 'publish':
      if (!isOpen || step.by !== 'payee' || step.quantity === 0n || step.quantity > now.balance)
        return null
      return {
        ...now,
        committed: step.quantity,
        publishedAt: block,
        delay: step.delay,
        revoke: step.revoke,
      }
    case 'payout':
      if (now.committed === 0n || !step.isRight || block < now.publishedAt + now.delay) return null
      return {
        ...now,
        balance: now.balance - now.committed,
        committed: 0n,
        toPayee: now.toPayee + now.committed,
        outcome: 'paid',
      }
    case 'revoke':
      if (now.committed === 0n || step.revoke !== now.revoke) return null
      return {
        ...now,
        balance: now.balance - now.committed,
        committed: 0n,
        toPayer: now.toPayer + now.committed,
        outcome: 'punished',
      }
    case 'recoverChange': {
      const change = now.balance - now.committed
      if (change === 0n || (now.publishedAt === 0n && !step.isRight)) return null
      return { ...now, balance: now.committed, toPayer: now.toPayer + change }
    }
    case 'recoverExpired':
      if (!isOpen || block < now.openedAt + expireTime) return null
      return { ...now, balance: 0n, toPayer: now.toPayer + now.balance }
    case 'close':
      if (!isOpen || !step.isSigned || step.quantity > now.balance) return null
      return {
        ...now,
        balance: 0n,
        outcome: 'paid',
        toPayee: now.toPayee + step.quantity,
        toPayer: now.toPayer + now.balance - step.quantity,
      }
  }
}
