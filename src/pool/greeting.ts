import { randomBytes } from 'node:crypto'
import type { AbortOptions } from '../lib/abort.ts'
import type { Address } from '../lib/crypto/address.ts'
import { err, ok, type Result } from '../lib/result.ts'
import { formatWei, type Wei } from '../lib/wei.ts'
import type { FrameChannel } from '../net/frame-channel.ts'
import { verifyAccount } from './account-proof.ts'
import { poolLimits } from './limits.ts'
import type { Trust } from './member.ts'
import { checkSecretProof, type ProofContext, secretProof } from './secret-proof.ts'
import {
  encodePoolMessage,
  type Hello,
  type PoolRefusal,
  type PoolRefusalCode,
  parseWorkerMessage,
  type WorkerMessage,
} from './wire.ts'

/** What an account that answers for a worker has at stake. */
export interface AccountFunds {
  readonly deposit: Wei
  /** Whether the deposit is about to be withdrawn. */
  readonly isUnlocking: boolean
}

/** Who may join a pool. */
export interface PoolRules {
  readonly peerId: string
  readonly chainId: bigint
  /** The account that pays. */
  readonly payer: Address
  /** Null where no worker joins by secret. */
  readonly secret: string | null
  /** What a worker without the secret must have deposited; null where none may join. */
  readonly minDeposit: Wei | null
}

/** What the greeting asks of the rest of the pool. */
export interface GreetingComponents {
  /** Why this worker was ejected, or null. */
  ejection(peerId: string, account: Address | null): string | null
  /** Null while the chain cannot be asked. */
  funds(account: Address): Promise<AccountFunds | null>
  /** Public workers in the pool for which the account answers, this one left out. */
  workersOf(account: Address, peerId: string): number
  isFull(): boolean
}

/** A worker that may join. */
export interface Greeted {
  readonly hello: Hello
  readonly trust: Extract<Trust, 'private' | 'public'>
}

/**
 * Greets a worker: its hello, a challenge, its proof, then a welcome. Whoever has the secret joins
 * the private pool; anyone else needs an account with a deposit, if the pool is open to the public.
 */
export async function greetWorker(
  components: GreetingComponents,
  rules: PoolRules,
  channel: FrameChannel,
  options: AbortOptions,
): Promise<Result<Greeted, PoolRefusal>> {
  const hello = await next(channel, options)
  if (hello?.type !== 'hello') return refuse('MALFORMED_HELLO', 'expected a hello')
  const nonce = new Uint8Array(randomBytes(32))
  await channel.send(encodePoolMessage({ type: 'challenge', nonce }), [], options)
  const proof = await next(channel, options)
  if (proof?.type !== 'proof') return refuse('MALFORMED_HELLO', 'expected a proof')
  const context: ProofContext = {
    workerPeerId: channel.remotePeer,
    orchestratorPeerId: rules.peerId,
    workerNonce: hello.nonce,
    orchestratorNonce: nonce,
  }
  const admitted = await admit(components, rules, { hello, mac: proof.mac, context })
  if (!admitted.ok) return admitted
  const mac =
    admitted.value.trust === 'private' && rules.secret !== null
      ? secretProof(rules.secret, 'orchestrator', context)
      : new Uint8Array(0)
  const { chainId, payer } = rules
  await channel.send(encodePoolMessage({ type: 'welcome', mac, chainId, payer }), [], options)
  return admitted
}

async function next(channel: FrameChannel, options: AbortOptions): Promise<WorkerMessage | null> {
  const frame = await channel.receive({ ...options, maxBodyBytes: 0 })
  if (frame === null) return null
  const message = parseWorkerMessage(frame.header)
  return message.ok ? message.value : null
}

async function admit(
  components: GreetingComponents,
  rules: PoolRules,
  { hello, mac, context }: { hello: Hello; mac: Uint8Array; context: ProofContext },
): Promise<Result<Greeted, PoolRefusal>> {
  const { account } = hello
  const { secret, chainId, minDeposit } = rules
  if (hello.hasSecret) {
    if (secret === null || !checkSecretProof(secret, 'worker', context, mac)) {
      return refuse('BAD_SECRET', "the secret is not this pool's")
    }
  } else if (minDeposit === null) {
    return refuse('SECRET_REQUIRED', 'this pool takes only workers with its secret')
  }
  if (account !== null && !verifyAccount(account, context.workerPeerId, chainId)) {
    const detail = `the account has not signed for this peer on chain ${chainId}`
    return refuse('BAD_ACCOUNT_PROOF', detail)
  }
  const why = components.ejection(context.workerPeerId, account?.address ?? null)
  if (why !== null) return refuse('EJECTED', `bad work: ${why}`)
  if (components.isFull()) return refuse('POOL_FULL', 'the pool has all workers it takes', 30_000)
  if (hello.hasSecret) return ok({ hello, trust: 'private' })
  if (account === null) return refuse('ACCOUNT_REQUIRED', 'name an account that has a deposit')
  const funds = await components.funds(account.address)
  if (funds === null) return refuse('POOL_NOT_READY', 'the chain cannot be asked now', 5_000)
  const workers = components.workersOf(account.address, context.workerPeerId) + 1
  const fault = depositFault(funds, minDeposit ?? 0n, workers)
  if (fault !== null) return refuse('DEPOSIT_TOO_LOW', fault, poolLimits.refusedPauseMs)
  return ok({ hello, trust: 'public' })
}

/** Why an account's funds do not do for so many workers, or null. Pure. */
export function depositFault(
  { deposit, isUnlocking }: AccountFunds,
  minDeposit: Wei,
  workers: number,
): string | null {
  // One deposit stands for one worker: else a hundred bad ones would cost no more than one.
  const wanted = minDeposit * BigInt(workers)
  if (!isUnlocking && deposit >= wanted) return null
  const state = isUnlocking ? ' and unlocks' : ''
  return `the deposit is ${formatWei(deposit)}${state}, ${formatWei(wanted)} wanted`
}

function refuse(
  code: PoolRefusalCode,
  detail: string,
  retryAfterMs = 0,
): Result<never, PoolRefusal> {
  return err({ code, detail, retryAfterMs })
}
