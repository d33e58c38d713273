import '../../../src/lib/polyfill.ts'
import { appendFileSync } from 'node:fs'
import { join } from 'node:path'
import { inspect } from 'node:util'
import type { Logger } from '../../../src/lib/logger.ts'
import type { Order, Report, RunningSide } from './messages.ts'
import { startPayer } from './payer.ts'
import { startProvider } from './provider.ts'

const report = (message: Report): void => void process.send?.(message)

/** Only what should not happen, in a file beside the stores. */
function fileLogger(directory: string, bindings: object = {}): Logger {
  const write = (level: string, fields: object, message: string): void => {
    const line = inspect({ ...bindings, ...fields }, { breakLength: Infinity, depth: 4 })
    const at = new Date().toISOString()
    appendFileSync(join(directory, 'log'), `${at} ${process.pid} ${level} ${message} ${line}\n`)
  }
  return {
    debug() {},
    info: (fields, message) => write('info', fields, message),
    warn: (fields, message) => write('warn', fields, message),
    error: (fields, message) => write('error', fields, message),
    child: (more) => fileLogger(directory, { ...bindings, ...more }),
  }
}

let running: Promise<RunningSide> | undefined

async function obey(order: Order): Promise<void> {
  if (order.type === 'start') {
    const { settings } = order
    const logger = fileLogger(settings.directory)
    running =
      settings.side === 'provider'
        ? startProvider(settings, logger, report)
        : startPayer(settings, logger, report, order.advert)
    await running
  }
  if (order.type === 'finish') {
    await (await running)?.finish?.()
    report({ type: 'finished' })
  }
  if (order.type === 'count') {
    report({ type: 'pending', winners: (await running)?.pending?.() ?? 0 })
  }
  if (order.type === 'stop') {
    await (await running)?.stop()
    report({ type: 'stopped' })
    process.disconnect()
  }
}

// A child must not outlive the loop, whatever became of it.
process.on('disconnect', () => process.exit(0))
if (!process.connected) process.exit(0)
process.on('message', (order: Order) => {
  obey(order).catch((error: unknown) => {
    report({ type: 'failed', reason: inspect(error, { depth: 4 }) })
  })
})
