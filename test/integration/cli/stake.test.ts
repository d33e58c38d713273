import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest'
import { openProfile } from '../../../src/chain/open-profile.ts'
import type { OwnProfile } from '../../../src/chain/profile.ts'
import { delegators } from '../../../src/cli/delegators.ts'
import { market } from '../../../src/cli/market.ts'
import {
  bondStake,
  callReward,
  moveStake,
  rebondStake,
  setShares,
  showStake,
  unbondStake,
  withdrawStake,
} from '../../../src/cli/stake.ts'
import { register, withdrawFees } from '../../../src/cli/wallet-commands.ts'
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

/** Starting on a busy machine takes its time. */
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

const said: string[] = []

beforeEach(() => {
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said.push(String(text))
    return true
  })
})

afterEach(() => {
  vi.restoreAllMocks()
})

async function homeOf(name: string, account: number, more: object = {}): Promise<string> {
  const home = join(directory, name)
  await mkdir(home)
  const { privateKey } = chain.anvil.account(account)
  await writeFile(join(home, 'wallet.key'), Buffer.from(privateKey).toString('hex'))
  const { ticketBroker, roundsManager, bondingManager, serviceRegistry } = chain.addresses
  const contracts = { ticketBroker, roundsManager, bondingManager, serviceRegistry }
  const config = {
    roles: ['broadcaster'],
    dataDirectory: join(home, 'data'),
    wallet: { keyFile: join(home, 'wallet.key') },
    chain: { rpcUrl: chain.anvil.rpcUrl, chainId: chain.anvil.chainId, contracts },
  }
  const path = join(home, 'millrace.yaml')
  await writeFile(path, JSON.stringify({ ...config, ...more }))
  return path
}

interface Outcome {
  readonly exit: number | string
  readonly out: string
  readonly err: string
}

async function millrace(...args: string[]): Promise<Outcome> {
  const arguments_ = await script('src/cli/main.ts', ...args)
  const program = startProgram(cleanup, process.execPath, arguments_, { cwd: directory })
  const exit = await program.exited
  return { exit, out: program.stdout(), err: program.stderr() }
}

/** What a command prints, run in this process: starting one takes seconds. */
async function printed(command: Promise<void>): Promise<string> {
  said.length = 0
  await command
  return said.join('')
}

async function earn(recipient: Party, faceValue: bigint): Promise<void> {
  const ticket = await winningTicket({ sender, recipient }, { faceValue })
  await recipient.broker.redeemWinningTicket(ticket, recipient.fresh())
}

test(
  'S22 a delegator bonds, moves, unbonds, bonds again and withdraws',
  async () => {
    const config = await homeOf('delegator', 4)
    const { address, bonding } = delegator
    const position = async () => bonding.delegator(address)
    const to = first.address

    await expect(bondStake({ config, amount: ether(5), to: sender.address })).rejects.toMatchObject(
      { code: 'ORCHESTRATOR_UNREGISTERED' },
    )
    await expect(bondStake({ config, amount: ether(21), to })).rejects.toMatchObject({
      code: 'WALLET_UNDERFUNDED',
    })
    expect(await printed(bondStake({ config, amount: ether(15), to }))).toBe(
      `${address} has 15 work tokens bonded to ${to}, in this form from round 3 on\n`,
    )
    expect(await position()).toMatchObject({ delegate: to, stake: ether(15) })

    await moveStake({ config, to: second.address })
    expect(await position()).toMatchObject({ delegate: second.address, stake: ether(15) })
    expect(await printed(unbondStake({ config, amount: ether(15) }))).toBe(
      `${address} has nothing bonded\nlock 0: 15 work tokens, from round 3 on, now 2\n`,
    )
    await expect(withdrawStake({ config })).rejects.toMatchObject({
      code: 'NOTHING_TO_WITHDRAW',
      shortMessage: 'unbonded stake can be withdrawn from round 3 on, now it is 2',
    })
    await rebondStake({ config, lock: 0n, to })
    expect(await position()).toMatchObject({ delegate: to, stake: ether(15) })

    await unbondStake({ config, amount: ether(5) })
    await expect(rebondStake({ config, lock: 1n, to: second.address })).rejects.toMatchObject({
      code: 'STAKE_ELSEWHERE',
    })
    await chain.nextRound()
    expect(await printed(withdrawStake({ config }))).toBe('withdrew 5 work tokens\n')
    expect(await delegator.token.balanceOf(address)).toBe(ether(10))

    await earn(first, ether(10))
    expect(await printed(showStake({ config }))).toContain('fees to withdraw: 0.25 ETH')
    const shown = JSON.parse(await printed(showStake({ config, account: to, json: true })))
    expect(shown).toMatchObject({ account: to, delegate: to, stake: ether(90).toString() })
    expect(await printed(withdrawFees({ config }))).toBe('withdrew 0.25 ETH\n')
  },
  TIMEOUT_MS,
)

