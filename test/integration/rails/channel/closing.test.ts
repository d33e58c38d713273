import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createPaymentChannels } from '../../../../src/chain/payment-channels.ts'
import { silentLogger } from '../../../../src/lib/logger.ts'
import type { PeerTarget } from '../../../../src/net/lanes.ts'
import { createCloseLink } from '../../../../src/rails/channel/close-link.ts'
import { encodeCloseRequest } from '../../../../src/rails/channel/close-wire.ts'
import { channelLimits } from '../../../../src/rails/channel/limits.ts'
import {
  type ChannelPayee,
  type ChannelPayer,
  openChannelPayee,
  openChannelPayer,
} from '../../../../src/rails/channel/open.ts'
import { closeDigest } from '../../../../src/rails/channel/terms.ts'
import { startTestChain, type TestChain } from '../../../helpers/chain.ts'
import type { ChainSide } from '../../../helpers/chain-side.ts'
import { type Flow, mineUntil, openFlow, value } from '../../../helpers/channel-flow.ts'
import {
  componentsOf,
  createHalf,
  type Half,
  payeeTerms,
  payerTerms,
} from '../../../helpers/channel-sides.ts'
import { Cleanup } from '../../../helpers/fixtures.ts'
import { createHost } from '../../../helpers/fixtures-hosts.ts'

let chain: TestChain
const cleanup = new Cleanup()
beforeAll(async () => {
  chain = await startTestChain()
})
afterAll(async () => chain?.stop())
afterEach(() => cleanup.run())

const domain = () => ({ chainId: 31_337n, contract: chain.addresses.paymentChannels })

interface Sides {
  readonly payer: Half<ChannelPayer>
  readonly payee: Half<ChannelPayee>
  readonly flow: Flow
  /** How often the payee looked for its payer. */
  asked(): number
}

/** A payer and a payee on hosts, with 600 paid between them. */
async function sides(init: { readonly isAway?: boolean } = {}): Promise<Sides> {
  const [near, far] = [await createHost(cleanup), await createHost(cleanup)]
  await near.host.start()
  await far.host.start()
  let asked = 0
  const peersOf = async (): Promise<readonly PeerTarget[]> => {
    asked += 1
    const { peerId } = near.host
    return init.isAway === true ? [] : [{ peerId, addresses: near.host.addresses() }]
  }
  const payer = await createHalf(chain, 1, async (side) =>
    openChannelPayer(
      { ...componentsOf(chain, side), signer: side.digests, host: near.host },
      { ...payerTerms, address: side.wallet.address },
    ),
  )
  cleanup.add(async () => payer.stop())
  const linkOf = ({ digests: signer }: ChainSide) =>
    createCloseLink({ host: far.host, signer, logger: silentLogger, peersOf }, { domain: domain() })
  const payee = await createHalf(chain, 2, async (side) =>
    openChannelPayee(
      { ...componentsOf(chain, side), closing: linkOf(side) },
      { ...payeeTerms, address: side.wallet.address },
    ),
  )
  cleanup.add(async () => payee.stop())
  const flow = await openFlow(payer, payee)
  for (const due of [100n, 200n, 300n]) await flow.pay(due)
  await payer.half().closing?.start()
  await payer.half().watch.start()
  await payee.half().watch.start()
  return { payer, payee, flow, asked: () => asked }
}

const channelOf = ({ payer }: Sides) =>
  payer.half().channels()[0] as ReturnType<ChannelPayer['channels']>[0]

async function events(open: Sides) {
  const { client } = open.payer.side()
  const channels = createPaymentChannels({ client }, { address: domain().contract })
  const toBlock = await client.blockNumber()
  return channels.events({ fromBlock: 0n, toBlock, channel: channelOf(open).id })
}

const isOver = (open: Sides): boolean =>
  channelOf(open).record.stage === 'over' &&
  open.payee.half().channels()[0]?.settlement.over === true

