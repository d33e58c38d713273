import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ETHER } from '../../../../src/chain/media-exchange.ts'
import { fromHex, toHex } from '../../../../src/lib/bytes.ts'
import { createDigestSigner } from '../../../../src/lib/crypto/digest-signer.ts'
import { valueOf } from '../../../../src/rails/check/digest.ts'
import { startTestChain, type TestChain } from '../../../helpers/chain.ts'
import { value } from '../../../helpers/channel-flow.ts'
import { checkComponents, payingSide } from '../../../helpers/check-sides.ts'
import { Cleanup, temporaryDirectory } from '../../../helpers/fixtures.ts'
import type { PayeeAnswer, PayeeCommand } from './payee-process.ts'

const KILLS = 3
const PAYMENTS = 25
const PAYEE = 2
const script = fileURLToPath(new URL('payee-process.ts', import.meta.url))

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
  /** The answer; undefined once it is dead. */
  ask(command: PayeeCommand): Promise<PayeeAnswer | undefined>
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
  const child = spawn(process.execPath, ['--import', 'tsx', script, JSON.stringify(setup)], {
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
    ask(command) {
      child.stdin.write(`${JSON.stringify(command)}\n`)
      return answer()
    },
  }
}

async function terms(payee: Payee, ask: 'offer' | 'grant'): Promise<Uint8Array> {
  return fromHex((await payee.ask({ ask }))?.bytes ?? '')
}

test('a payee that is killed at any moment loses no acknowledged credit, and cashes all that was signed', async () => {
  const directory = await temporaryDirectory(cleanup)
  const payer = await payingSide(chain, 1)
  cleanup.add(async () => payer.stop())
  const payee = createDigestSigner(chain.anvil.account(PAYEE).privateKey).address
  const context = { orderId: '0x01', payer: payer.side().wallet.address, payee }
  const proofs: string[] = []
  let acknowledged = 0n

  for (let round = 0; round <= KILLS; round += 1) {
    const process = await startPayee(directory)
    expect(process.credited).toBeGreaterThanOrEqual(acknowledged)
    const offer = round === 0 ? await terms(process, 'offer') : null
    const session = value(await payer.half().rail.openPay(context, offer))
    if (offer === null) value(await session.useGrant(await terms(process, 'grant')))
    // The first dies while it opens the channel, the others anywhere.
    const random = 2 + Math.floor(Math.random() * (PAYMENTS - 4))
    const killAfter = round === KILLS ? Number.POSITIVE_INFINITY : round === 0 ? 0 : random
    let heard = process.credited
    // What went before is repeated, so that anything credited twice would show in the sum.
    for (const proof of proofs.slice(-5)) {
      const again = await process.ask({ ask: 'receive', proof })
      expect(again?.refused).toBeUndefined()
      heard = BigInt(again?.credited ?? heard)
    }
    for (let i = 0; i < PAYMENTS; i += 1) {
      const proof = toHex(value(await session.pay(100n)).proof)
      proofs.push(proof)
      const answering = process.ask({ ask: 'receive', proof })
      if (i === killAfter) setTimeout(() => process.child.kill('SIGKILL'), Math.random() * 50)
      const answered = await answering
      if (answered === undefined) break
      expect(answered.refused).toBeUndefined()
      heard = BigInt(answered.credited)
    }
    acknowledged = heard
    if (round === KILLS) {
      const books = checkComponents(chain, payer.side()).exchange
      const [signed] = payer.half().payer.channels()
      if (signed === undefined) throw new Error('no channel')
      // Everything that was ever signed has arrived by now, and was credited once.
      expect(acknowledged).toBe(valueOf(signed.record.bid.bid, signed.record.balance))
      await process.ask({ ask: 'settle' })
      expect(await books.balanceOf(ETHER, payee)).toBe(acknowledged)
    }
    process.child.kill('SIGKILL')
    if (process.child.exitCode === null && process.child.signalCode === null) {
      await once(process.child, 'exit')
    }
  }
}, 120_000)
