import { formatWei, type Wei } from '../lib/wei.ts'
import { loadConfig } from '../node/load-config.ts'
import { type MediaWallet, openMediaWallet } from '../node/media-wallet.ts'
import { openWalletSession } from '../node/wallet-session.ts'
import { createLogger } from './logger.ts'

interface Options {
  readonly config: string
}

/** Shows the wallet as the registry of users has it. */
export async function showUser(options: Options): Promise<void> {
  await withWallet(options, async (wallet) => {
    const { registered, keys, addresses, nonce, offer, balanceWei, peerId } = await wallet.show()
    say(`wallet ${registered ? 'registered' : 'not registered'}, nonce ${nonce}`)
    for (const key of keys) say(`key ${key}${key === peerId ? ', this node' : ''}`)
    for (const address of addresses) say(`address ${address}`)
    say(`${formatWei(balanceWei)} with the exchange`)
    if (offer === null || registered) return
    const cost = formatWei(offer.costWei)
    if (offer.canPay) say(`millrace user register lists this node's key for about ${cost}`)
  })
}

/** Registers this node's key, and where it can be dialled. */
export async function registerUser(
  options: Options & { readonly address?: readonly string[] },
): Promise<void> {
  await withWallet(options, async (wallet) => {
    const result = await wallet.register(options.address ?? [])
    say(result === 'known' ? 'the key was registered before' : `the key is ${result}`)
  })
}

/** Lists the key of another node. */
export async function addKey(peerId: string, options: Options): Promise<void> {
  await withWallet(options, async (wallet) => {
    await wallet.addKey(peerId)
    say(`${peerId} speaks for the wallet`)
  })
}

/** Takes a key back. */
export async function revokeKey(peerId: string, options: Options): Promise<void> {
  await withWallet(options, async (wallet) => {
    await wallet.revokeKey(peerId)
    say(`${peerId} speaks for the wallet no more; bids of it open nothing`)
  })
}

/** Publishes where the wallet's keys can be dialled. */
export async function announceUser(addresses: readonly string[], options: Options): Promise<void> {
  await withWallet(options, async (wallet) => {
    await wallet.announce(addresses)
    say(addresses.length === 0 ? 'no address is published any more' : 'published')
  })
}

/** Withdraws from the exchange of content and attention. */
export async function withdrawEarnings(
  options: Options & { readonly amount?: Wei },
): Promise<void> {
  await withWallet(options, async (wallet) => {
    say(`withdrew ${formatWei(await wallet.withdraw(options.amount))}`)
  })
}

/** Gives a video another title. */
export async function retitle(video: string, title: string, options: Options): Promise<void> {
  await withWallet(options, async (wallet) => {
    await wallet.retitle(video, title)
    say(`${video} is ${title}`)
  })
}

async function withWallet(
  options: Options,
  action: (wallet: MediaWallet) => Promise<void>,
): Promise<void> {
  const config = await loadConfig(options.config)
  const session = await openWalletSession({ logger: createLogger({ level: 'warn' }) }, config)
  try {
    await action(await openMediaWallet(session, config))
  } finally {
    await session.close()
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
