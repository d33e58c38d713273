import type { Shares } from '../chain/delegation.ts'
import type { Address } from '../lib/crypto/address.ts'
import { createWalletSigner } from '../lib/crypto/eip191.ts'
import { formatWei } from '../lib/wei.ts'
import { loadConfig } from '../node/load-config.ts'
import {
  createStakeDesk,
  type StakeDesk,
  type StakePosition,
  stakePosition,
} from '../node/stake-desk.ts'
import { loadWalletKey } from '../node/wallet.ts'
import { delegationOf, openReadingSession, openWalletSession } from '../node/wallet-session.ts'
import { formatShare, formatTokens, toJson } from './figures.ts'
import { createLogger } from './logger.ts'

/** Where the config is. */
interface ConfigOption {
  readonly config: string
}

/** Bonds work tokens to an orchestrator, or to the wallet itself. */
export async function bondStake(
  options: ConfigOption & { readonly amount: bigint; readonly to?: Address },
): Promise<void> {
  await withDesk(options.config, async (desk) =>
    sayPosition(await desk.bond(options.amount, options.to)),
  )
}

/** Moves all stake to another orchestrator. */
export async function moveStake(options: ConfigOption & { readonly to: Address }): Promise<void> {
  await withDesk(options.config, async (desk) => sayPosition(await desk.move(options.to)))
}

/** Takes stake out of bonding; it can be withdrawn some rounds later. */
export async function unbondStake(
  options: ConfigOption & { readonly amount: bigint },
): Promise<void> {
  await withDesk(options.config, async (desk) => sayPosition(await desk.unbond(options.amount)))
}

/** Bonds unbonded stake again. */
export async function rebondStake(
  options: ConfigOption & { readonly lock: bigint; readonly to?: Address },
): Promise<void> {
  await withDesk(options.config, async (desk) =>
    sayPosition(await desk.rebond(options.lock, options.to)),
  )
}

/** Withdraws unbonded stake whose round has come. */
export async function withdrawStake(
  options: ConfigOption & { readonly lock?: bigint },
): Promise<void> {
  await withDesk(options.config, async (desk) => {
    say(`withdrew ${formatTokens(await desk.withdraw(options.lock))} work tokens`)
  })
}

/** Mints the reward of the round. */
export async function callReward(options: ConfigOption): Promise<void> {
  await withDesk(options.config, async (desk) => {
    say(`minted ${formatTokens(await desk.reward())} work tokens`)
  })
}

/** Sets the wallet's shares as an orchestrator. */
export async function setShares(options: ConfigOption & Shares): Promise<void> {
  const { rewardCut, feeShare } = options
  await withDesk(options.config, async (desk) => {
    const round = await desk.setShares({ rewardCut, feeShare })
    say(
      `from round ${round} on: keeps ${formatShare(rewardCut)} of the inflation, passes on ${formatShare(feeShare)} of the fees`,
    )
  })
}

/** Shows what the wallet, or another account, has bonded; also while the node is running. */
export async function showStake(
  options: ConfigOption & { readonly account?: Address; readonly json?: boolean },
): Promise<void> {
  const config = await loadConfig(options.config)
  const session = await openReadingSession({ logger: createLogger({ level: 'warn' }) }, config)
  try {
    const account =
      options.account ?? createWalletSigner(await loadWalletKey(config.wallet.keyFile)).address
    const position = await stakePosition(delegationOf(session.profile), account)
    if (options.json === true) process.stdout.write(toJson(position))
    else sayPosition(position)
  } finally {
    session.close()
  }
}

/** A position in words, a line a fact. */
export function formatPosition(position: StakePosition): string {
  const { account, delegate, stake, startRound, pendingFees, locks, round } = position
  const own = delegate === account
  const place = own ? 'itself' : delegate
  const since = startRound > round ? `, in this form from round ${startRound} on` : ''
  return [
    delegate === null
      ? `${account} has nothing bonded`
      : `${account} has ${formatTokens(stake)} work tokens bonded to ${place}${since}`,
    ...(pendingFees > 0n ? [`fees to withdraw: ${formatWei(pendingFees)}`] : []),
    ...locks.map(
      ({ id, amount, withdrawRound }) =>
        `lock ${id}: ${formatTokens(amount)} work tokens, ${
          withdrawRound <= round
            ? 'can be withdrawn'
            : `from round ${withdrawRound} on, now ${round}`
        }`,
    ),
  ].join('\n')
}

async function withDesk(
  configFile: string,
  action: (desk: StakeDesk) => Promise<void>,
): Promise<void> {
  const config = await loadConfig(configFile)
  const session = await openWalletSession({ logger: createLogger({ level: 'warn' }) }, config)
  try {
    await action(createStakeDesk(session))
  } finally {
    await session.close()
  }
}

function sayPosition(position: StakePosition): void {
  say(formatPosition(position))
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
