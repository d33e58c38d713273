#!/usr/bin/env node
import '../lib/polyfill.ts'
import { Command, InvalidArgumentError, Option } from 'commander'
import { MillraceError, messageOf } from '../lib/errors.ts'
import { parseWei, type Wei } from '../lib/wei.ts'
import type { AdvertiseOptions } from './advertise.ts'
import type { EarnOptions } from './earn.ts'
import { addMarketCommands } from './market-commands.ts'
import { addMediaCommands } from './media-commands.ts'
import type { PublishOptions } from './publish.ts'
import type { StartOptions } from './start-options.ts'
import type { TicketOrderOptions } from './tickets.ts'
import type { RegisterOptions } from './wallet-commands.ts'
import type { WatchOptions } from './watch.ts'

/** Exit codes: 0 done, 1 it failed, 2 the command line or the config is wrong. */
const EXIT_FAILED = 1
const EXIT_USAGE = 2

function amount(text: string): Wei {
  const wei = parseWei(text)
  if (wei === null)
    throw new InvalidArgumentError('allowed: an amount such as 12, 8gwei or "0.5 ether"')
  return wei
}

function port(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0 && value <= 65_535) return value
  throw new InvalidArgumentError('allowed: a port, 0 to 65535')
}

const ROLES = [
  'broadcaster',
  'orchestrator',
  'redeemer',
  'transcoder',
  'watchtower',
  'host',
  'agent',
  'publisher',
  'viewer',
  'advertiser',
  'audience',
] as const
function count(text: string): number {
  const value = Number(text)
  if (Number.isInteger(value) && value >= 1 && value <= MAX_LAST) return value
  throw new InvalidArgumentError(`allowed: a whole number, 1 to ${MAX_LAST}`)
}

/** What a node tells of at once. */
const MAX_LAST = 1_000

const roleOption = new Option('--role <role...>', 'what this node is').choices(ROLES)
const configOption = new Option('-c, --config <file>', 'config file').default('millrace.yaml')

const program = new Command('millrace')
  .description('A peer-to-peer node for a market in paid media work')
  .version('0.1.0')
  .showHelpAfterError()
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : EXIT_USAGE)
  })

program
  .command('init')
  .description('write a commented config, and a wallet key if there is none')
  .addOption(new Option('--role <role>', 'the role').choices(ROLES).makeOptionMandatory())
  .addOption(configOption)
  .option('--force', 'overwrite an existing config file')
  .action(async (options: { role: (typeof ROLES)[number]; config: string; force?: boolean }) => {
    const { init } = await import('./init.ts')
    await init(options)
  })

program
  .command('start')
  .description('run a node until it is told to stop')
  .addOption(configOption)
  .addOption(roleOption)
  .option('--data <directory>', 'data directory, instead of the one in the config')
  .addOption(
    new Option('--log-level <level>', 'log level').choices(['debug', 'info', 'warn', 'error']),
  )
  .option('--exit-with-parent', 'stop when standard input ends')
  .option('--http-port <port>', 'HTTP port, instead of the one in the config', port)
  .action(async (options: StartOptions) => {
    const { start } = await import('./start.ts')
    process.exitCode = await start(options)
  })

/** A command that runs a node until it is told to stop, with something to do. */
function runCommand(name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .addOption(configOption)
    .option('--data <directory>', 'data directory, instead of the one in the config')
    .option('--http-port <port>', 'HTTP port, instead of the one in the config', port)
    .option('--exit-with-parent', 'stop when standard input ends')
}

runCommand('publish', 'transcode a file, register it on chain and sell it by the segment')
  .argument('<file>', 'a video')
  .option(
    '--price <amount>',
    'wei a second; without one it is only shown to those who are paid',
    amount,
  )
  .option('--title <title>', 'its title; the name of the file when left out')
  .option('--register', 'list the key, and where it can be dialled, on chain')
  .option('--keep-last', 'never sell the last segment')
  .option('--host <where...>', 'keep the segments there too: /…/p2p/ID of a host, or a directory')
  .option('--hosted-only', 'keep no segments here that a host has')
  .action(async (file: string, options: PublishOptions) => {
    const { publish } = await import('./publish.ts')
    process.exitCode = await publish(file, options)
  })

runCommand('watch', 'buy a video segment by segment and play it on a local HLS address')
  .argument('<video>', 'its CID or title')
  .requiredOption('--max-price <amount>', 'wei a second', amount)
  .option('--format <name>', 'which of its formats; the first when left out')
  .option('--once', 'end when all of it was bought')
  .action(async (video: string, options: WatchOptions) => {
    const { watch } = await import('./watch.ts')
    process.exitCode = await watch(video, options)
  })

runCommand('advertise', 'pay viewers to watch a video of yours')
  .argument('<video>', 'its CID or title')
  .requiredOption('--max-price <amount>', 'wei a second', amount)
  .option('--viewer <peerId...>', 'viewers to bid to; whoever is found when left out')
  .action(async (video: string, options: AdvertiseOptions) => {
    const { advertise } = await import('./advertise.ts')
    process.exitCode = await advertise(video, options)
  })

runCommand('earn', 'be paid to watch')
  .requiredOption('--price <amount>', 'wei a second', amount)
  .option('--register', 'list the key on chain, so that advertisers find it')
  .action(async (options: EarnOptions) => {
    const { earn } = await import('./earn.ts')
    process.exitCode = await earn(options)
  })

