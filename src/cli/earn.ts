import { formatWei, type Wei } from '../lib/wei.ts'
import { type MediaNodeOptions, runMediaNode } from './media-node.ts'

/** What `millrace earn` takes from the command line. */
export interface EarnOptions extends MediaNodeOptions {
  readonly price: Wei
  readonly register?: boolean
}

interface AudienceStatus {
  readonly watched: readonly { readonly intact: number }[]
  readonly earnedWei: Wei
}

/** Watches what it is paid to watch until it is told to stop. Resolves to the exit code. */
export async function earn(options: EarnOptions): Promise<number> {
  const { price, register } = options
  const own = { price: `${price}`, ...(register === true ? { register } : {}) }
  return runMediaNode<AudienceStatus>(options, {
    roles: ['audience'],
    sections: { audience: own },
    role: 'audience',
    say({ watched, earnedWei }) {
      const segments = watched.reduce((sum, { intact }) => sum + intact, 0)
      const line = `${watched.length} videos, ${segments} segments watched, ${formatWei(earnedWei)} earned`
      return { line, isOver: false }
    },
  })
}
