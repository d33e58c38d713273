import { describe, expect, test } from 'vitest'
import { asError, assert, hasCode, MillraceError, messageOf } from '../../../src/lib/errors.ts'

describe('an error', () => {
  const cause = new Error('below')
  const error = new MillraceError('PORT_TAKEN', 'port 80 is taken', {
    cause,
    hint: 'Take another',
    meta: { port: 80 },
  })

  test('is complete when its message is printed alone', () => {
    expect(error.message).toBe('port 80 is taken. Take another')
    expect(error).toMatchObject({
      name: 'MillraceError',
      code: 'PORT_TAKEN',
      shortMessage: 'port 80 is taken',
      cause,
      meta: { port: 80 },
    })
    expect(new MillraceError('X', 'short')).toMatchObject({ message: 'short', meta: {} })
    expect('cause' in new MillraceError('X', 'short')).toBe(false)
  })

  test('is known by its code', () => {
    expect(hasCode(error, 'PORT_TAKEN')).toBe(true)
    expect(hasCode(error, 'OTHER')).toBe(false)
    expect(hasCode(Object.assign(new Error(), { code: 'PORT_TAKEN' }), 'PORT_TAKEN')).toBe(false)
  })

  test('can be made of anything that was thrown', () => {
    expect(asError(error)).toBe(error)
    expect(asError('text').message).toBe('text')
    expect([messageOf(cause), messageOf('text'), messageOf(undefined)]).toEqual([
      'below',
      'text',
      'undefined',
    ])
  })

  test('is what a failed assertion throws', () => {
    expect(() => assert(null, 'impossible')).toThrow(
      expect.objectContaining({ code: 'ASSERTION_FAILED', message: 'impossible' }),
    )
    expect(() => assert(true, 'fine')).not.toThrow()
  })
})
