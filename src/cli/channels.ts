import type { Hex } from '../lib/bytes.ts'
import { MillraceError } from '../lib/errors.ts'
import { type ChannelDesk, openChannelDesk } from '../node/channel-desk.ts'
import { loadConfig } from '../node/load-config.ts'

interface Options {
  readonly config: string
}

/** Lists the channels on which a stopped node is paid. */
export async function listChannels(options: Options): Promise<void> {
  await withDesk(options, async (desk) => {
    for (const { id, payer, transferred, state } of desk.list()) {
      say(`${id} of ${payer}: ${transferred} ${state}`)
    }
  })
}

/** Has a channel, or all, closed when the node runs next. */
export async function closeChannels(
  id: string | undefined,
  options: Options & { readonly all?: boolean },
): Promise<void> {
  if ((id === undefined) !== (options.all === true)) {
    throw new MillraceError('COMMAND_INVALID', 'name one channel, or say --all')
  }
  await withDesk(options, async (desk) => {
    const count = await desk.close((id as Hex | undefined) ?? null)
    say(`${count} to be closed: the node publishes what was paid when it runs`)
  })
}

async function withDesk(
  { config }: Options,
  action: (desk: ChannelDesk) => Promise<void>,
): Promise<void> {
  const desk = await openChannelDesk(await loadConfig(config))
  try {
    await action(desk)
  } finally {
    await desk.end()
  }
}

function say(text: string): void {
  process.stdout.write(`${text}\n`)
}
