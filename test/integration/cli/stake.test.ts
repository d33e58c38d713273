import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openProfile } from '../../../src/chain/open-profile.ts'
import type { OwnProfile } from '../../../src/chain/profile.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import { reportOrchestrator } from '../../../src/node/orchestrator-report.ts'
import {
  bondOrchestrator,
  ether,
  type Party,
  startTestChain,
  type TestChain,
  winningTicket,
} from '../../helpers/chain.ts'
import { script, startProgram } from '../../helpers/e2e-processes.ts'
import { Cleanup, temporaryDirectory } from '../../helpers/fixtures.ts'

/** Starting from source on a busy machine takes its time. */
const TIMEOUT_MS = 240_000

const cleanup = new Cleanup()
let chain: TestChain
let operator: Party
let sender: Party
let first: Party
let second: Party
let delegator: Party
let directory: string
let profile: OwnProfile

beforeAll(async () => {
  chain = await startTestChain({ deploy: { unbondingPeriod: 1n } })
  cleanup.add(() => chain.stop())
  directory = await temporaryDirectory(cleanup)
  operator = await chain.party(0)
  sender = await chain.party(1)
  first = await chain.party(2)
  second = await chain.party(3)
  delegator = await chain.party(4)
  await sender.broker.fundDeposit(ether(100), sender.fresh())
  await bondOrchestrator(operator, first, ether(90))
  await bondOrchestrator(operator, second, ether(50))
  await first.bonding.setShares({ rewardCut: 100_000n, feeShare: 250_000n }, first.fresh())
  await operator.token.transfer(delegator.address, ether(20), operator.fresh())
  await chain.nextRound()
  const found = await openProfile(
    { client: sender.client, logger: silentLogger },
    { profile: 'own', ...chain.addresses },
  )
  if (found.name !== 'own') throw new Error('the profile of our own contracts')
  profile = found
}, TIMEOUT_MS)

afterAll(() => cleanup.run())

async function homeOf(name: string, account: number, more = ''): Promise<string> {
  const home = join(directory, name)
  await mkdir(home)
  const { privateKey } = chain.anvil.account(account)
  await writeFile(join(home, 'wallet.key'), Buffer.from(privateKey).toString('hex'))
  const { workToken: _, ...contracts } = chain.addresses
  const config = {
    roles: ['broadcaster'],
    dataDirectory: join(home, 'data'),
    wallet: { keyFile: join(home, 'wallet.key') },
    chain: { rpcUrl: chain.anvil.rpcUrl, chainId: chain.anvil.chainId, contracts },
  }
  const path = join(home, 'millrace.yaml')
  await writeFile(path, JSON.stringify({ ...config, ...(more === '' ? {} : JSON.parse(more)) }))
  return path
}

interface Outcome {
  readonly exit: number | string
  readonly out: string
  readonly err: string
}

async function millrace(...args: string[]): Promise<Outcome> {
  const arguments_ = script('src/cli/main.ts', ...args)
  const program = startProgram(cleanup, process.execPath, arguments_, { cwd: directory })
  const exit = await program.exited
  return { exit, out: program.stdout(), err: program.stderr() }
}

async function earn(recipient: Party, faceValue: bigint): Promise<void> {
  const ticket = await winningTicket({ sender, recipient }, { faceValue })
  await recipient.broker.redeemWinningTicket(ticket, recipient.fresh())
}

test(
  'S22 a delegator bonds, moves, unbonds, bonds again and withdraws from the command line',
  async () => {
    const config = await homeOf('delegator', 4)
    const stake = async (...args: string[]) => millrace('stake', ...args, '--config', config)
    const { address, bonding } = delegator
    const position = async () => bonding.delegator(address)

    const unregistered = await stake('bond', '--amount', '5ether', '--to', sender.address)
    expect(unregistered).toMatchObject({ exit: 1, out: '' })
    expect(unregistered.err).toContain('has no stake of its own')
    const bonded = await stake('bond', '--amount', '15ether', '--to', first.address)
    expect(bonded).toMatchObject({ exit: 0, err: '' })
    expect(bonded.out).toContain(`${address} has 15 work tokens bonded to ${first.address}`)
    expect(await position()).toMatchObject({ delegate: first.address, stake: ether(15) })

    expect(await stake('move', '--to', second.address)).toMatchObject({ exit: 0 })
    expect(await position()).toMatchObject({ delegate: second.address, stake: ether(15) })
    const unbonded = await stake('unbond', '--amount', '15ether')
    expect(unbonded.out).toMatch(/nothing bonded\nlock 0: 15 work tokens, from round 3 on, now 2\n/)
    const early = await stake('withdraw')
    expect(early).toMatchObject({ exit: 1 })
    expect(early.err).toContain('from round 3 on, now it is 2')
    expect(await stake('rebond', '--lock', '0', '--to', first.address)).toMatchObject({ exit: 0 })
    expect(await position()).toMatchObject({ delegate: first.address, stake: ether(15) })

    await bonding.unbond(ether(5), delegator.fresh())
    await chain.nextRound()
    expect(await stake('withdraw')).toMatchObject({ exit: 0, out: 'withdrew 5 work tokens\n' })
    expect(await delegator.token.balanceOf(address)).toBe(ether(10))

    await earn(first, ether(10))
    expect((await stake('show')).out).toContain('fees to withdraw: 0.25 ETH')
    expect((await stake('withdraw-fees')).out).toBe('withdrew 0.25 ETH\n')
  },
  TIMEOUT_MS,
)

