import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { programOf } from '../../../scripts/lib/program.ts'
import { freePort } from '../../../scripts/testnet/delay-proxy.ts'
import { toHex, u256 } from '../../../src/lib/bytes.ts'
import type { Startable } from '../../../src/lib/lifecycle.ts'
import { loadPeerKey } from '../../../src/net/peer-key.ts'
import { buildTicketPayee, type TicketPayee } from '../../../src/node/ticket-payee.ts'
import {
  MAX_WIN_PROB,
  recipientRandHash,
  type SignedTicket,
  ticketHash,
} from '../../../src/rails/ticket/ticket.ts'
import type { Winner } from '../../../src/rails/ticket/winner-store.ts'
import {
  bondOrchestrator,
  ether,
  type Party,
  startTestChain,
  type TestChain,
} from '../../helpers/chain.ts'
import { Cleanup, temporaryDirectory, until } from '../../helpers/fixtures.ts'
import { buildFoundation } from './redeemer-foundation.ts'
import type { RedeemerLine, Stop } from './redeemer-process.ts'

const TIMEOUT_MS = 120_000
const FACE_VALUE = ether(0.01)
const RECIPIENT = 2
const REDEEMER = 3
const SCRIPT = 'test/integration/rails/redeemer-process.ts'

const cleanup = new Cleanup()
let chain: TestChain
let sender: Party
let recipient: Party
let redeemerPeer: { readonly peerId: string; readonly addresses: readonly string[] }
let redeemerConfig: string
let directory: string

beforeAll(async () => {
  chain = await startTestChain()
  cleanup.add(() => chain.stop())
  sender = await chain.party(1)
  recipient = await chain.party(RECIPIENT)
  await bondOrchestrator(await chain.party(0), recipient, ether(100))
  await chain.nextRound()
  await sender.broker.fundDepositAndReserve(ether(1), ether(1), sender.fresh())
  directory = await temporaryDirectory(cleanup)
  const port = await freePort()
  redeemerConfig = await configOf('redeemer', REDEEMER, {
    network: { listen: [`/ip4/127.0.0.1/tcp/${port}`], allowLoopback: true },
    redeemer: { orchestrators: [recipient.address] },
  })
  const { peerId } = await loadPeerKey(join(directory, 'redeemer', 'peer.key'))
  redeemerPeer = { peerId, addresses: [`/ip4/127.0.0.1/tcp/${port}/p2p/${peerId}`] }
}, TIMEOUT_MS)
afterAll(() => cleanup.run())

async function configOf(role: string, account: number, own: object): Promise<string> {
  const home = join(directory, role)
  await mkdir(home, { recursive: true })
  const keyFile = join(home, 'wallet.key')
  await writeFile(keyFile, toHex(chain.anvil.account(account).privateKey))
  const { ticketBroker, roundsManager, bondingManager, serviceRegistry } = chain.addresses
  const config = {
    ...{ roles: [role], dataDirectory: home, wallet: { keyFile } },
    chain: {
      rpcUrl: chain.anvil.rpcUrl,
      chainId: chain.anvil.chainId,
      contracts: { ticketBroker, roundsManager, bondingManager, serviceRegistry },
      pollIntervalMs: 50,
    },
    ...own,
  }
  const file = join(home, 'config.json')
  await writeFile(file, JSON.stringify(config))
  return file
}

interface RedeemerProcess {
  readonly child: ChildProcess
  /** The next line; undefined once it is dead. */
  line(): Promise<RedeemerLine | undefined>
}

