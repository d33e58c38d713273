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

const TITLE = 'A film'
const PRICE = 1_000_000_000n

interface ViewerJson {
  readonly viewer: {
    readonly views: readonly {
      readonly state: string
      readonly segments: number
      readonly bytes: number
      readonly paidWei: string
      readonly master: string
      readonly error?: string
    }[]
  }
}

/** A sale in numbers; amounts are decimal strings of wei. */
export interface ContentReport extends ScenarioReport {
  readonly video: string
  readonly segments: number
  readonly bytes: number
  readonly spentWei: string
  readonly earnedWei: string
  readonly master: string
}

/** A video is transcoded on the market, published, and bought by a viewer segment by segment. */
export const scenario: Scenario & {
  section(init: ReportInit, stage: Backstage): Promise<ContentReport>
} = {
  about: 'a video is transcoded on the market, published, and bought segment by segment',
  accounts: 2,
  config: (_role, contracts) => mediaChain(contracts),
  verdicts: nothingMissing,
  async section(init, stage) {
    const publisher = await startPublisher(init, stage, {
      roles: ['broadcaster', 'publisher'],
      publisher: {
        profiles: ['240p'],
        videos: [{ title: TITLE, input: stage.input, price: `${PRICE}`, maxDurationMs: 20_000 }],
      },
    })
    stage.onStep('viewer-1: buys it segment by segment')
    const viewer = await stage.start('viewer', 1, stage.firstAccount + 1, {
      ...networkOf(publisher.ready.addresses),
      viewer: { videos: [{ video: TITLE, maxPrice: `${2n * PRICE}` }] },
    })
    const watched = await until<ViewerJson>(viewer, stage.signal, ({ viewer: { views } }) => {
      const [view] = views
      if (view?.state === 'failed') throw new Error(`not watched: ${view.error}`)
      return view?.state === 'done'
    })
    const view = watched.viewer.views[0] as ViewerJson['viewer']['views'][number]
    const playlist = await fetch(`${viewer.ready.http}${view.master}`)
    if (!playlist.ok) throw new Error('the viewer plays nothing')
    const sold = await until<PublisherJson>(publisher, stage.signal, ({ publisher: { sales } }) =>
      sales.some(({ state }) => state === 'done'),
    )
    const { sales, uploads, catalog } = sold.publisher
    const earned = sales.reduce((sum, { paidWei }) => sum + BigInt(paidWei), 0n)
    const accounts = [publisher.ready.address, viewer.ready.address] as Address[]
    const { of, held } = await balancesOf(init, accounts)
    const spent = BigInt(view.paidWei)
    const duration = BigInt(catalog[0]?.duration ?? 0)
    const checks = [
      check('spent by the viewer = price of the whole video', spent, PRICE * duration),
      check('credited to the publisher = spent by the viewer', earned, spent),
      check("the publisher's balance with the exchange = earned", of[0] ?? 0n, earned),
      check("the viewer's balance with the exchange = nothing", of[1] ?? 0n, 0n),
      check('the exchange holds what it owes', held, earned),
      check(
        'segments bought = segments published',
        BigInt(view.segments),
        BigInt(uploads[0]?.segments ?? 0),
      ),
      ...(await transcodingChecks(sold, init)),
    ]
    return {
      video: uploads[0]?.video ?? '',
      segments: view.segments,
      bytes: view.bytes,
      spentWei: spent.toString(),
      earnedWei: earned.toString(),
      master: `${viewer.ready.http}${view.master}`,
      reconciled: earned > 0n && checks.every(({ holds }) => holds),
      checks,
    }
  },
}
