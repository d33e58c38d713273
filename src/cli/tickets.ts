import { MillraceError } from '../lib/errors.ts'
import { formatWei } from '../lib/wei.ts'

/** Which winners an order is for, and how the node is asked. */
export interface TicketOrderOptions {
  readonly url: string
  readonly token?: string
  readonly all?: boolean
  readonly sender?: string
  readonly atALoss?: boolean
}

/** A winner as the node tells of it; amounts are decimal strings. */
interface ListedWinner {
  readonly hash: string
  readonly sender: string
  readonly faceValueWei: string
  readonly state: string
  readonly order?: string
  readonly waiting?: string
  readonly reason?: string
  readonly nextTryBlock?: string
  readonly transactionHash?: string
}

/** Prints the winners of a running node. */
export async function listTickets(options: {
  readonly url: string
  readonly state?: string
  readonly json?: boolean
}): Promise<void> {
  const query = options.state === undefined ? '' : `?state=${encodeURIComponent(options.state)}`
  const answer = await ask(options.url, `/v1/tickets${query}`)
  const { winners } = answer as { readonly winners: readonly ListedWinner[] }
  if (options.json === true) say(JSON.stringify(winners, null, 2))
  else if (winners.length === 0) say('no winning tickets')
  else for (const winner of winners) say(lineOf(winner))
}

/** Gives a running node an order for winners, and prints for how many it was. */
export async function orderTickets(
  order: 'hold' | 'release' | 'redeem',
  hash: string | undefined,
  { url, token, all, sender, atALoss }: TicketOrderOptions,
): Promise<void> {
  if ([hash, all, sender].filter((part) => part !== undefined).length !== 1) {
    throw new MillraceError('COMMAND_INVALID', 'which tickets: a hash, --all or --sender', {
      hint: 'millrace tickets list shows the hashes',
    })
  }
  const answer = await ask(url, `/v1/tickets/${order}`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body: JSON.stringify({ hash, sender, all, ...(atALoss === true ? { atALoss } : {}) }),
  })
  const { winners } = answer as { readonly winners: number }
  say(`${order}: ${winners} winning ticket${winners === 1 ? '' : 's'}`)
}

async function ask(url: string, path: string, request: RequestInit = {}): Promise<unknown> {
  let response: Response
  try {
    response = await fetch(new URL(path, url), request)
  } catch (error) {
    throw new MillraceError('NODE_UNREACHABLE', `no node answers at ${url}`, {
      cause: error,
      hint: 'Start it with: millrace start, or name its HTTP address with --url',
    })
  }
  const body = (await response.json().catch(() => null)) as { message?: unknown } | null
  if (response.ok && body !== null) return body
  const isMissing = response.status === 404 && (path === '/v1/tickets' || body === null)
  const said = typeof body?.message === 'string' ? body.message : `status ${response.status}`
  throw new MillraceError(
    'NODE_REFUSED',
    isMissing ? `the node at ${url} redeems no tickets` : `the node refused: ${said}`,
    {
      hint:
        response.status === 401
          ? "Give the http.token of the node's config with --token"
          : isMissing
            ? 'Ask the orchestrator, or its redeemer if it has one'
            : 'millrace tickets list shows the winners and where they stand',
      meta: { status: response.status },
    },
  )
}

function lineOf(winner: ListedWinner): string {
  const { hash, state, order, faceValueWei, reason, nextTryBlock, transactionHash } = winner
  const parts = [
    hash,
    winner.waiting === undefined ? state : `${state} ${winner.waiting}`,
    formatWei(BigInt(faceValueWei)),
    ...(order === undefined ? [] : [`ordered: ${order}`]),
    ...(reason === undefined ? [] : [reason]),
    ...(nextTryBlock === undefined ? [] : [`until block ${nextTryBlock}`]),
    ...(state === 'redeemed' && transactionHash !== undefined ? [transactionHash] : []),
  ]
  return parts.join('  ')
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
