import { type DestinationStream, pino } from 'pino'
import { prettyFactory } from 'pino-pretty'
import type { Logger } from '../lib/logger.ts'

/** How much is logged, from most to least. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent'

/** How a process logs. */
export interface LoggerInit {
  readonly level: LogLevel
  /** Lines for a person instead of JSON; by default when stderr is a terminal. */
  readonly pretty?: boolean
  /** Where lines go; stderr by default, since stdout belongs to a command's answer. */
  readonly destination?: DestinationStream
}

const SECRETS = [
  'key',
  'privateKey',
  'secret',
  'seed',
  'password',
  'passphrase',
  'mnemonic',
  'token',
  'authorization',
]

/** The paths at which pino hides a secret: a field itself, or one level and two levels deep. */
const redactPaths = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`])

/**
 * The process's logger: JSON lines on stderr, or lines for a person on a terminal.
 *
 * Invariant: fields named like a secret never reach the output. Lines are written synchronously,
 * so that the last one before a crash is not lost.
 */
export function createLogger(init: LoggerInit): Logger {
  const forPerson = init.pretty ?? (init.destination === undefined && process.stderr.isTTY === true)
  const target = init.destination ?? pino.destination({ dest: 2, sync: true })
  const options = {
    level: init.level,
    base: null,
    redact: { paths: redactPaths, censor: '[hidden]' },
    formatters: { level: (label: string) => ({ level: label }) },
    timestamp: pino.stdTimeFunctions.isoTime,
  }
  return forPerson ? pino(options, prettyStream(target)) : pino(options, target)
}

function prettyStream(destination: DestinationStream): DestinationStream {
  const format = prettyFactory({
    colorize: process.stderr.hasColors?.() === true,
    translateTime: 'SYS:HH:MM:ss.l',
  })
  return { write: (line) => destination.write(format(line)) }
}
