import '../../../../src/lib/polyfill.ts'
import { createInterface } from 'node:readline'
import type { Anvil } from '../../../../scripts/lib/anvil.ts'
import { fromHex, toHex } from '../../../../src/lib/bytes.ts'
import { bytesCodec } from '../../../../src/store/codec.ts'
import type { TestChain } from '../../../helpers/chain.ts'
import { openSide } from '../../../helpers/chain-side.ts'
import { openEarning } from '../../../helpers/check-sides.ts'

/** What the process is started with. */
export interface PayeeSetup {
  readonly rpcUrl: string
  readonly privateKey: string
  readonly addresses: TestChain['addresses']
  readonly directory: string
  readonly payer: `0x${string}`
}

/** What it is told, one line each. */
export type PayeeCommand =
  | { readonly ask: 'offer' | 'grant' | 'settle' }
  | { readonly ask: 'receive'; readonly proof: string }

/** What it answers; amounts are decimal. */
export interface PayeeAnswer {
  readonly credited: string
  /** Offer or grant, hex. */
  readonly bytes?: string
  readonly refused?: string
}

const ORDER = '0x01'

const setup = JSON.parse(process.argv[2] as string) as PayeeSetup
const account = { address: setup.payer, privateKey: fromHex(setup.privateKey) }
const anvil = { rpcUrl: setup.rpcUrl, chainId: 31_337, account: () => account }
const side = await openSide(
  { anvil: anvil as unknown as Anvil, addresses: setup.addresses } as TestChain,
  0,
  setup.directory,
)
const { payee, rail } = await openEarning(setup, side)
const { address } = side.wallet
const offerInit = { payer: setup.payer, feePerStep: 1_600n }
const earn = rail.openEarn({ orderId: ORDER, payer: setup.payer, payee: address }, offerInit)
const books = side.store.table('test-credit', bytesCodec)

const credited = async (): Promise<bigint> => {
  const bytes = await books.get('sum')
  return bytes === undefined ? 0n : BigInt(toHex(bytes))
}

async function receive(proof: string): Promise<PayeeAnswer> {
  const received = await earn.receive(fromHex(proof))
  if (!received.ok) return { credited: `${await credited()}`, refused: received.error.code }
  const sum = (await credited()) + received.value.credited
  const digits = sum.toString(16)
  const bytes = fromHex(digits.padStart(digits.length + (digits.length % 2), '0'))
  await side.store.batch([...received.value.writes, books.putOp('sum', bytes)])
  received.value.committed()
  return { credited: `${sum}` }
}

async function answer(command: PayeeCommand): Promise<PayeeAnswer> {
  if (command.ask === 'receive') return receive(command.proof)
  if (command.ask === 'settle') {
    await payee.settle(ORDER)
    return { credited: `${await credited()}` }
  }
  const made = command.ask === 'offer' ? await rail.offer(offerInit) : await earn.grant()
  const sum = `${await credited()}`
  return made.ok
    ? { credited: sum, bytes: toHex(made.value) }
    : { credited: sum, refused: made.error.code }
}

process.stdout.write(`${JSON.stringify({ credited: `${await credited()}` })}\n`)
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answer(JSON.parse(line) as PayeeCommand))}\n`)
}
