import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterEach, expect, test } from 'vitest'
import { programOf } from '../../../scripts/lib/program.ts'
import { fromHex, toHex } from '../../../src/lib/bytes.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import type { PaySession } from '../../../src/rails/rail.ts'
import { ticketEv } from '../../../src/rails/ticket/ticket.ts'
import { openWinnerStore } from '../../../src/rails/ticket/winner-store.ts'
import { parseTicketParams, parseTicketPayment } from '../../../src/rails/ticket/wire.ts'
import { openStore } from '../../../src/store/store.ts'
import { fakeChain } from '../../helpers/fakes-chain.ts'
import { Cleanup, temporaryDirectory, temporaryStore } from '../../helpers/fixtures.ts'
import { openPayerRail, recipientWallet, senderWallet } from '../../helpers/fixtures-tickets.ts'
import type { PayeeAnswer, PayeeCommand } from './payee-process.ts'

const KILLS = 5
const SCRIPT = 'test/integration/rails/payee-process.ts'

const cleanup = new Cleanup()
afterEach(() => cleanup.run())

interface Payee {
  readonly child: ChildProcess
  /** What it earned before this start, by its own books. */
  readonly credited: bigint
  readonly grant: Uint8Array
  tell(command: PayeeCommand): void
  /** The next answer; undefined once it is dead. */
  answer(): Promise<PayeeAnswer | undefined>
}

/** A process that earns into the LevelDB of a directory. */
async function startPayee(directory: string): Promise<Payee> {
  const child = spawn(process.execPath, [await programOf(SCRIPT), directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  cleanup.add(() => child.kill('SIGKILL'))
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<PayeeAnswer | undefined> => {
    const { value, done } = await lines.next()
    return done === true ? undefined : (JSON.parse(value as string) as PayeeAnswer)
  }
  const ready = await answer()
  if (ready?.type !== 'ready') throw new Error('the payee did not start')
  return {
    child,
    credited: BigInt(ready.credited),
    grant: fromHex(ready.grant),
    tell: (command) => void child.stdin.write(`${JSON.stringify(command)}\n`),
    answer,
  }
}

async function kill({ child }: Payee): Promise<void> {
  child.kill('SIGKILL')
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

test('a payee that is killed at any moment loses no acknowledged credit or winner, and credits no ticket twice', async () => {
  const directory = await temporaryDirectory(cleanup)
  const payerRail = openPayerRail((await temporaryStore(cleanup)).store, fakeChain())
  const context = { orderId: '0x01', payer: senderWallet.address, payee: recipientWallet.address }
  const proofs: string[] = []
  const acknowledged = { credit: 0n, winners: new Set<string>() }
  let session: PaySession | undefined
  let ev = 0n

  for (let round = 0; round < KILLS; round += 1) {
    const payee = await startPayee(directory)
    expect(payee.credited).toBeGreaterThanOrEqual(acknowledged.credit)
    if (session === undefined) {
      const opened = await payerRail.openPay(context, payee.grant)
      if (!opened.ok) throw new Error(opened.error.code)
      session = opened.value
      const params = parseTicketParams(payee.grant)
      ev = params.ok ? ticketEv(params.value) : 0n
    }
    // What went before is repeated, so that anything credited twice would show in the sum.
    for (const proof of proofs) payee.tell({ proof })
    for (let i = 0; i < 30; i += 1) {
      const paid = await session.pay(ev * BigInt(1 + (i % 4)))
      if (!paid.ok) break
      proofs.push(toHex(paid.value.proof))
      payee.tell({ proof: proofs.at(-1) as string })
    }
    const patience = proofs.length - 30 + Math.floor(Math.random() * 30)
    let total = payee.credited
    const hear = (answer: PayeeAnswer | undefined): boolean => {
      if (answer?.type !== 'credited') return false
      total += BigInt(answer.amount)
      for (const winner of answer.winners) acknowledged.winners.add(winner)
      return true
    }
    for (let heard = 0; heard < patience && hear(await payee.answer()); heard += 1);
    await kill(payee)
    // What it had said before it died counts as said.
    while (hear(await payee.answer()));
    acknowledged.credit = total
  }

  const payee = await startPayee(directory)
  expect(payee.credited).toBeGreaterThanOrEqual(acknowledged.credit)
  let total = payee.credited
  for (const proof of proofs) {
    payee.tell({ proof })
    const answer = await payee.answer()
    if (answer?.type !== 'credited') throw new Error('refused')
    total += BigInt(answer.amount)
    for (const winner of answer.winners) acknowledged.winners.add(winner)
  }
  await kill(payee)
  const tickets = proofs.reduce((sum, proof) => {
    const batch = parseTicketPayment(fromHex(proof))
    return sum + (batch.ok ? batch.value.senderParams.length : 0)
  }, 0)
  expect(total).toBe(BigInt(tickets) * ev)

  const store = await openStore({ directory })
  cleanup.add(() => store.close())
  const winners = await openWinnerStore(store, silentLogger)
  const kept = new Set(winners.pending().map(({ ticket }) => toHex(ticket.sig)))
  expect(acknowledged.winners.size).toBeGreaterThan(10)
  for (const winner of acknowledged.winners) expect(kept).toContain(winner)
})
