import { encodeFunctionData } from 'viem'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { paymentChannelsAbi } from '../../../../src/chain/abi/payment-channels.ts'
import { workTokenAbi } from '../../../../src/chain/abi/work-token.ts'
import { toHex } from '../../../../src/lib/bytes.ts'
import type { Address } from '../../../../src/lib/crypto/address.ts'
import { createDigestSigner } from '../../../../src/lib/crypto/digest-signer.ts'
import { hash160 } from '../../../../src/lib/crypto/hash160.ts'
import {
  channelIdOf,
  closeDigest,
  commitDigest,
  type Terms,
} from '../../../../src/rails/channel/terms.ts'
import { startTestChain, type TestChain } from '../../../helpers/chain.ts'
import {
  emptyModel,
  type ModelChannel,
  type ModelStep,
  stepModel,
} from '../../../helpers/channel-model.ts'
import { named } from '../../../helpers/channel-protocol.ts'

const STEPS = 1_500
const EXPIRE = 30
const ETHER: Address = '0x0000000000000000000000000000000000000000'
/** Changes nothing but which run it is. */
const seed = Number(process.env['CHANNEL_SEED'] ?? Date.now() % 1_000_000)

let chain: TestChain
beforeAll(async () => {
  chain = await startTestChain()
})
afterAll(async () => chain?.stop())

interface Lane {
  readonly terms: Terms
  readonly id: Uint8Array
  readonly payer: ReturnType<typeof createDigestSigner>
  readonly payee: ReturnType<typeof createDigestSigner>
  readonly spend: Uint8Array
  model: ModelChannel
}

