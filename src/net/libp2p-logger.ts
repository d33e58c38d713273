import type { ComponentLogger, Logger as Libp2pLogger } from '@libp2p/interface'
import type { Logger } from '../lib/logger.ts'

/**
 * Gives libp2p's components our logger, quietly.
 *
 * Only what libp2p calls an error is kept, at debug level: most of it is a peer that went away, and
 * its text may hold what a peer sent. The running commentary is dropped.
 */
export function createLibp2pLogger(logger: Logger): ComponentLogger {
  return { forComponent: (name) => scoped(logger, name) }
}

function scoped(logger: Logger, component: string): Libp2pLogger {
  const drop = (): void => {}
  return Object.assign(drop, {
    enabled: false,
    trace: drop,
    error(format: unknown, ...args: readonly unknown[]): void {
      const err = [format, ...args].find((value) => value instanceof Error)
      logger.debug({ component, detail: String(format), err }, 'libp2p reported an error')
    },
    newScope: (name: string) => scoped(logger, `${component}:${name}`),
  })
}
