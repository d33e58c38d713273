import { formatWei, type Wei } from '../lib/wei.ts'
import { type MediaNodeOptions, runMediaNode } from './media-node.ts'

/** What `millrace advertise` takes from the command line. */
export interface AdvertiseOptions extends MediaNodeOptions {
  readonly maxPrice: Wei
  readonly viewer?: readonly string[]
}

interface AdvertiserStatus {
  readonly orders: readonly { readonly paidWei: Wei; readonly receipted: number }[]
  readonly refusals: readonly { readonly code: string }[]
}

/** Pays viewers to watch a video of this node until it is told to stop. Resolves to the exit code. */
export async function advertise(video: string, options: AdvertiseOptions): Promise<number> {
  const { maxPrice, viewer } = options
  const viewers = viewer === undefined ? {} : { viewers: viewer.map((peerId) => ({ peerId })) }
  const campaign = { video, maxPrice: `${maxPrice}`, ...viewers }
  return runMediaNode<AdvertiserStatus>(options, {
    roles: ['advertiser'],
    sections: { advertiser: { campaigns: [campaign] } },
    role: 'advertiser',
    say({ orders, refusals }) {
      const paid = orders.reduce((sum, { paidWei }) => sum + paidWei, 0n)
      const seen = orders.reduce((sum, { receipted }) => sum + receipted, 0)
      const refused =
        refusals.length === 0 ? '' : `; refused: ${refusals.map(({ code }) => code).join(', ')}`
      const line = `${orders.length} viewers, ${seen} segments watched for ${formatWei(paid)}${refused}`
      return { line, isOver: false }
    },
  })
}