function randomOf(start: number): (below: number) => number {
  let state = start >>> 0
  return (below) => {
    // Mulberry32
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
}

test(`P20–P24 ${STEPS} random steps with ether and a token do what a small model does, seed ${seed}`, async () => {
  const { cheat, addresses, anvil } = chain
  const contract = addresses.paymentChannels
  const domain = { chainId: 31_337n, contract }
  const random = randomOf(seed)
  const [payerKey, payeeKey] = [anvil.account(1).privateKey, anvil.account(2).privateKey]
  const [payer, payee] = [createDigestSigner(payerKey), createDigestSigner(payeeKey)]
  const operator = await chain.party(0)
  await operator.token.transfer(payer.address, 10n ** 24n, operator.fresh())
  const send = async (
    from: Address,
    to: Address,
    data: `0x${string}`,
    value = 0n,
  ): Promise<{ ok: boolean; block: bigint }> => {
    const request = { from, to, data, value, gas: 400_000n, gasPrice: 10n ** 10n }
    const hash = await cheat.sendUnsignedTransaction(request)
    for (let look = 0; ; look += 1) {
      const receipt = await cheat.getTransactionReceipt({ hash }).catch(() => null)
      if (receipt !== null) return { ok: receipt.status === 'success', block: receipt.blockNumber }
      // A block may have been sealed just before the transaction reached the pool.
      if (look > 5) await cheat.mine({ blocks: 1 })
      await new Promise((resolve) => setTimeout(resolve, 5))
    }
  }
  const approve = encodeFunctionData({
    abi: workTokenAbi,
    functionName: 'approve',
    args: [contract, 2n ** 255n],
  })
  await send(payer.address, addresses.workToken, approve)

  let made = 0
  const openLane = (): Lane => {
    made += 1
    const spend = named(`random ${seed} ${made}`)
    const asset = made % 2 === 0 ? ETHER : addresses.workToken
    const terms = {
      payer: payer.address,
      payee: payee.address,
      asset,
      spendHash: hash160(spend),
      expireTime: EXPIRE,
    }
    return { terms, id: channelIdOf(domain, terms), payer, payee, spend, model: emptyModel() }
  }
  const lanes: Lane[] = Array.from({ length: 6 }, openLane)
  const done: Lane[] = []
  const secretOf = (lane: Lane, revoke: number): Uint8Array => named(`${toHex(lane.id)} ${revoke}`)

  const choose = (lane: Lane): ModelStep => {
    const { balance } = lane.model
    const part = (): bigint => (balance * BigInt(random(12))) / 10n
    const isRight = random(3) > 0
    if (lane.model.openedAt === 0n && random(4) > 0)
      return { call: 'makeDeposit', amount: BigInt(random(1_000_000)) }
    switch (random(9)) {
      case 0:
        return { call: 'makeDeposit', amount: BigInt(1 + random(1000)) }
      case 1:
        return { call: 'topUp', amount: BigInt(random(1000)) }
      case 2:
      case 3:
        return {
          call: 'publish',
          quantity: part(),
          revoke: random(4),
          delay: BigInt(random(6)),
          by: isRight ? 'payee' : 'payer',
        }
      case 4:
        return { call: 'payout', isRight }
      case 5:
        return { call: 'revoke', revoke: random(4) }
      case 6:
        return { call: 'recoverChange', isRight: random(6) === 0 }
      case 7:
        return { call: 'recoverExpired' }
      default:
        return { call: 'close', quantity: part(), isSigned: random(4) === 0 }
    }
  }
  const perform = async (lane: Lane, step: ModelStep): Promise<{ ok: boolean; block: bigint }> => {
    const terms = { ...lane.terms, spendHash: toHex(lane.terms.spendHash) }
    const isEther = lane.terms.asset === ETHER
    const run = (from: Address, call: unknown, value = 0n) =>
      send(
        from,
        contract,
        encodeFunctionData({ abi: paymentChannelsAbi, ...(call as object) } as never),
        value,
      )
    const secret = (isRight: boolean): string => toHex(isRight ? lane.spend : named('wrong'))
    switch (step.call) {
      case 'makeDeposit':
      case 'topUp':
        return run(
          payer.address,
          { functionName: step.call, args: [terms, step.amount] },
          isEther ? step.amount : 0n,
        )
      case 'publish': {
        const revokeHash = hash160(secretOf(lane, step.revoke))
        const script = { channel: lane.id, revokeHash, delay: Number(step.delay) }
        const sig = payer.signDigest(commitDigest(domain, script, step.quantity))
        const args = [terms, step.quantity, toHex(revokeHash), Number(step.delay), toHex(sig)]
        return run(step.by === 'payee' ? payee.address : payer.address, {
          functionName: 'publishCommit',
          args,
        })
      }
      case 'payout':
      case 'recoverChange':
        return run(payee.address, { functionName: step.call, args: [terms, secret(step.isRight)] })
      case 'revoke':
        return run(payer.address, {
          functionName: 'revoke',
          args: [terms, toHex(secretOf(lane, step.revoke))],
        })
      case 'recoverExpired':
        return run(payee.address, { functionName: 'recoverExpired', args: [terms] })
      case 'close': {
        const digest = closeDigest(domain, lane.id, step.quantity)
        const payeeSig = (step.isSigned ? payee : payer).signDigest(digest)
        const args = [terms, step.quantity, toHex(payer.signDigest(digest)), toHex(payeeSig)]
        return run(payer.address, { functionName: 'close', args })
      }
    }
  }
  const check = async (): Promise<void> => {
    const held = new Map<Address, bigint>([
      [ETHER, 0n],
      [addresses.workToken, 0n],
    ])
    for (const lane of [...lanes, ...done]) {
      const { model, terms } = lane
      held.set(terms.asset, (held.get(terms.asset) ?? 0n) + model.balance)
      expect(model.toPayer + model.toPayee + model.balance).toBe(model.deposited)
    }
    expect(await cheat.getBalance({ address: contract })).toBe(held.get(ETHER))
    expect(await operator.token.balanceOf(contract)).toBe(held.get(addresses.workToken))
  }

  const outcomes = { accepted: 0, refused: 0, paid: 0, punished: 0 }
  for (let i = 0; i < STEPS; i += 1) {
    const at = random(lanes.length)
    const lane = lanes[at] as Lane
    const step = choose(lane)
    const { ok, block } = await perform(lane, step)
    const next = stepModel(lane.model, step, block, BigInt(EXPIRE))
    expect({ i, step, ok }).toEqual({ i, step, ok: next !== null })
    outcomes[ok ? 'accepted' : 'refused'] += 1
    if (next !== null) {
      lane.model = next
      const slots = await operator.channels.channelOf(lane.id)
      const { balance, committed, openedAt, publishedAt } = next
      expect(slots).toMatchObject({ balance, committed, openedAt, publishedAt })
      if (next.outcome !== 'none' && next.balance === 0n) {
        outcomes[next.outcome] += 1
        done.push(lane)
        lanes[at] = openLane()
      } else if (next.balance === 0n) {
        done.push(lane)
        lanes[at] = openLane()
      }
    }
    if (i % 250 === 0) await check()
  }
  await check()
  expect(outcomes.paid).toBeGreaterThan(5)
  expect(outcomes.punished).toBeGreaterThan(0)
}, 300_000)
