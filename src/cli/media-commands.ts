import type { Command } from 'commander'
import type { Wei } from '../lib/wei.ts'
import type { SharedOptions } from './market-commands.ts'

interface ConfigOption {
  readonly config: string
}

/** Adds the commands about content and attention, and about channels. */
export function addMediaCommands(program: Command, { configOption, amount }: SharedOptions): void {
  addChannelCommands(program, configOption)
  const user = program
    .command('user')
    .description('the wallet in the registry of users: which keys speak for it, and where they are')
  const command = (name: string, description: string): Command =>
    user.command(name).description(description).addOption(configOption)

  command('show', 'keys, published addresses, nonce, and what is with the exchange').action(
    async (options: ConfigOption) => {
      const { showUser } = await import('./user.ts')
      await showUser(options)
    },
  )
  command('register', "register this node's key, if the wallet can pay for it")
    .option('--address <multiaddr...>', 'where it can be dialled, each ending in /p2p/ and its id')
    .action(async (options: ConfigOption & { address?: string[] }) => {
      const { registerUser } = await import('./user.ts')
      await registerUser(options)
    })
  command('add-key', 'let the key of another node speak for the wallet')
    .argument('<peerId>', "the node's peer id")
    .action(async (peerId: string, options: ConfigOption) => {
      const { addKey } = await import('./user.ts')
      await addKey(peerId, options)
    })
  command('revoke-key', 'take a key back: bids of it open nothing any more')
    .argument('<peerId>', "the node's peer id")
    .action(async (peerId: string, options: ConfigOption) => {
      const { revokeKey } = await import('./user.ts')
      await revokeKey(peerId, options)
    })
  command('announce', "publish where the wallet's keys can be dialled; nothing takes it back")
    .argument('[multiaddr...]', 'each ending in /p2p/ and a peer id')
    .action(async (addresses: string[], options: ConfigOption) => {
      const { announceUser } = await import('./user.ts')
      await announceUser(addresses, options)
    })
  command('withdraw', 'withdraw what the exchange holds for the wallet')
    .option('--amount <amount>', 'so much; otherwise everything', amount)
    .action(async (options: ConfigOption & { amount?: Wei }) => {
      const { withdrawEarnings } = await import('./user.ts')
      await withdrawEarnings(options)
    })
  program
    .command('retitle')
    .description('give a video of this wallet another title')
    .argument('<video>', 'its CID')
    .argument('<title>', 'the new title')
    .addOption(configOption)
    .action(async (video: string, title: string, options: ConfigOption) => {
      const { retitle } = await import('./user.ts')
      await retitle(video, title, options)
    })
}

function addChannelCommands(program: Command, configOption: SharedOptions['configOption']): void {
  const channels = program
    .command('channels')
    .description('payment channels on which a stopped node is paid')
  channels
    .command('list')
    .description('each with its payer, what was paid on it, and whether it is open')
    .addOption(configOption)
    .action(async (options: ConfigOption) => {
      const { listChannels } = await import('./channels.ts')
      await listChannels(options)
    })
  channels
    .command('close')
    .description('have channels closed: what was paid is published when the node runs next')
    .argument('[channel]', 'its id, as listed')
    .addOption(configOption)
    .option('--all', 'all that are open')
    .action(async (id: string | undefined, options: ConfigOption & { all?: boolean }) => {
      const { closeChannels } = await import('./channels.ts')
      await closeChannels(id, options)
    })
}