program
  .command('fund')
  .description("add to the wallet's deposit and reserve, from which tickets are paid")
  .addOption(configOption)
  .requiredOption('--deposit <amount>', 'for the deposit', amount)
  .requiredOption('--reserve <amount>', 'for the reserve', amount)
  .action(async (options: { config: string; deposit: Wei; reserve: Wei }) => {
    const { fund } = await import('./wallet-commands.ts')
    await fund(options)
  })

program
  .command('unlock')
  .description('announce that deposit and reserve will be withdrawn')
  .addOption(configOption)
  .option('--cancel', 'take the announcement back')
  .action(async (options: { config: string; cancel?: boolean }) => {
    const { unlock } = await import('./wallet-commands.ts')
    await unlock(options)
  })

program
  .command('withdraw')
  .description('withdraw deposit and reserve, once they are unlocked')
  .addOption(configOption)
  .action(async (options: { config: string }) => {
    const { withdraw } = await import('./wallet-commands.ts')
    await withdraw(options)
  })

program
  .command('bond')
  .description("bond the wallet's work tokens, to join the active set from the next round on")
  .addOption(configOption)
  .requiredOption('--amount <amount>', 'work tokens', amount)
  .action(async (options: { config: string; amount: Wei }) => {
    const { bond } = await import('./wallet-commands.ts')
    await bond(options)
  })

program
  .command('register')
  .description('record on chain where this orchestrator can be found')
  .addOption(configOption)
  .requiredOption('--uri <uri>', 'a multiaddr or another address, as others should use it')
  .option(
    '--service <service...>',
    "what it offers, as name or name=verifier, instead of the config's",
  )
  .option('--region <region...>', "where, instead of the config's regions")
  .action(async (options: RegisterOptions) => {
    const { register } = await import('./wallet-commands.ts')
    await register(options)
  })

program
  .command('vouch')
  .description("let the wallet's account answer, and be paid, for a transcoder")
  .addOption(configOption)
  .requiredOption('--peer-id <id>', "the transcoder's peer id, as its status shows it")
  .action(async (options: { config: string; peerId: string }) => {
    const { vouch } = await import('./vouch.ts')
    await vouch(options)
  })

program
  .command('withdraw-fees')
  .description('withdraw what redeemed tickets have earned')
  .addOption(configOption)
  .action(async (options: { config: string }) => {
    const { withdrawFees } = await import('./wallet-commands.ts')
    await withdrawFees(options)
  })

program
  .command('status')
  .description('show the state of a running node')
  .option('--url <url>', "the node's HTTP address", 'http://127.0.0.1:7935')
  .action(async (options: { url: string }) => {
    const { status } = await import('./status.ts')
    await status(options)
  })

program
  .command('ledger')
  .description('show what tickets should have won, what they won and what was paid')
  .option('--url <url>', "the node's HTTP address", 'http://127.0.0.1:7935')
  .option('--json', 'as JSON, amounts in wei')
  .action(async (options: { url: string; json?: boolean }) => {
    const { ledger } = await import('./ledger.ts')
    await ledger(options)
  })

program
  .command('decisions')
  .description("show which orchestrators were chosen, each one's figures, and why not the others")
  .option('--url <url>', "the node's HTTP address", 'http://127.0.0.1:7935')
  .option('--stream <name>', 'choices for one stream')
  .option('--last <count>', 'the newest so many', count, 10)
  .option('--json', 'as JSON, amounts as decimal strings')
  .action(async (options: { url: string; stream?: string; last: number; json?: boolean }) => {
    const { decisions } = await import('./decisions.ts')
    await decisions(options)
  })

addMarketCommands(program, { configOption, amount })
addMediaCommands(program, { configOption, amount })

const tickets = program
  .command('tickets')
  .description('see and steer the redemption of winning tickets')

/** A command about the winners of a running node. */
function ticketCommand(name: string, description: string): Command {
  return tickets
    .command(name)
    .description(description)
    .option('--url <url>', "the node's HTTP address", 'http://127.0.0.1:7935')
}

ticketCommand('list', 'winning tickets, where they stand and why they wait')
  .option('--state <state>', 'those of one state; otherwise all that are not settled')
  .option('--json', 'as JSON, amounts in wei')
  .action(async (options: { url: string; state?: string; json?: boolean }) => {
    const { listTickets } = await import('./tickets.ts')
    await listTickets(options)
  })

const orders = [
  ['hold', 'keep winners from being redeemed until they are released'],
  ['release', 'take back what was ordered for winners'],
  ['redeem', 'redeem winners now, even if gas is dear'],
] as const

for (const [order, description] of orders) {
  const command = ticketCommand(order, description)
    .argument('[hash]', "the ticket's hash, as listed")
    .option('--all', 'all that wait')
    .option('--sender <address>', 'all that wait of one sender')
    .option('--token <token>', "the node's http.token, if it has one")
  if (order === 'redeem') command.option('--at-a-loss', 'even if it costs more than it brings')
  command.action(async (hash: string | undefined, options: TicketOrderOptions) => {
    const { orderTickets } = await import('./tickets.ts')
    await orderTickets(order, hash, options)
  })
}

try {
  await program.parseAsync()
} catch (error) {
  const isUsage =
    error instanceof MillraceError &&
    (error.code === 'CONFIG_INVALID' || error.code === 'COMMAND_INVALID')
  process.stderr.write(`millrace: ${messageOf(error)}\n`)
  process.exit(isUsage ? EXIT_USAGE : EXIT_FAILED)
}
