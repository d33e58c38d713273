import '../../../src/lib/polyfill.ts'
import { createInterface } from 'node:readline'
import { createProviderOrders } from '../../../src/exchange/provider-orders.ts'
import { fromHex, toHex } from '../../../src/lib/bytes.ts'
import { systemClock } from '../../../src/lib/clock.ts'
import type { OpenQuote, QuoteProvider } from '../../../src/market/quote-provider.ts'
import { openStore } from '../../../src/store/store.ts'
import { fakeChain } from '../../helpers/fakes-chain.ts'
import { profiles, SEGMENT_MS } from '../../helpers/fakes-media.ts'
import { bytesOf } from '../../helpers/fixtures.ts'
import { openRecipient, recipientWallet, senderWallet } from '../../helpers/fixtures-tickets.ts'

/** What the process is told, one line each. */
export interface PayeeCommand {
  /** A payment, as hex. */
  readonly proof: string
}

/** What it answers. Amounts are decimal wei, winners the hex of their signatures. */
export type PayeeAnswer =
  | { readonly type: 'ready'; readonly credited: string; readonly grant: string }
  | { readonly type: 'credited'; readonly amount: string; readonly winners: readonly string[] }
  | { readonly type: 'refused'; readonly code: string }

const EXPECTED_UNITS = 20_000n
const orderId = bytesOf(16)

/** One order that was agreed upon for good. */
const quotes: Pick<QuoteProvider, 'find' | 'takenUp'> = {
  find: () =>
    ({
      quote: {
        quoteId: orderId,
        payer: senderWallet.address,
        payerPeerId: 'payer',
        provider: recipientWallet.address,
        providerPeerId: 'provider',
        service: 'transcode',
        price: { num: 1n, den: 1n },
        rail: 'ticket',
        maxInFlight: 2,
      },
      request: { profiles, segmentMs: SEGMENT_MS, expectedUnits: EXPECTED_UNITS },
    }) as unknown as OpenQuote,
  takenUp() {},
}

function say(answer: PayeeAnswer): void {
  process.stdout.write(`${JSON.stringify(answer)}\n`)
}

const store = await openStore({ directory: process.argv[2] as string })
const { rail, winners } = await openRecipient(store, fakeChain())
const orders = createProviderOrders({
  store,
  clock: systemClock,
  quotes: quotes as QuoteProvider,
  rails: new Map([[rail.id, rail]]),
})
const order = await orders.open(orderId, 'payer')
if (order === undefined) throw new Error('no order')
const grant = await order.earn.grant()
if (!grant.ok) throw new Error(grant.error.code)
say({ type: 'ready', credited: `${order.account().credited}`, grant: toHex(grant.value) })

for await (const line of createInterface({ input: process.stdin })) {
  const { proof } = JSON.parse(line) as PayeeCommand
  const before = new Set(winners.pending().map(({ sequence }) => sequence))
  const received = await order.receive(fromHex(proof))
  if (!received.ok) {
    say({ type: 'refused', code: received.error.code })
    continue
  }
  const won = winners.pending().filter(({ sequence }) => !before.has(sequence))
  say({
    type: 'credited',
    amount: `${received.value}`,
    winners: won.map(({ ticket }) => toHex(ticket.sig)),
  })
}