test(
  'S24 S39 delegators sees fee ratio, stake, shares, history and what is pending, as on chain',
  async () => {
    const owner = await homeOf('owner', 2)
    const set = await millrace(
      ...['stake', 'shares', '--reward-cut', '20%', '--fee-share', '500000', '--config', owner],
    )
    expect(set.out).toMatch(
      /^from round 4 on: keeps 20% of the inflation, passes on 50% of the fees/,
    )
    const all = JSON.parse((await millrace('delegators', '--json', '--config', owner)).out) as {
      readonly orchestrator: string
    }[]
    expect(all.map(({ orchestrator }) => orchestrator)).toEqual([first.address, second.address])
    const texts = JSON.parse(
      JSON.stringify(await reportOrchestrator(profile, first.address), (_, value) =>
        typeof value === 'bigint' ? value.toString() : value,
      ),
    )
    expect(all[0]).toEqual(texts)
    // And these are the chain's own figures.
    expect(all[0]).toMatchObject({
      registered: true,
      active: true,
      stake: ether(100).toString(),
      ownStake: ether(90).toString(),
      rewardCut: '100000',
      feeShare: '250000',
      nextShares: { rewardCut: '200000', feeShare: '500000' },
      pendingReward: (await first.bonding.pendingReward(first.address)).toString(),
      pendingFees: (await first.broker.pendingFees(first.address)).toString(),
    })
    const one = await millrace('delegators', first.address, '--config', owner)
    expect(one.out).toContain(`${first.address}, active`)
    expect(one.out).toMatch(/next round +keeps 20% of the inflation, passes on 50% of the fees/)
    expect(one.out).toMatch(/3 to 3 +100 +10% +25% +2.5 ETH +0.025 ETH/)
    const minted = await millrace('stake', 'reward', '--config', owner)
    expect(minted.out).toMatch(/^minted \d+(\.\d+)? work tokens\n$/)
    expect(await first.bonding.pendingReward(first.address)).toBe(0n)
  },
  TIMEOUT_MS,
)

test('S24 fees that nobody has divided yet are in the figures, and dividing them changes none', async () => {
  await earn(first, ether(4))
  await earn(first, 12_345n)
  const before = await reportOrchestrator(profile, first.address)
  expect(before.undividedFees).toBe(ether(4) + 12_345n)
  // Withdrawing nothing divides what there is.
  await first.broker.withdrawFees(first.address, 0n, first.fresh())
  const after = await reportOrchestrator(profile, first.address)
  expect(after).toEqual({ ...before, undividedFees: 0n })
})

test(
  'S6 S45 register writes services and regions, and market shows what nobody offers',
  async () => {
    const owner = await homeOf('first', 2)
    const config = {
      orchestrator: { pricePerUnit: '1/1', services: ['CPUTranscoding'], regions: ['us-east'] },
    }
    const other = await homeOf('second', 3, JSON.stringify(config))
    const verifier = operator.bonding.address
    const given = [
      ...['--service', `CPUTranscoding=${verifier}`, 'GPUTranscoding', '--region', 'eu-west'],
      ...['--uri', '/dns4/first.example/tcp/4001', '--config', owner],
    ]
    expect(await millrace('register', ...given)).toMatchObject({ exit: 0 })
    const uri = '/dns4/second.example/tcp/4001'
    expect(await millrace('register', '--uri', uri, '--config', other)).toMatchObject({ exit: 0 })
    expect(await operator.registry.record(first.address)).toMatchObject({
      services: [
        { id: 'CPUTranscoding', verifier },
        { id: 'GPUTranscoding', verifier: null },
      ],
      regions: ['eu-west'],
    })
    const bad = await millrace('register', ...given, '--service', 'CPUTranscoding=0x12')
    expect(bad).toMatchObject({ exit: 2 })
    expect(bad.err).toContain('no address of a verifier')
    const priced = await millrace('register', ...given, '--price', '1')
    expect(priced).toMatchObject({ exit: 2 })
    const shown = await millrace('market', '--region', 'ap-south', '--config', owner)
    expect(shown.out).toMatch(/CPUTranscoding +eu-west +1 /)
    expect(shown.out.split('nobody offers:\n')[1]?.split('\n')).toEqual([
      '  CPUTranscoding in ap-south',
      '  GPUTranscoding in ap-south',
      '  GPUTranscoding in us-east',
      '',
    ])
  },
  TIMEOUT_MS,
)