async function startRedeemer(stop: Stop): Promise<RedeemerProcess> {
  const child = spawn(process.execPath, [await programOf(SCRIPT), redeemerConfig, stop], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  cleanup.add(() => child.kill('SIGKILL'))
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const line = async (): Promise<RedeemerLine | undefined> => {
    const { value, done } = await lines.next()
    return done === true ? undefined : (JSON.parse(value as string) as RedeemerLine)
  }
  expect(await line()).toMatchObject({ type: 'ready', peerId: redeemerPeer.peerId })
  return { child, line }
}

async function kill({ child }: RedeemerProcess): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

/** The orchestrator's earning half, built as the node builds it. */
async function startOrchestrator(own: object): Promise<TicketPayee & Startable> {
  const file = await configOf('orchestrator', RECIPIENT, {
    network: { listen: ['/ip4/127.0.0.1/tcp/0'], allowLoopback: true },
    orchestrator: { pricePerUnit: 1, ...own },
  })
  const { foundation, config } = await buildFoundation(file)
  const { chain: parts, net, store } = foundation
  const payee = await buildTicketPayee(
    foundation,
    config.orchestrator as NonNullable<typeof config.orchestrator>,
  )
  let isRunning = false
  const stop = async (): Promise<void> => {
    if (!isRunning) return
    isRunning = false
    await payee.redemption.stop()
    await net.host.stop()
    await parts.stop()
    await store.close()
  }
  cleanup.add(stop)
  return {
    ...payee,
    stop,
    async start() {
      isRunning = true
      await parts.start()
      await net.host.start()
      await payee.redemption.start()
    },
  }
}

let nonce = 0

/** A winner whose params are void. */
async function win(): Promise<SignedTicket> {
  nonce += 1
  const recipientRand = u256(BigInt(nonce) + 7n)
  const creationRound = await sender.rounds.lastInitializedRound()
  const ticket = {
    ...{ recipient: recipient.address, sender: sender.address, faceValue: FACE_VALUE },
    winProb: MAX_WIN_PROB,
    senderNonce: nonce,
    recipientRandHash: recipientRandHash(recipientRand),
    creationRound,
    creationRoundBlockHash: await sender.rounds.blockHashForRound(creationRound),
    paramsExpirationBlock: 1n,
  }
  return { ...ticket, sig: sender.signer.signMessage(ticketHash(ticket)), recipientRand }
}

async function winnersOf({ winners }: TicketPayee): Promise<Winner[]> {
  const all: Winner[] = []
  for await (const winner of winners.all()) all.push(winner)
  return all.sort((a, b) => a.sequence - b.sequence)
}

const statesOf = async (payee: TicketPayee): Promise<string[]> =>
  (await winnersOf(payee)).map(({ state }) => state)

/** Waits while the chain goes on. */
async function meanwhile(condition: () => Promise<boolean>): Promise<void> {
  await until(async () => {
    if (await condition()) return true
    await chain.cheat.mine({ blocks: 1 })
    await new Promise((resolve) => setTimeout(resolve, 50))
    return false
  })
}

const transactionsOf = (party: Party): Promise<number> =>
  chain.cheat.getTransactionCount({ address: party.address })

test(
  'winners reach the chain once through a redeemer that is killed with them in its hands, and an orchestrator that restarts',
  async () => {
    const sentBefore = await transactionsOf(recipient)
    let orchestrator = await startOrchestrator({ redeemer: redeemerPeer })
    await orchestrator.start()
    await orchestrator.winners.storeWinningTicket(await win())
    await orchestrator.winners.storeWinningTicket(await win())
    for (const stop of ['before-write', 'after-write'] as const) {
      const doomed = await startRedeemer(stop)
      expect(await doomed.line()).toEqual({ type: 'stopped' })
      await kill(doomed)
      expect(await statesOf(orchestrator)).toEqual(['waiting', 'waiting'])
    }

    const redeemer = await startRedeemer('never')
    await meanwhile(async () => !(await statesOf(orchestrator)).includes('waiting'))
    await orchestrator.stop()
    orchestrator = await startOrchestrator({ redeemer: redeemerPeer })
    await orchestrator.start()
    await meanwhile(async () => orchestrator.winners.pending().length === 0)
    await kill(redeemer)

    const settled = await winnersOf(orchestrator)
    for (const { state, transactionHash, gasUsed } of settled) {
      expect(state).toBe('redeemed')
      expect(transactionHash).toMatch(/^0x[0-9a-f]{64}$/)
      expect(gasUsed).toBeGreaterThan(20_000n)
    }
    const toBlock = await recipient.client.blockNumber()
    const events = await recipient.broker.events({ fromBlock: 0n, toBlock })
    const redeemed = events.filter(({ type }) => type === 'WinningTicketRedeemed')
    expect(redeemed).toHaveLength(2)
    expect(await recipient.broker.pendingFees(recipient.address)).toBe(2n * FACE_VALUE)
    // The orchestrator paid for nothing.
    expect(await transactionsOf(recipient)).toBe(sentBefore)
    await orchestrator.stop()
  },
  TIMEOUT_MS,
)

test(
  'an orchestrator whose redeemer is gone for good redeems by itself once it is told so',
  async () => {
    const fees = await recipient.broker.pendingFees(recipient.address)
    const redeemer = await startRedeemer('never')
    let orchestrator = await startOrchestrator({ redeemer: redeemerPeer })
    await orchestrator.start()
    const ticket = { ...(await win()), paramsExpirationBlock: 1n }
    // Handed over, and the redeemer dies before it can do anything about it.
    await orchestrator.winners.storeWinningTicket(ticket)
    await until(async () => (await statesOf(orchestrator)).at(-1) !== 'waiting')
    await kill(redeemer)
    await orchestrator.stop()

    orchestrator = await startOrchestrator({})
    await orchestrator.start()
    await meanwhile(async () => orchestrator.winners.pending().length === 0)
    expect((await statesOf(orchestrator)).at(-1)).toBe('redeemed')
    expect(await recipient.broker.pendingFees(recipient.address)).toBe(fees + FACE_VALUE)
    await orchestrator.stop()
  },
  TIMEOUT_MS,
)
