import type { Address } from '../../../src/lib/crypto/address.ts'
import type { ReportInit } from '../report.ts'
import {
  balancesOf,
  check,
  mediaChain,
  networkOf,
  type PublisherJson,
  startPublisher,
  transcodingChecks,
  until,
} from './media.ts'
import { type Backstage, nothingMissing, type Scenario, type ScenarioReport } from './scenario.ts'

const TITLE = 'An ad'
const PRICE = 500_000_000n
const VIEWERS = 2

interface AudienceJson {
  readonly audience: {
    readonly earnedWei: string
    readonly watched: readonly { readonly intact: number; readonly segments: number }[]
  }
}

interface AdvertiserJson extends PublisherJson {
  readonly advertiser: {
    readonly orders: readonly { readonly paidWei: string; readonly receipted: number }[]
    readonly refusals: readonly { readonly code: string }[]
  }
}

/** A campaign in numbers; amounts are decimal strings of wei. */
export interface AttentionReport extends ScenarioReport {
  readonly viewers: number
  readonly segmentsWatched: number
  readonly spentWei: string
  readonly earnedWei: string
}

/** A video is transcoded on the market, and viewers are paid for each segment they watch of it. */
export const scenario: Scenario & {
  section(init: ReportInit, stage: Backstage): Promise<AttentionReport>
} = {
  about: 'a video is transcoded on the market, and viewers are paid for what they watch of it',
  accounts: 1 + VIEWERS,
  config: (_role, contracts) => mediaChain(contracts),
  verdicts: nothingMissing,
  async section(init, stage) {
    stage.onStep(`${VIEWERS} nodes watch for money`)
    const viewers = await Promise.all(
      Array.from({ length: VIEWERS }, (_, i) =>
        stage.start('audience', i + 1, stage.firstAccount + 1 + i, {
          ...networkOf([]),
          audience: { price: `${PRICE}`, batch: 2, register: true },
        }),
      ),
    )
    const targets = viewers.map(({ ready: { peerId, addresses } }) => ({ peerId, addresses }))
    const advertiser = await startPublisher(init, stage, {
      roles: ['broadcaster', 'publisher', 'advertiser'],
      publisher: {
        profiles: ['240p'],
        videos: [{ title: TITLE, input: stage.input, maxDurationMs: 10_000 }],
      },
      advertiser: {
        campaigns: [{ video: TITLE, maxPrice: `${2n * PRICE}`, viewers: targets }],
      },
    })
    const watched = await Promise.all(
      viewers.map((viewer) =>
        until<AudienceJson>(viewer, stage.signal, ({ audience }) => audience.watched.length > 0),
      ),
    )
    const status = await until<AdvertiserJson>(advertiser, stage.signal, () => true)
    const spent = status.advertiser.orders.reduce((sum, { paidWei }) => sum + BigInt(paidWei), 0n)
    const earned = watched.reduce((sum, { audience }) => sum + BigInt(audience.earnedWei), 0n)
    const accounts = viewers.map(({ ready }) => ready.address as Address)
    const owner = advertiser.ready.address as Address
    const { of, held } = await balancesOf(init, [...accounts, owner])
    const balances = of.slice(0, VIEWERS).reduce((sum, balance) => sum + balance, 0n)
    const duration = BigInt(status.publisher.catalog[0]?.duration ?? 0)
    const segments = watched.reduce(
      (sum, { audience }) => sum + (audience.watched[0]?.intact ?? 0),
      0,
    )
    const receipted = status.advertiser.orders.reduce((sum, order) => sum + order.receipted, 0)
    const checks = [
      check(
        'spent = price of the whole for each viewer',
        spent,
        PRICE * duration * BigInt(VIEWERS),
      ),
      check('earned by the viewers = spent by the advertiser', earned, spent),
      check("the viewers' balances with the exchange = earned", balances, earned),
      check("the advertiser's balance with the exchange = nothing", of[VIEWERS] ?? 0n, 0n),
      check('the exchange holds what it owes', held, earned),
      check('receipts given = receipts taken', BigInt(segments), BigInt(receipted)),
      ...(await transcodingChecks(status, init)),
    ]
    return {
      viewers: VIEWERS,
      segmentsWatched: segments,
      spentWei: spent.toString(),
      earnedWei: earned.toString(),
      reconciled: earned > 0n && checks.every(({ holds }) => holds),
      checks,
    }
  },
}
