import { MillraceError } from '../lib/errors.ts'
import { isPeerId } from '../net/peer-key.ts'
import { loadConfig } from '../node/load-config.ts'
import { vouchFor } from '../node/vouch.ts'

/** Prints what a transcoder's config needs, so that the wallet's account answers for it. */
export async function vouch(options: { config: string; peerId: string }): Promise<void> {
  if (!isPeerId(options.peerId)) {
    throw new MillraceError('COMMAND_INVALID', `${options.peerId} is no peer id`, {
      hint: 'Give the 12D3KooW… that the status of the transcoder shows',
    })
  }
  const config = await loadConfig(options.config)
  const { address, signature } = await vouchFor(config, options.peerId)
  process.stdout.write(`account: { address: "${address}", signature: "${signature}" }\n`)
}
