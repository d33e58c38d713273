import { Command, InvalidArgumentError, Option } from 'commander'

/** How a testnet runs. */
export interface TestnetOptions {
  readonly orchestrators: number
  readonly broadcasters: number
  /** Whether a node of its own redeems the winners of all orchestrators. */
  readonly redeemer?: boolean
  /** Transcoders in the pool of the first orchestrator. */
  readonly transcoders?: number
  readonly input?: string
  /** Seconds of the video to stream. */
  readonly duration?: number
  readonly once: boolean
  readonly keep: boolean
  readonly realtime: boolean
  readonly data?: string
  readonly report?: string
  /** Name of one of the scenarios. */
  readonly scenario?: string
}

/** A command line, and which options it sets itself. */
export interface ParsedOptions {
  readonly options: TestnetOptions
  isGiven(name: keyof TestnetOptions): boolean
}

function count(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text)
    if (Number.isInteger(value) && value >= min && value <= max) return value
    throw new InvalidArgumentError(`allowed: a whole number from ${min} to ${max}`)
  }
}

/** Parses the command line; says what is wrong and exits with 2 when it is not valid. */
export function parseOptions(
  argv: readonly string[],
  scenarios: readonly string[] = [],
): ParsedOptions {
  const command = new Command('npm run testnet --')
    .description('A whole market on this machine: an EVM, orchestrators, broadcasters, a video')
    .option('--orchestrators <n>', 'how many orchestrators', count(1, 16), 3)
    .option('--broadcasters <n>', 'how many broadcasters', count(1, 8), 1)
    .option('--redeemer', 'a node of its own redeems the winners of all orchestrators', false)
    .option(
      '--transcoders <n>',
      'how many transcoders join the first orchestrator',
      count(0, 16),
      0,
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
    .addOption(
      new Option('--scenario <name>', 'something that happens, and how it must end').choices(
        scenarios,
      ),
    )
    .showHelpAfterError()
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse([...argv], { from: 'user' })
  return {
    options: command.opts<TestnetOptions>(),
    isGiven: (name) => command.getOptionValueSource(name) === 'cli',
  }
}
