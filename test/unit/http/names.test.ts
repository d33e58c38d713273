import { describe, expect, test } from 'vitest'
import { httpLimits } from '../../../src/http/limits.ts'
import { isLoopback } from '../../../src/http/loopback.ts'
import { isName, parseNamed, parseSegmentFile } from '../../../src/http/names.ts'

describe('names in a URL', () => {
  test.each(['show', 'a', '_x', 'Show-1.2', 'a..b', 'x'.repeat(httpLimits.maxNameLength)])(
    '%s is one',
    (name) => expect(isName(name)).toBe(true),
  )

  test.each([
    '',
    '.',
    '..',
    '.hidden',
    '-flag',
    'a/b',
    'a\\b',
    'a b',
    'a\n',
    'a\0',
    'é',
    '"><b>',
    'x'.repeat(httpLimits.maxNameLength + 1),
  ])('%j is none', (name) => expect(isName(name)).toBe(false))

  test('end in the extension that is asked for', () => {
    expect(parseNamed('show.m3u8', '.m3u8')).toBe('show')
    expect(parseNamed('show.ts', '.m3u8')).toBeNull()
    expect(parseNamed('.m3u8', '.m3u8')).toBeNull()
    expect(parseNamed('../x.m3u8', '.m3u8')).toBeNull()
  })

  test.each<[string, number | null]>([
    ['0.ts', 0],
    ['007.ts', 7],
    ['index12.ts', 12],
    ['seg_12.ts', 12],
    ['9'.repeat(httpLimits.maxSeqDigits).concat('.ts'), 999_999_999_999],
    ['9'.repeat(httpLimits.maxSeqDigits + 1).concat('.ts'), null],
    ['-1.ts', null],
    ['1.5.ts', null],
    ['1.mp4', null],
    ['.ts', null],
    ['1e3.ts', null],
    ['a1b2.ts', null],
    ['../1.ts', null],
  ])('%s is segment %s', (file, seq) => expect(parseSegmentFile(file)).toBe(seq))
})

describe('loopback', () => {
  test.each(['localhost', '127.0.0.1', '127.8.9.10', '::1', '[::1]'])('%s is', (host) =>
    expect(isLoopback(host)).toBe(true),
  )

  test.each([
    '',
    '0.0.0.0',
    '::',
    '10.0.0.1',
    '128.0.0.1',
    'localhost.evil.example',
    '127.0.0.1.nip.io',
  ])('%j is not', (host) => expect(isLoopback(host)).toBe(false))
})
