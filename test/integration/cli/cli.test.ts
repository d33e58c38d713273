import { mkdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { programOf } from '../../../scripts/lib/program.ts'
import type { Role } from '../../../src/node/config.ts'
import {
  ether,
  type Party,
  startTestChain,
  type TestChain,
  winningTicket,
} from '../../helpers/chain.ts'
import { type Program, startProgram } from '../../helpers/e2e-processes.ts'
import { Cleanup, temporaryDirectory } from '../../helpers/fixtures.ts'

/** Starting on a busy machine takes its time. */
const TIMEOUT_MS = 240_000

const cleanup = new Cleanup()
let chain: TestChain
let directory: string
let millrace: string
beforeAll(async () => {
  millrace = await programOf('src/cli/main.ts')
  chain = await startTestChain()
  cleanup.add(() => chain.stop())
  directory = await temporaryDirectory(cleanup)
}, TIMEOUT_MS)
afterAll(() => cleanup.run())

const run = (...args: string[]): Program =>
  startProgram(cleanup, process.execPath, [millrace, ...args], { cwd: directory })

async function outcome(
  program: Program,
): Promise<{ exit: number | string; out: string; err: string }> {
  const exit = await program.exited
  return { exit, out: program.stdout(), err: program.stderr() }
}

/** A home with a config made by init, the contracts filled in as its owner would. */
async function homeOf(name: string, role: Role, account?: number): Promise<string> {
  const home = join(directory, name)
  await mkdir(home)
  if (account !== undefined) {
    const { privateKey } = chain.anvil.account(account)
    await writeFile(join(home, 'wallet.key'), Buffer.from(privateKey).toString('hex'))
  }
  const config = join(home, 'millrace.yaml')
  expect(await outcome(run('init', '--role', role, '--config', config))).toMatchObject({ exit: 0 })
  let text = await readFile(config, 'utf8')
  for (const [key, address] of Object.entries(chain.addresses)) {
    text = text.replace(new RegExp(`${key}: "0x[0-9a-f]+"`), `${key}: "${address}"`)
  }
  await writeFile(
    config,
    text
      .replace('http://127.0.0.1:8545', chain.anvil.rpcUrl)
      .replace('listen: [/ip4/0.0.0.0/tcp/4001]', 'listen: [/ip4/127.0.0.1/tcp/0]')
      .replace('port: 7935', 'port: 0'),
  )
  return config
}

interface Ready {
  readonly event: string
  readonly roles: readonly string[]
  readonly http: string
}

async function ready(program: Program): Promise<Ready> {
  const [line] = await program.says(/^\{.*\}$/m)
  return JSON.parse(line) as Ready
}

async function edited(config: string, change: (text: string) => string): Promise<string> {
  const path = `${config}.${Math.random().toString(36).slice(2)}.yaml`
  await writeFile(path, change(await readFile(config, 'utf8')))
  return path
}

describe.each(['orchestrator', 'broadcaster', 'redeemer', 'watchtower'] as const)(
  'the role %s',
  (role) => {
    let config: string
    let node: Program
    let up: Ready
    beforeAll(async () => {
      config = await homeOf(`role-${role}`, role)
      node = run('start', '--config', config)
      up = await ready(node)
    }, TIMEOUT_MS)

    test(
      'starts from what init wrote once the contracts are filled in',
      async () => {
        expect(up).toMatchObject({ event: 'ready', roles: [role] })
        const key = join(directory, `role-${role}`, 'wallet.key')
        expect(await readFile(key, 'utf8')).toMatch(/^0x[0-9a-f]{64}\n$/)
        expect((await stat(key)).mode & 0o777).toBe(0o600)
        const shown = await outcome(run('status', '--url', up.http))
        expect(shown.exit).toBe(0)
        expect(JSON.parse(shown.out)).toMatchObject({ roles: [role], [role]: {} })
      },
      TIMEOUT_MS,
    )

    test(
      'keeps its data directory to itself, and goes on',
      async () => {
        const [second, wallet] = await Promise.all([
          outcome(run('start', '--config', config)),
          outcome(run('withdraw-fees', '--config', config)),
        ])
        for (const { exit, out, err } of [second, wallet]) {
          expect(err).toMatch(/millrace: the data directory .* is in use by process \d+/)
          expect({ exit, out }).toEqual({ exit: 1, out: '' })
        }
        expect((await fetch(`${up.http}/healthz`)).status).toBe(200)
      },
      TIMEOUT_MS,
    )

    test(
      'stops cleanly at a signal, even when a launcher passes it on a second time',
      async () => {
        node.child.kill('SIGINT')
        node.child.kill('SIGTERM')
        expect(await node.exited).toBe(0)
      },
      TIMEOUT_MS,
    )
  },
)

describe('what start says when it cannot', () => {
  let config: string
  beforeAll(async () => {
    config = await homeOf('wrong', 'orchestrator')
  }, TIMEOUT_MS)

  const cases: [string, (text: string) => string, number, readonly (string | RegExp)[]][] = [
    [
      'an unknown key and a bad value',
      (text) => `${text.replace('pricePerUnit: 1200', 'pricePerUnit: cheap')}\nminPrice: 12\n`,
      2,
      ['minPrice', 'no such key', 'orchestrator.pricePerUnit is "cheap"', 'wei per pixel'],
    ],
    [
      'a role without its section',
      (text) => text.replace(/^orchestrator:$[\s\S]*/m, ''),
      2,
      ['orchestrator', 'pricePerUnit'],
    ],
    [
      'another chain than the one configured',
      (text) => text.replace('chainId: 31337', 'chainId: 42161'),
      1,
      ['serves chain 31337, not 42161'],
    ],
    [
      'an endpoint that does not answer',
      (text) => text.replace(/rpcUrl: \S+/, 'rpcUrl: http://127.0.0.1:9'),
      1,
      ['RPC endpoint does not answer', 'Check the RPC URL'],
    ],
    [
      'contracts that are not there',
      (text) => text.replace(chain.addresses.ticketBroker, `0x${'0'.repeat(39)}1`),
      1,
      [/contract|0x0000000000000000000000000000000000000001/],
    ],
    [
      'a wallet key that is missing',
      (text) => text.replace('./wallet.key', './other.key'),
      1,
      ['other.key', 'millrace init'],
    ],
    [
      'an HTTP server that anyone could write to',
      (text) =>
        text
          .replace('roles: [orchestrator]', 'roles: [broadcaster]')
          .replace('host: 127.0.0.1', 'host: 0.0.0.0'),
      1,
      ['0.0.0.0', 'token'],
    ],
  ]
  test.each(cases)(
    '%s',
    async (_what, change, exit, says) => {
      const done = await outcome(run('start', '--config', await edited(config, change)))
      expect(done.out).toBe('')
      for (const part of says) {
        if (typeof part === 'string') expect(done.err).toContain(part)
        else expect(done.err).toMatch(part)
      }
      expect(done.err).not.toMatch(/^\s+at .*:\d+:\d+\)?$/m)
      expect(done.exit).toBe(exit)
    },
    TIMEOUT_MS,
  )

  test(
    'a config file that is missing',
    async () => {
      const done = await outcome(run('start', '--config', 'nowhere.yaml'))
      expect(done.exit).toBe(2)
      expect(done.err).toContain(join(directory, 'nowhere.yaml'))
      expect(done.err).toContain('millrace init')
    },
    TIMEOUT_MS,
  )

  test.each([
    [['start', '--role', 'miner'], 'Allowed choices are broadcaster, orchestrator'],
    [['start', '--http-port', '70000'], 'allowed: a port'],
    [['fund', '--deposit', '1 apple', '--reserve', '1'], 'allowed: an amount'],
    [['fund', '--deposit', '1'], '--reserve'],
    [['strat'], 'start'],
  ])(
    'a command line that is wrong: %j',
    async (args, says) => {
      const done = await outcome(run(...args))
      expect(done.err).toContain(says)
      expect(done.exit).toBe(2)
    },
    TIMEOUT_MS,
  )
})

