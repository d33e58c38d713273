import { afterEach, describe, expect, test, vi } from 'vitest'
import { parseOptions } from '../../../scripts/testnet/options.ts'

afterEach(() => vi.restoreAllMocks())

/** What a wrong command line leads to: the exit code, and what was said. */
function refusal(...argv: string[]): { code: unknown; said: string } {
  let said = ''
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    said += String(text)
    return true
  })
  vi.spyOn(process, 'exit').mockImplementation((code) => {
    throw new Error(`exit ${code}`)
  })
  try {
    parseOptions(argv)
  } catch (error) {
    return { code: (error as Error).message, said }
  }
  return { code: 'accepted', said }
}

describe('the options of the testnet', () => {
  test('are three orchestrators and a broadcaster that stay, unless said otherwise', () => {
    expect(parseOptions([]).options).toEqual({
      orchestrators: 3,
      broadcasters: 1,
      redeemer: false,
      transcoders: 0,
      once: false,
      keep: false,
      realtime: false,
    })
  })

  test('can all be given', () => {
    const line =
      '--once --keep --realtime --redeemer --transcoders 2 --orchestrators 5 --broadcasters 2 --input a.mp4 --duration 12 --data d --report r.json --scenario calm'
    expect(parseOptions(line.split(' '), ['calm']).options).toEqual({
      orchestrators: 5,
      broadcasters: 2,
      redeemer: true,
      transcoders: 2,
      input: 'a.mp4',
      duration: 12,
      once: true,
      keep: true,
      realtime: true,
      data: 'd',
      report: 'r.json',
      scenario: 'calm',
    })
  })

  test.each([
    [['--orchestrators', '0'], 'from 1 to 16'],
    [['--orchestrators', '17'], 'from 1 to 16'],
    [['--orchestrators', '1.5'], 'from 1 to 16'],
    [['--broadcasters', '9'], 'from 1 to 8'],
    [['--transcoders', '17'], 'from 0 to 16'],
    [['--duration', '1'], 'from 2 to 86400'],
    [['--duration', 'long'], 'from 2 to 86400'],
    [['--scenario', 'storm'], 'is invalid'],
    [['--twice'], "unknown option '--twice'"],
    [['--report'], 'argument missing'],
    [['extra'], 'too many arguments'],
  ])('%j is refused with code 2 and says what is allowed', (argv, says) => {
    const { code, said } = refusal(...argv)
    expect(code).toBe('exit 2')
    expect(said).toContain(says)
    expect(said).toContain('Usage: npm run testnet --')
  })
})
