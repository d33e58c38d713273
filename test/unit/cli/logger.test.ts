import { describe, expect, test } from 'vitest'
import { createLogger, type LoggerInit } from '../../../src/cli/logger.ts'
import { MillraceError } from '../../../src/lib/errors.ts'
import type { Logger } from '../../../src/lib/logger.ts'

function capture(init: Partial<LoggerInit> = {}): { logger: Logger; lines: string[] } {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  return { logger: createLogger({ level: 'debug', destination, ...init }), lines }
}

describe('the logger', () => {
  test('writes one JSON object a line, with the bindings of its room', () => {
    const { logger, lines } = capture()
    logger.child({ module: 'store' }).warn({ sizeBytes: 3 }, 'value is large')
    expect(lines).toHaveLength(1)
    expect(JSON.parse(lines[0]!)).toEqual({
      level: 'warn',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      module: 'store',
      sizeBytes: 3,
      msg: 'value is large',
    })
  })

  test('leaves out what is below its level', () => {
    const { logger, lines } = capture({ level: 'warn' })
    logger.debug({}, 'no')
    logger.info({}, 'no')
    logger.warn({}, 'yes')
    logger.error({}, 'yes')
    expect(lines).toHaveLength(2)
    const silent = capture({ level: 'silent' })
    silent.logger.error({}, 'no')
    expect(silent.lines).toEqual([])
  })

  test.each([false, true])(
    'hides secrets wherever a field is named like one (pretty: %s)',
    (pretty) => {
      const { logger, lines } = capture({ pretty })
      const secret = 'do-not-print'
      logger.info({ token: secret, password: secret, privateKey: secret }, 'top')
      logger.info({ config: { token: secret }, wallet: { account: { key: secret } } }, 'below')
      logger.child({ mnemonic: secret }).info({}, 'child')
      const error = new MillraceError('X', 'refused', { meta: { passphrase: secret } })
      logger.error({ err: error }, 'error')
      expect(lines.join('')).not.toContain(secret)
      expect(lines.join('')).toContain('[hidden]')
    },
  )

  test('tells an error with its code, its stack and its cause', () => {
    const { logger, lines } = capture()
    const error = new MillraceError('PORT_TAKEN', 'taken', { cause: new Error('below') })
    logger.error({ err: error }, 'did not start')
    expect(JSON.parse(lines[0]!).err).toMatchObject({
      code: 'PORT_TAKEN',
      message: expect.stringContaining('below'),
      stack: expect.stringContaining('logger.test.ts'),
    })
  })

  test('writes for a person on a terminal', () => {
    const { logger, lines } = capture({ pretty: true })
    logger.info({ port: 80 }, 'listening')
    expect(lines.join('')).toMatch(/INFO.*listening/)
    expect(lines.join('')).toMatch(/port.*80/)
  })
})