test('P28 two that are there close a channel in one transaction, and nobody waits for a delay', async () => {
  const open = await sides()
  const { payer, payee } = open
  const { client } = payee.side()
  await payee.half().watch.close()
  await mineUntil(chain, () => isOver(open), [payer.side(), payee.side()])
  expect(await events(open)).toMatchObject([
    { type: 'Deposited' },
    { type: 'Closed', quantity: 600n, change: payerTerms.deposit - 600n },
  ])
  const channels = createPaymentChannels({ client }, { address: domain().contract })
  expect((await channels.channelOf(channelOf(open).id)).balance).toBe(0n)
  expect(open.asked()).toBe(1)
})

test('P28 who has signed a closing pays nothing more on that channel, not after a restart either', async () => {
  const open = await sides()
  const { payer, payee, flow } = open
  await payee.half().watch.stop()
  const payeeSignature = payee
    .side()
    .digests.signDigest(closeDigest(domain(), channelOf(open).id, 600n))
  const { id: channel } = channelOf(open)
  const request = encodeCloseRequest({ channel, quantity: 600n, payeeSignature })
  const answer = await payer.half().closing?.take(request)
  expect(answer).toMatchObject({ verdict: 'AGREED' })
  // Asked once more, as by a payee that the answer did not reach, it is the same.
  expect(await payer.half().closing?.take(request)).toEqual(answer)
  const closed = { ok: false, error: { code: 'CHANNEL_CLOSED' } }
  expect(await flow.session.pay(1n)).toMatchObject(closed)
  await payer.restart()
  const context = {
    ...{ orderId: '0x02', payer: payer.side().wallet.address },
    payee: payee.side().wallet.address,
  }
  expect(await payer.half().rail.openPay(context, null)).toMatchObject({
    ok: false,
    error: { code: 'NO_CHANNEL' },
  })
  await payee.restart()
  value(await (await openFlow(payer, payee, '0x03')).session.pay(5n))
  expect(payer.half().channels()).toHaveLength(2)
})

test('P28 a payer signs no closing that its payee did not sign, or above what was committed', async () => {
  const open = await sides()
  const { payer, payee } = open
  await payee.half().watch.stop()
  const { id: channel } = channelOf(open)
  const by = (side: ChainSide, quantity: bigint, of = channel): Uint8Array => {
    const payeeSignature = side.digests.signDigest(closeDigest(domain(), of, quantity))
    return encodeCloseRequest({ channel: of, quantity, payeeSignature })
  }
  const verdict = async (request: Uint8Array): Promise<string | undefined> =>
    (await payer.half().closing?.take(request))?.verdict
  expect(await verdict(by(payee.side(), 601n))).toBe('NOT_OWED')
  expect(await verdict(by(payer.side(), 600n))).toBe('NOT_SIGNED')
  expect(await verdict(by(payee.side(), 600n, new Uint8Array(32)))).toBe('NOT_OPEN')
  expect(await verdict(Uint8Array.of(0xff, 0xff))).toBe('UNREADABLE')
  const good = by(payee.side(), 600n)
  // A field that is not known fills a request up to the limit, and past it.
  const filled = (length: number): Uint8Array => {
    const bytes = new Uint8Array(length)
    bytes.set(good)
    const rest = length - good.byteLength - 3
    bytes.set([0x7a, (rest & 0x7f) | 0x80, rest >> 7], good.byteLength)
    return bytes
  }
  expect(await verdict(filled(channelLimits.maxCloseBytes + 1))).toBe('UNREADABLE')
  expect(channelOf(open).record.isClosing).toBeUndefined()
  expect(await verdict(filled(channelLimits.maxCloseBytes))).toBe('AGREED')
})

test('P28 a payer that is away is looked for a few times, and then the payee publishes', async () => {
  const open = await sides({ isAway: true })
  await open.payee.half().watch.close()
  await mineUntil(chain, () => isOver(open), [open.payer.side(), open.payee.side()])
  const kinds = (await events(open)).map(({ type }) => type)
  expect(kinds).toContain('PaidOut')
  expect(kinds).not.toContain('Closed')
  expect(open.asked()).toBe(channelLimits.maxCloseTries)
})
