import { sleep } from '../lib/abort.ts'
import { loadConfig } from '../node/load-config.ts'
import type { NodeObserver } from './run-node.ts'

/** What the commands of content and attention share. */
export interface MediaNodeOptions {
  readonly config: string
  readonly data?: string
  readonly httpPort?: number
  readonly exitWithParent?: boolean
}

/** Runs a node with other roles than its config's, and shows its status until `say` ends it. */
export async function runMediaNode<T extends object>(
  options: MediaNodeOptions,
  init: {
    readonly roles: readonly string[]
    /** Keep the config's own roles beside them. */
    readonly keepRoles?: boolean
    readonly sections: Readonly<Record<string, object>>
    readonly role: string
    /** A line for the terminal, and whether there is nothing left to do. */
    say(status: T, url: string): { readonly line: string; readonly isOver: boolean }
  },
): Promise<number> {
  const over = { dataDirectory: options.data, sections: init.sections }
  const file = init.keepRoles === true ? await loadConfig(options.config) : null
  const roles = [...new Set([...(file?.roles ?? []), ...init.roles])]
  const config = await loadConfig(options.config, { ...over, roles })
  const { runNode } = await import('./run-node.ts')
  const observe: NodeObserver = async (node, { url, signal }) => {
    let last = ''
    while (!signal.aborted) {
      const status = (await node.status()) as Record<string, T>
      const part = status[init.role]
      if (part !== undefined) {
        const { line, isOver } = init.say(part, url)
        if (line !== last) process.stdout.write(`${line}\n`)
        last = line
        if (isOver) return true
      }
      await sleep(POLL_MS, { signal }).catch(() => {})
    }
    return true
  }
  return runNode(config, options, observe)
}

const POLL_MS = 500
