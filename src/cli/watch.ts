import { formatWei, type Wei } from '../lib/wei.ts'
import { type MediaNodeOptions, runMediaNode } from './media-node.ts'

/** What `millrace watch` takes from the command line. */
export interface WatchOptions extends MediaNodeOptions {
  readonly maxPrice: Wei
  readonly format?: string
  readonly once?: boolean
}

interface ViewerStatus {
  readonly views: readonly {
    readonly state: string
    readonly title?: string
    readonly segments: number
    readonly total?: number
    readonly paidWei: Wei
    readonly priceWei?: Wei
    readonly master: string
    readonly error?: string
  }[]
}

/** Buys a video and plays it on a local address. Resolves to the exit code. */
export async function watch(video: string, options: WatchOptions): Promise<number> {
  const { maxPrice, format, once } = options
  const wanted = { video, maxPrice: `${maxPrice}`, ...(format === undefined ? {} : { format }) }
  let isFailed = false
  const code = await runMediaNode<ViewerStatus>(options, {
    roles: ['viewer'],
    sections: { viewer: { videos: [wanted] } },
    role: 'viewer',
    say({ views }, url) {
      const [view] = views
      if (view === undefined || view.state === 'looking') {
        return { line: `looking for ${video}`, isOver: false }
      }
      if (view.state === 'failed') {
        isFailed = true
        return { line: `failed: ${view.error}`, isOver: true }
      }
      const spent = `${formatWei(view.paidWei)} spent, ${formatWei(view.priceWei ?? 0n)} a second`
      const line = `${url}${view.master}: ${view.segments}/${view.total} segments, ${spent}`
      return { line, isOver: view.state === 'done' && once === true }
    },
  })
  return isFailed ? 1 : code
}
