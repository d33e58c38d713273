import { loadAnyConfig } from '../node/load-config.ts'
import type { StartOptions } from './start-options.ts'

/** Reads the config and runs a node. Resolves to the exit code. */
export async function start(options: StartOptions): Promise<number> {
  const config = await loadAnyConfig(options.config, {
    roles: options.role,
    dataDirectory: options.data,
    logLevel: options.logLevel,
  })
  // Not before the config is good: what a node is made of takes seconds to load.
  const { runNode } = await import('./run-node.ts')
  return runNode(config, options)
}
