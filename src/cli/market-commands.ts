import type { Command, Option } from 'commander'
import type { Shares } from '../chain/delegation.ts'
import type { Address } from '../lib/crypto/address.ts'
import type { Wei } from '../lib/wei.ts'
import { addressOption, lockOption, shareOption } from './figures.ts'

/** What the commands have in common with the others. */
export interface SharedOptions {
  readonly configOption: Option
  /** Parses an amount. */
  readonly amount: (text: string) => Wei
}

interface ConfigOption {
  readonly config: string
}

/** Adds the commands about stake, delegation and supply. */
export function addMarketCommands(program: Command, shared: SharedOptions): void {
  addStakeCommands(program, shared)
  program
    .command('delegators')
    .description(
      'what those who delegate want to know of each orchestrator, or of one with its history',
    )
    .argument('[orchestrator]', 'an address; otherwise all in the pool', addressOption)
    .addOption(shared.configOption)
    .option('--json', 'as JSON: amounts in wei, shares per million')
    .action(
      async (orchestrator: Address | undefined, options: ConfigOption & { json?: boolean }) => {
        const { delegators } = await import('./delegators.ts')
        await delegators(orchestrator, options)
      },
    )
  program
    .command('market')
    .description(
      'who offers which service in which region, by the registry, and what nobody offers',
    )
    .addOption(shared.configOption)
    .option('--service <service...>', 'services to look for, even if nobody offers them')
    .option('--region <region...>', 'regions to look for, even if nobody is there')
    .option('--json', 'as JSON')
    .action(
      async (options: ConfigOption & { service?: string[]; region?: string[]; json?: boolean }) => {
        const { market } = await import('./market.ts')
        await market(options)
      },
    )
}

function addStakeCommands(program: Command, { configOption, amount }: SharedOptions): void {
  const stake = program
    .command('stake')
    .description("the wallet's stake: bonding it to orchestrators, and being one")
  const command = (name: string, description: string): Command =>
    stake.command(name).description(description).addOption(configOption)

  command('show', 'what is bonded to whom, what is unbonded, and fees to withdraw')
    .option('--account <address>', "another account than the wallet's", addressOption)
    .option('--json', 'as JSON, amounts in wei')
    .action(async (options: ConfigOption & { account?: Address; json?: boolean }) => {
      const { showStake } = await import('./stake.ts')
      await showStake(options)
    })
  command('bond', 'bond work tokens; what is bonded elsewhere moves along')
    .requiredOption('--amount <amount>', 'work tokens', amount)
    .option('--to <orchestrator>', 'to whom; otherwise the wallet itself', addressOption)
    .action(async (options: ConfigOption & { amount: bigint; to?: Address }) => {
      const { bondStake } = await import('./stake.ts')
      await bondStake(options)
    })
  command('move', 'move all stake to another orchestrator')
    .requiredOption('--to <orchestrator>', 'to whom', addressOption)
    .action(async (options: ConfigOption & { to: Address }) => {
      const { moveStake } = await import('./stake.ts')
      await moveStake(options)
    })
  command('unbond', 'take stake out of bonding, to withdraw it some rounds later')
    .requiredOption('--amount <amount>', 'work tokens', amount)
    .action(async (options: ConfigOption & { amount: bigint }) => {
      const { unbondStake } = await import('./stake.ts')
      await unbondStake(options)
    })
  command('rebond', 'bond unbonded stake again')
    .requiredOption('--lock <number>', 'which, as stake show lists it', lockOption)
    .option('--to <orchestrator>', 'to whom, when nothing is bonded', addressOption)
    .action(async (options: ConfigOption & { lock: bigint; to?: Address }) => {
      const { rebondStake } = await import('./stake.ts')
      await rebondStake(options)
    })
  command('withdraw', 'withdraw unbonded stake whose round has come')
    .option('--lock <number>', 'one lock only, as stake show lists it', lockOption)
    .action(async (options: ConfigOption & { lock?: bigint }) => {
      const { withdrawStake } = await import('./stake.ts')
      await withdrawStake(options)
    })
  command('withdraw-fees', 'withdraw fees, as an orchestrator or as a delegator').action(
    async (options: ConfigOption) => {
      const { withdrawFees } = await import('./wallet-commands.ts')
      await withdrawFees(options)
    },
  )
  command('reward', "mint the round's reward for the wallet and its delegators").action(
    async (options: ConfigOption) => {
      const { callReward } = await import('./stake.ts')
      await callReward(options)
    },
  )
  command('shares', 'set what is kept and what is passed on, from the next round on')
    .requiredOption('--reward-cut <share>', 'of the inflation, kept: 10% or 100000', shareOption)
    .requiredOption('--fee-share <share>', 'of the fees, passed on: 25% or 250000', shareOption)
    .action(async (options: ConfigOption & Shares) => {
      const { setShares } = await import('./stake.ts')
      await setShares(options)
    })
}
