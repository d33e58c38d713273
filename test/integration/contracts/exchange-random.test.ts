import { createHash } from 'node:crypto'
import { encodeFunctionData, type Hex } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { mediaExchangeAbi } from '../../../src/chain/abi/media-exchange.ts'
import { userRegistryAbi } from '../../../src/chain/abi/user-registry.ts'
import { workTokenAbi } from '../../../src/chain/abi/work-token.ts'
import { type ChainBid, ETHER } from '../../../src/chain/media-exchange.ts'
import { sleep } from '../../../src/lib/abort.ts'
import { fromHex, toHex, u256 } from '../../../src/lib/bytes.ts'
import { createDigestSigner } from '../../../src/lib/crypto/digest-signer.ts'
import { bidDigest, checkDigest, checkSeparator } from '../../../src/rails/check/digest.ts'
import { ether, startTestChain, type TestChain } from '../../helpers/chain.ts'
import * as model from '../../helpers/exchange-model.ts'

const STEPS = 1500
const WALLETS = [1, 2, 3, 4]
const SEED = 20_171_214

let chain: TestChain

beforeAll(async () => {
  chain = await startTestChain()
})

afterAll(async () => {
  await chain.stop()
})

/** The same numbers on every run: what fails once fails again. */
function createDice(seed: number): (sides: number) => number {
  let count = 0
  return (sides) => {
    count += 1
    const digest = createHash('sha256').update(`${seed}/${count}`).digest()
    return digest.readUInt32BE(0) % sides
  }
}