test(
  'S24 S39 delegators see fee ratio, stake, shares, history and what is pending, as on chain',
  async () => {
    const config = await homeOf('owner', 2)
    const shares = { rewardCut: 200_000n, feeShare: 500_000n }
    expect(await printed(setShares({ config, ...shares }))).toBe(
      'from round 4 on: keeps 20% of the inflation, passes on 50% of the fees\n',
    )
    const run = await millrace('delegators', '--json', '--config', config)
    expect(run).toMatchObject({ exit: 0, err: '' })
    const all = JSON.parse(run.out) as { readonly orchestrator: string }[]
    expect(all.map(({ orchestrator }) => orchestrator)).toEqual([first.address, second.address])
    // These are the chain's own figures.
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
    const one = await printed(delegators(first.address, { config }))
    expect(one).toContain(`${first.address}, active`)
    expect(one).toMatch(/next round +keeps 20% of the inflation, passes on 50% of the fees/)
    expect(one).toMatch(/3 to 3 +100 +10% +25% +2.5 ETH +0.025 ETH/)
    expect(await printed(delegators(undefined, { config }))).toContain(second.address)
    expect(await printed(callReward({ config }))).toMatch(/^minted \d+(\.\d+)? work tokens\n$/)
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
    const config = await homeOf('first', 2)
    const orchestrator = { pricePerUnit: '1/1', services: ['CPUTranscoding'], regions: ['us-east'] }
    const other = await homeOf('second', 3, { orchestrator })
    const verifier = operator.bonding.address
    const uri = '/dns4/first.example/tcp/4001'
    const given = [
      ...['register', '--service', `CPUTranscoding=${verifier}`, 'GPUTranscoding'],
      ...['--region', 'eu-west', '--uri', uri, '--config', config],
    ]
    expect(await millrace(...given)).toMatchObject({ exit: 0, err: '' })
    // There is no price to register.
    expect(await millrace(...given, '--price', '1')).toMatchObject({ exit: 2 })
    await register({ config: other, uri: '/dns4/second.example/tcp/4001' })
    expect(await operator.registry.record(first.address)).toMatchObject({
      serviceUri: uri,
      services: [
        { id: 'CPUTranscoding', verifier },
        { id: 'GPUTranscoding', verifier: null },
      ],
      regions: ['eu-west'],
    })
    await expect(register({ config, uri, service: ['CPUTranscoding=0x12'] })).rejects.toMatchObject(
      { code: 'COMMAND_INVALID' },
    )
    const shown = await printed(market({ config, region: ['ap-south'] }))
    expect(shown).toMatch(/CPUTranscoding +eu-west +1 /)
    expect(shown.split('nobody offers:\n')[1]?.split('\n')).toEqual([
      '  CPUTranscoding in ap-south',
      '  GPUTranscoding in ap-south',
      '  GPUTranscoding in us-east',
      '',
    ])
    const report = JSON.parse(await printed(market({ config, json: true })))
    expect(report.uncovered).toEqual([{ service: 'GPUTranscoding', region: 'us-east' }])
  },
  TIMEOUT_MS,
)
