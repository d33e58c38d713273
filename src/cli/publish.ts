import { basename, resolve } from 'node:path'
import { formatWei, type Wei } from '../lib/wei.ts'
import { type MediaNodeOptions, runMediaNode } from './media-node.ts'

/** What `millrace publish` takes from the command line. */
export interface PublishOptions extends MediaNodeOptions {
  readonly price?: Wei
  readonly title?: string
  readonly keepLast?: boolean
  /** Multiaddrs that end in /p2p/ and a peer id, or directories. */
  readonly host?: readonly string[]
  readonly hostedOnly?: boolean
  readonly register?: boolean
}

interface PublisherStatus {
  readonly uploads: readonly {
    readonly title: string
    readonly state: string
    readonly video?: string
    readonly error?: string
    readonly segments: number
  }[]
  readonly sales: readonly { readonly paidWei: Wei; readonly segments: number }[]
}

/** Publishes a file and sells it until it is told to stop. Resolves to the exit code. */
export async function publish(file: string, options: PublishOptions): Promise<number> {
  const { price, title = basename(file), keepLast } = options
  const terms = price === undefined ? {} : { price: `${price}` }
  const defence = keepLast === true ? 'last' : 'none'
  const video = { title, input: resolve(file), ...terms, defence }
  const hosts = (options.host ?? []).map(hostOf)
  const own = {
    videos: [video],
    ...(hosts.length > 0 ? { hosts } : {}),
    ...(options.register === true ? { register: true } : {}),
    ...(options.hostedOnly === true ? { keepsSegments: false } : {}),
  }
  return runMediaNode<PublisherStatus>(options, {
    roles: ['publisher'],
    // A node that is a broadcaster too has the work done on the market.
    keepRoles: true,
    sections: { publisher: own },
    role: 'publisher',
    say({ uploads, sales }) {
      const upload = uploads.find((one) => one.title === title)
      if (upload === undefined) return { line: 'starting', isOver: false }
      if (upload.state === 'failed') return { line: `failed: ${upload.error}`, isOver: true }
      if (upload.state !== 'published') {
        return { line: `${title}: ${upload.segments} segments transcoded`, isOver: false }
      }
      const earned = sales.reduce((sum, { paidWei }) => sum + paidWei, 0n)
      const sold = sales.reduce((sum, { segments }) => sum + segments, 0)
      const line = `${title} is ${upload.video}; ${sold} segments sold for ${formatWei(earned)}`
      return { line, isOver: false }
    },
  })
}

/** A host as the config has it. */
function hostOf(where: string): object {
  const peerId = /\/p2p\/([^/]+)$/.exec(where)?.[1]
  return peerId === undefined ? { directory: resolve(where) } : { peerId, addresses: [where] }
}