test('1,500 random calls move ether and tokens as the model says', async () => {
  const { anvil, addresses, cheat } = chain
  const { mediaExchange, userRegistry, workToken } = addresses
  const dice = createDice(SEED)
  const books = model.createExchangeModel()
  const made: model.ModelBid[] = []
  const assets = [ETHER, workToken]
  const accounts = WALLETS.map((index) => anvil.account(index))
  const signers = accounts.map(({ privateKey }) => createDigestSigner(privateKey))
  const wallets = signers.map(({ address }) => address)
  const separator = checkSeparator({ chainId: anvil.chainId, exchange: mediaExchange })
  const pick = <T>(list: readonly T[]): T => list[dice(list.length)] as T
  const keyOf = (wallet: string): Uint8Array => u256(BigInt(wallet))

  const send = async (from: Hex, to: Hex, data: Hex, value = 0n): Promise<boolean> => {
    const call = { from, to, data, value: `0x${value.toString(16)}`, gas: '0xf4240' } as const
    const hash = await cheat.request({ method: 'eth_sendTransaction', params: [call] } as never)
    for (;;) {
      const params = [hash]
      const receipt = await cheat.request({ method: 'eth_getTransactionReceipt', params } as never)
      if (receipt !== null) return (receipt as { status: Hex }).status === '0x1'
      await sleep(2)
    }
  }
  const exchange = (functionName: string, args: readonly unknown[]): Hex =>
    encodeFunctionData({ abi: mediaExchangeAbi, functionName, args } as never)
  const users = (functionName: string, args: readonly unknown[]): Hex =>
    encodeFunctionData({ abi: userRegistryAbi, functionName, args } as never)
  const now = async (): Promise<bigint> => (await cheat.getBlock()).timestamp

  const operator = anvil.account(0).address
  for (const wallet of wallets) {
    const encode = (functionName: string, args: readonly unknown[]): Hex =>
      encodeFunctionData({ abi: workTokenAbi, functionName, args } as never)
    expect(await send(operator, workToken, encode('transfer', [wallet, ether(100)]))).toBe(true)
    expect(await send(wallet, workToken, encode('approve', [mediaExchange, ether(100)]))).toBe(true)
  }

  const onChain = (bid: ChainBid) => ({
    ...bid,
    nonce: toHex(bid.nonce),
    hash: toHex(bid.hash),
    to: toHex(bid.to),
    key: toHex(bid.key),
  })
  const makeBid = async (): Promise<void> => {
    const payer = pick(wallets)
    const registered = books.nonces.get(payer)
    const bid: ChainBid = {
      nonce:
        dice(8) === 0 || registered === undefined ? u256(BigInt(dice(9))) : fromHex(registered),
      bid: BigInt(dice(50)),
      expiration: (await now()) + BigInt(1 + dice(400)),
      hash: u256(BigInt(made.length + 1)),
      format: pick(['720p', '360p', '']),
      to: u256(BigInt(1 + dice(5))),
      payee: pick(wallets),
      asset: pick(assets),
      duration: 1 + dice(30),
      segmentSeconds: 1 + dice(6),
      key: keyOf(dice(10) === 0 ? pick(wallets) : payer),
    }
    const digest = toHex(bidDigest(separator, bid))
    made.push({ bid, digest, payer, escrow: 0n, opened: false })
  }

  const outcomes = { taken: 0, refused: 0 }
  const steps: (() => Promise<readonly [boolean, boolean]>)[] = [
    async () => {
      const [asset, wallet, amount] = [pick(assets), pick(wallets), BigInt(dice(2000))]
      const value = asset === ETHER ? amount : 0n
      const done = await send(wallet, mediaExchange, exchange('fund', [asset, amount]), value)
      return [done, model.fund(books, asset, wallet, amount)]
    },
    async () => {
      const [asset, wallet, amount] = [pick(assets), pick(wallets), BigInt(dice(1500))]
      const done = await send(wallet, mediaExchange, exchange('withdraw', [asset, amount]))
      return [done, model.withdraw(books, asset, wallet, amount)]
    },
    async () => {
      const wallet = pick(wallets)
      const done = await send(wallet, userRegistry, users('register', [toHex(keyOf(wallet)), '']))
      return [done, model.register(books, wallet, toHex(keyOf(wallet)))]
    },
    async () => {
      const wallet = pick(wallets)
      const key = toHex(keyOf(wallet))
      const name = books.keys.get(wallet)?.has(key) === true ? 'revokeKey' : 'addKey'
      const done = await send(wallet, userRegistry, users(name, [key]))
      return [done, model.toggleKey(books, wallet, key)]
    },
    ...Array.from({ length: 4 }, () => async () => {
      await makeBid()
      const bid = dice(3) === 0 ? pick(made) : (made.at(-1) as model.ModelBid)
      const from = dice(10) === 0 ? pick(wallets) : bid.bid.payee
      const sig = signers[wallets.indexOf(bid.payer as Hex)]?.signDigest(fromHex(bid.digest))
      const data = exchange('open', [onChain(bid.bid), toHex(sig as Uint8Array)])
      const done = await send(from, mediaExchange, data)
      const call = { from, signedBy: bid.payer, now: await now(), key: toHex(bid.bid.key) }
      return [done, model.open(books, bid, call)] as const
    }),
    ...Array.from({ length: 2 }, () => async () => {
      if (made.length === 0) await makeBid()
      const bid = pick(made)
      const from = dice(10) === 0 ? pick(wallets) : bid.bid.payee
      const signedBy = dice(10) === 0 ? pick(wallets) : bid.payer
      const balance = dice(40)
      const digest = checkDigest(separator, { channel: fromHex(bid.digest), balance })
      const sig = signers[wallets.indexOf(signedBy as Hex)]?.signDigest(digest) as Uint8Array
      const data = exchange('cash', [onChain(bid.bid), balance, toHex(sig)])
      const done = await send(from, mediaExchange, data)
      return [done, model.cash(books, bid, { from, balance, signedBy })] as const
    }),
    async () => {
      if (made.length === 0) await makeBid()
      const bid = pick(made)
      const done = await send(pick(wallets), mediaExchange, exchange('reclaim', [onChain(bid.bid)]))
      return [done, model.reclaim(books, bid, await now())]
    },
    async () => {
      await cheat.increaseTime({ seconds: dice(120) })
      return [true, true]
    },
  ]

  const party = await chain.party(5)
  const compare = async (): Promise<void> => {
    for (const asset of assets) {
      let owed = made.reduce(
        (sum, { bid, escrow }) => sum + (bid.asset === asset ? escrow : 0n),
        0n,
      )
      for (const wallet of wallets) {
        const balance = await party.exchange.balanceOf(asset, wallet)
        expect(balance).toBe(model.balanceIn(books, asset, wallet))
        owed += balance
      }
      const held =
        asset === ETHER
          ? await cheat.getBalance({ address: mediaExchange })
          : await party.token.balanceOf(mediaExchange)
      expect(held).toBe(owed)
    }
    for (const { digest, escrow } of made.slice(-20)) {
      expect((await party.exchange.channelOf(fromHex(digest)))?.escrow ?? 0n).toBe(escrow)
    }
  }
  for (let step = 1; step <= STEPS; step += 1) {
    const [done, expected] = await pick(steps)()
    expect(done, `step ${step}`).toBe(expected)
    outcomes[done ? 'taken' : 'refused'] += 1
    if (step % 250 === 0) await compare()
  }
  expect(outcomes.taken).toBeGreaterThan(STEPS / 3)
  expect(outcomes.refused).toBeGreaterThan(STEPS / 10)
}, 180_000)
