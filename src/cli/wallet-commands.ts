import { formatWei, type Wei } from '../lib/wei.ts'
import { loadConfig } from '../node/load-config.ts'
import { createNodeWallet, type NodeWallet } from '../node/node-wallet.ts'
import { createLogger } from './logger.ts'

/** Adds to the wallet's deposit and reserve. */
export async function fund(options: { config: string; deposit: Wei; reserve: Wei }): Promise<void> {
  await withWallet(options.config, async (wallet) => {
    const info = await wallet.fund(options.deposit, options.reserve)
    say(`deposit ${formatWei(info.deposit)}, reserve ${formatWei(info.reserve.fundsRemaining)}`)
  })
}

/** Announces that deposit and reserve will be withdrawn, or takes that back. */
export async function unlock(options: { config: string; cancel?: boolean }): Promise<void> {
  await withWallet(options.config, async (wallet) => {
    if (options.cancel === true) {
      await wallet.cancelUnlock()
      say('deposit and reserve stay; tickets are taken again')
      return
    }
    const { withdrawRound, round } = await wallet.unlock()
    say(`it is round ${round}; from round ${withdrawRound} on: millrace withdraw`)
    say('until then no orchestrator takes tickets; millrace unlock --cancel takes it back')
  })
}

/** Withdraws deposit and reserve once they are unlocked. */
export async function withdraw(options: { config: string }): Promise<void> {
  await withWallet(options.config, async (wallet) => {
    say(`withdrew ${formatWei(await wallet.withdraw())}`)
  })
}

/** Bonds work tokens to the wallet itself. */
export async function bond(options: { config: string; amount: Wei }): Promise<void> {
  await withWallet(options.config, async (wallet) => {
    const stake = await wallet.bond(options.amount)
    say(`stake ${formatWei(stake).replace(' ETH', '')} work tokens; active from the next round on`)
  })
}

/** Records on chain where this orchestrator can be found. */
export async function register(options: { config: string; uri: string }): Promise<void> {
  await withWallet(options.config, async (wallet) => {
    await wallet.register(options.uri)
    say(`registered ${options.uri}`)
  })
}

/** Withdraws what redeemed tickets have earned. */
export async function withdrawFees(options: { config: string }): Promise<void> {
  await withWallet(options.config, async (wallet) => {
    const amount = await wallet.withdrawFees()
    say(amount === 0n ? 'nothing to withdraw' : `withdrew ${formatWei(amount)}`)
  })
}

async function withWallet(
  configFile: string,
  action: (wallet: NodeWallet) => Promise<void>,
): Promise<void> {
  const config = await loadConfig(configFile)
  const logger = createLogger({ level: 'warn' })
  const wallet = await createNodeWallet({ logger }, config)
  try {
    await action(wallet)
  } finally {
    await wallet.close()
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
