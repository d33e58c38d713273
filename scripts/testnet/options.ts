import { Command, InvalidArgumentError, Option } from 'commander'
import { scenarios } from './scenarios/index.ts'

/** How a testnet runs. */
export interface TestnetOptions {
  readonly orchestrators: number
  readonly broadcasters: number
  /** Whether a node of its own redeems the winners of all orchestrators. */
  readonly redeemer?: boolean
  /** What is played instead of the plain run. */
  readonly scenario?: string
  readonly input?: string
  /** Seconds of the video to stream. */
  readonly duration?: number
  readonly once: boolean
  readonly keep: boolean
  readonly realtime: boolean
  readonly data?: string
  readonly report?: string
}

function count(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`allowed: a whole number from ${min} to ${max}`)
  }
}

/** Parses the command line; says what is wrong and exits with 2 when it is not valid. */
export function parseOptions(argv: readonly string[]): TestnetOptions {
  return new Command('npm run testnet --')
    .description('A whole market on this machine: an EVM, orchestrators, broadcasters, a video')
    .option('--orchestrators <n>', 'how many orchestrators', count(1, 16), 3)
    .option('--broadcasters <n>', 'how many broadcasters', count(1, 8), 1)
    .option('--redeemer', 'a node of its own redeems the winners of all orchestrators', false)
    .addOption(
      new Option('--scenario <name>', 'what is played instead of the plain run').choices(
        Object.keys(scenarios),
      ),
    )
    .option('--input <file>', 'a video to stream instead of the generated one')
    .option('--duration <seconds>', 'stream only so much of it', count(2, 86_400))
    .option('--once', 'exit when the video is done and everything is settled', false)
    .option('--keep', 'leave the network running and its data in place when done', false)
    .option(
      '--realtime',
      'stream at the speed of the video instead of as fast as it is taken',
      false,
    )
    .option('--data <directory>', 'where to keep data and logs, instead of a temporary directory')
    .option('--report <file>', 'write a report as JSON')
    .showHelpAfterError()
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse([...argv], { from: 'user' })
    .opts<TestnetOptions>()
}