describe('init', () => {
  test(
    'does not overwrite a config unless it is told to, and never a key',
    async () => {
      const home = join(directory, 'init')
      await mkdir(home)
      const config = join(home, 'my.yaml')
      const init = (...more: string[]): Program =>
        run('init', '--role', 'broadcaster', '--config', config, ...more)
      expect((await outcome(init())).out).toContain('keep it secret')
      const key = await readFile(join(home, 'wallet.key'), 'utf8')
      await writeFile(config, 'mine')
      const refused = await outcome(init())
      expect(refused.exit).toBe(1)
      expect(refused.err).toContain('--force')
      expect(await readFile(config, 'utf8')).toBe('mine')
      expect((await outcome(init('--force'))).exit).toBe(0)
      expect(await readFile(config, 'utf8')).toContain('roles: [broadcaster]')
      expect(await readFile(join(home, 'wallet.key'), 'utf8')).toBe(key)
    },
    TIMEOUT_MS,
  )
})

describe('--role', () => {
  test(
    'makes of a node what its config does not',
    async () => {
      const config = await homeOf('switch', 'orchestrator')
      const node = run('start', '--config', config, '--role', 'broadcaster')
      const { http, roles } = await ready(node)
      expect(roles).toEqual(['broadcaster'])
      const status = (await (await fetch(`${http}/v1/status`)).json()) as object
      expect(status).toHaveProperty('broadcaster')
      expect(status).not.toHaveProperty('orchestrator')
      node.child.kill('SIGTERM')
      await node.exited
      const both = run('start', '--config', config, '--role', 'broadcaster', 'orchestrator')
      expect((await ready(both)).roles).toEqual(['broadcaster', 'orchestrator'])
      both.child.kill('SIGTERM')
      expect(await both.exited).toBe(0)
    },
    TIMEOUT_MS,
  )
})

