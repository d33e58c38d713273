import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { programOf } from '../../../../scripts/lib/program.ts'
import { fromHex, toHex } from '../../../../src/lib/bytes.ts'
import { createDigestSigner } from '../../../../src/lib/crypto/digest-signer.ts'
import { transferredAmount } from '../../../../src/rails/channel/settlement.ts'
import { startTestChain, type TestChain } from '../../../helpers/chain.ts'
import { value } from '../../../helpers/channel-flow.ts'
import { payerHalf } from '../../../helpers/channel-sides.ts'
import { Cleanup, temporaryDirectory, until } from '../../../helpers/fixtures.ts'
import type { PayeeAnswer, PayeeCommand } from './payee-process.ts'

const KILLS = 3
const PAYEE = 2
const SCRIPT = 'test/integration/rails/channel/payee-process.ts'

const cleanup = new Cleanup()
let chain: TestChain
beforeAll(async () => {
  chain = await startTestChain()
})
afterAll(async () => {
  await cleanup.run()
  await chain?.stop()
})

interface Payee {
  readonly child: ChildProcess
  /** By its own books, before anything else. */
  readonly credited: bigint
  tell(command: PayeeCommand): void
  /** The next answer; undefined once it is dead. */
  answer(): Promise<PayeeAnswer | undefined>
}

/** A process that earns into the LevelDB of a directory. */
async function startPayee(directory: string): Promise<Payee> {
  const { anvil, addresses } = chain
  const setup = {
    rpcUrl: anvil.rpcUrl,
    privateKey: toHex(anvil.account(PAYEE).privateKey),
    addresses,
    directory,
    payer: anvil.account(1).address,
  }
  const child = spawn(process.execPath, [await programOf(SCRIPT), JSON.stringify(setup)], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  cleanup.add(() => child.kill('SIGKILL'))
  child.stdin.on('error', () => {})
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async (): Promise<PayeeAnswer | undefined> => {
    const { value: line, done } = await lines.next()
    return done === true ? undefined : (JSON.parse(line as string) as PayeeAnswer)
  }
  const ready = await answer()
  if (ready === undefined) throw new Error('the payee did not start')
  return {
    child,
    credited: BigInt(ready.credited),
    tell: (command) => void child.stdin.write(`${JSON.stringify(command)}\n`),
    answer,
  }
}

async function ask(payee: Payee, what: 'offer' | 'grant'): Promise<Uint8Array> {
  payee.tell({ ask: what })
  return fromHex((await payee.answer())?.bytes ?? '')
}

test('a payee that is killed at any moment loses no acknowledged credit, and credits no commit twice', async () => {
  const directory = await temporaryDirectory(cleanup)
  const payer = await payerHalf(chain, 1)
  cleanup.add(async () => payer.stop())
  const payee = createDigestSigner(chain.anvil.account(PAYEE).privateKey).address
  const context = { orderId: '0x01', payer: payer.side().wallet.address, payee }
  const proofs: string[] = []
  let acknowledged = 0n

  for (let round = 0; round <= KILLS; round += 1) {
    const process = await startPayee(directory)
    expect(process.credited).toBeGreaterThanOrEqual(acknowledged)
    const offer = round === 0 ? await ask(process, 'offer') : null
    const session = value(await payer.half().rail.openPay(context, offer))
    if (offer === null) value(await session.useGrant(await ask(process, 'grant')))
    const isLast = round === KILLS
    const killAfter = isLast ? Number.POSITIVE_INFINITY : 3 + Math.floor(Math.random() * 20)
    let heard = process.credited
    // What went before is repeated, so that anything credited twice would show in the sum.
    for (const proof of proofs.slice(-5)) {
      process.tell({ ask: 'receive', proof })
      const again = await process.answer()
      if (again?.refused === undefined) heard = BigInt(again?.credited ?? heard)
    }
    for (let i = 0; i < 25; i += 1) {
      if (i === killAfter) process.child.kill('SIGKILL')
      let paid = await session.pay(100n)
      if (!paid.ok && paid.error.class === 'new-params' && i < killAfter) {
        value(await session.useGrant(await ask(process, 'grant')))
        paid = await session.pay(100n)
      }
      if (!paid.ok) break
      const proof = toHex(paid.value.proof)
      proofs.push(proof)
      let answered: PayeeAnswer | undefined
      await until(async () => {
        process.tell({ ask: 'receive', proof })
        answered = await process.answer()
        // The payee sees the blocks that confirm the deposit a little later than its payer.
        return answered?.refused !== 'DEPOSIT_UNCONFIRMED'
      })
      if (answered === undefined) break
      expect(answered.refused).toBeUndefined()
      heard = BigInt(answered.credited)
    }
    acknowledged = heard
    process.child.kill('SIGKILL')
    if (process.child.exitCode === null && process.child.signalCode === null) {
      await once(process.child, 'exit')
    }
  }
  const [channel] = payer.half().channels()
  if (channel === undefined) throw new Error('no channel')
  const domain = { chainId: 31_337n, contract: chain.addresses.paymentChannels }
  // Everything that was ever signed has arrived by now, and was credited once.
  expect(acknowledged).toBe(transferredAmount(domain, channel.record.state))
}, 120_000)