describe('the wallet commands', () => {
  let config: string
  let operator: Party
  let owner: Party
  let sender: Party
  beforeAll(async () => {
    config = await homeOf('wallet', 'orchestrator', 5)
    operator = await chain.party(0)
    owner = await chain.party(5)
    sender = await chain.party(6)
  }, TIMEOUT_MS)

  const command = (
    ...args: string[]
  ): Promise<{ exit: number | string; out: string; err: string }> =>
    outcome(run(...args, '--config', config))

  test(
    'fund adds to deposit and reserve',
    async () => {
      const done = await command('fund', '--deposit', '1.5 ether', '--reserve', '20gwei')
      expect(done).toMatchObject({ exit: 0, err: '', out: 'deposit 1.5 ETH, reserve 20 gwei\n' })
      expect(await owner.broker.senderInfo(owner.address)).toMatchObject({
        deposit: ether(1.5),
        reserve: { fundsRemaining: 20_000_000_000n },
      })
    },
    TIMEOUT_MS,
  )

  test(
    'fund refuses what the wallet does not hold, and says what it holds',
    async () => {
      const done = await command('fund', '--deposit', '20000 ether', '--reserve', '1')
      expect(done.exit).toBe(1)
      expect(done.err).toContain(owner.address)
      expect(done.err).toMatch(/holds \d+(\.\d+)? ETH/)
    },
    TIMEOUT_MS,
  )

  test(
    'unlock and withdraw give deposit and reserve back, not before the round',
    async () => {
      expect((await command('unlock')).out).toMatch(/from round \d+ on/)
      expect(await command('unlock', '--cancel')).toMatchObject({ exit: 0 })
      const early = await command('withdraw')
      expect(early).toMatchObject({ exit: 1, out: '' })
      expect(early.err).toContain('millrace unlock')
      await owner.broker.unlock(owner.fresh())
      const { withdrawRound } = await owner.broker.senderInfo(owner.address)
      while ((await owner.rounds.currentRound()) < withdrawRound) await chain.nextRound()
      expect((await command('withdraw')).out).toBe('withdrew 1.50000002 ETH\n')
    },
    2 * TIMEOUT_MS,
  )

  test(
    'bond bonds work tokens to the wallet itself, and refuses without them',
    async () => {
      const refused = await command('bond', '--amount', '5 ether')
      expect(refused).toMatchObject({ exit: 1, out: '' })
      expect(refused.err).toContain('work tokens')
      await operator.token.transfer(owner.address, ether(7), operator.fresh())
      const done = await command('bond', '--amount', '5 ether')
      expect(done).toMatchObject({ exit: 0, err: '' })
      expect(done.out).toContain('stake 5 work tokens')
      expect(await owner.bonding.transcoderTotalStake(owner.address)).toBe(ether(5))
      await chain.nextRound()
      expect(await owner.bonding.isActiveTranscoder(owner.address)).toBe(true)
    },
    TIMEOUT_MS,
  )

  test(
    'withdraw-fees pays out what redeemed tickets have earned',
    async () => {
      expect((await command('withdraw-fees')).out).toBe('nothing to withdraw\n')
      await sender.broker.fundDepositAndReserve(ether(1), ether(1), sender.fresh())
      const ticket = await winningTicket({ sender, recipient: owner }, { faceValue: ether(0.25) })
      await owner.broker.redeemWinningTicket(ticket, owner.fresh())
      expect(await owner.broker.pendingFees(owner.address)).toBe(ether(0.25))
      expect((await command('withdraw-fees')).out).toBe('withdrew 0.25 ETH\n')
      expect(await owner.broker.pendingFees(owner.address)).toBe(0n)
    },
    TIMEOUT_MS,
  )
})

describe('status', () => {
  test(
    'says so when no node answers',
    async () => {
      const done = await outcome(run('status', '--url', 'http://127.0.0.1:9'))
      expect(done.exit).toBe(1)
      expect(done.err).toContain('no node answers at http://127.0.0.1:9')
      expect(done.err).toContain('millrace start')
    },
    TIMEOUT_MS,
  )
})
