import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createPaymentChannels } from '../../../../src/chain/payment-channels.ts'
import { silentLogger } from '../../../../src/lib/logger.ts'
import { noMetrics } from '../../../../src/lib/metrics.ts'
import { createChannelChain } from '../../../../src/rails/channel/channel-chain.ts'
import { createChannelMetrics } from '../../../../src/rails/channel/metrics.ts'
import type { ChannelPayee, ChannelPayer } from '../../../../src/rails/channel/open.ts'
import { highestCommit } from '../../../../src/rails/channel/settlement.ts'
import { bareBytes, parseRawCommit, parseScript } from '../../../../src/rails/channel/terms.ts'
import { createTowerLink } from '../../../../src/rails/channel/tower-link.ts'
import { parseUnsigned, publishCall } from '../../../../src/rails/channel/unsigned.ts'
import { encodeWatchRequest } from '../../../../src/rails/channel/watch-wire.ts'
import { openWatchtower, type Watchtower } from '../../../../src/rails/channel/watchtower.ts'
import { startTestChain, type TestChain } from '../../../helpers/chain.ts'
import { type ChainSide, openSide, ownDirectory } from '../../../helpers/chain-side.ts'
import { mineUntil, openFlow, value } from '../../../helpers/channel-flow.ts'
import { type Half, payeeHalf, payerHalf } from '../../../helpers/channel-sides.ts'
import { Cleanup, until } from '../../../helpers/fixtures.ts'
import { createHost } from '../../../helpers/fixtures-hosts.ts'

let chain: TestChain
const cleanup = new Cleanup()
beforeAll(async () => {
  chain = await startTestChain()
})
afterAll(async () => chain?.stop())
afterEach(() => cleanup.run())

const domain = () => ({ chainId: 31_337n, contract: chain.addresses.paymentChannels })

interface Posted {
  readonly tower: Watchtower
  readonly side: ChainSide
  readonly peer: { readonly peerId: string; readonly addresses: string[] }
  reopen(): Promise<Watchtower>
}

/** A watchtower with account 3, on a host of its own. */
async function postTower(maxChannels = 10): Promise<Posted> {
  const { directory, remove } = await ownDirectory()
  cleanup.add(remove)
  const { host } = await createHost(cleanup)
  await host.start()
  let side = await openSide(chain, 3, directory)
  const open = async (): Promise<Watchtower> => {
    const contract = { contract: chain.addresses.paymentChannels }
    const metrics = createChannelMetrics(noMetrics)
    const components = { store: side.store, logger: silentLogger, metrics, host }
    const init = { maxChannels, finalityBlocks: 3 }
    const made = await openWatchtower(
      { ...components, chain: createChannelChain(side, contract) },
      init,
    )
    return made
  }
  let tower = await open()
  await tower.start()
  cleanup.add(async () => {
    await tower.stop()
    await side.close()
  })
  return {
    get tower() {
      return tower
    },
    get side() {
      return side
    },
    peer: { peerId: host.peerId, addresses: [...host.addresses()] },
    async reopen() {
      await tower.stop()
      await side.close()
      side = await openSide(chain, 3, directory)
      tower = await open()
      return tower
    },
  }
}

/** Payments of which the highest is given back, and the commit that was. */
async function revoked(): Promise<{
  payer: Half<ChannelPayer>
  payee: Half<ChannelPayee>
  publishStale(): Promise<void>
}> {
  const payer = await payerHalf(chain, 1)
  cleanup.add(async () => payer.stop())
  const payee = await payeeHalf(chain, 2)
  cleanup.add(async () => payee.stop())
  const flow = await openFlow(payer, payee)
  for (const due of [100n, 200n]) await flow.pay(due)
  const [channel] = payee.half().channels()
  if (channel === undefined) throw new Error('no channel')
  const stale = highestCommit(domain(), channel.state)
  const reversal = value(await (flow.earn.refund as NonNullable<typeof flow.earn.refund>)(200n))
  await payee.side().store.batch(reversal.writes)
  reversal.committed()
  const onRefund = flow.session.onRefund as NonNullable<typeof flow.session.onRefund>
  value(await onRefund(reversal.reversal))
  return {
    payer,
    payee,
    async publishStale() {
      const raw = parseRawCommit(bareBytes(stale?.commit_rawtx ?? ''))
      const script = parseScript(bareBytes(stale?.commit_script ?? ''))
      if (raw === null || script === null) throw new Error('no commit')
      const call = parseUnsigned(publishCall(domain(), channel.terms, { ...raw, ...script }))
      await payee.side().transactions.submit({ id: 'a stale commit', ...call })
    },
  }
}

test('P28 a watchtower takes back what is published while the payer is away, also after a restart', async () => {
  const posted = await postTower()
  const { payer, publishStale } = await revoked()
  const { host } = await createHost(cleanup)
  await host.start()
  const link = createTowerLink(
    { host, logger: silentLogger },
    { domain: domain(), towers: [posted.peer] },
  )
  const channel = payer.half().channels()[0]
  if (channel === undefined) throw new Error('no channel')
  link.tell(channel)
  link.tell(channel)
  await link.drain()
  expect(posted.tower.watched()).toBe(1)
  // The payer is gone; all that is left of it is on the chain.
  await payer.half().watch.stop()
  const tower = await posted.reopen()
  expect(tower.watched()).toBe(1)
  const before = await chain.cheat.getBalance({ address: payer.side().wallet.address })
  await publishStale()
  await tower.start().catch(() => {})
  await until(() => tower.punished() === 1)
  const after = await chain.cheat.getBalance({ address: payer.side().wallet.address })
  // Somebody else paid for the gas.
  expect(after - before).toBe(300n)
  const contract = createPaymentChannels(posted.side, { address: domain().contract })
  expect((await contract.channelOf(channel.id)).committed).toBe(0n)
  await mineUntil(chain, () => tower.watched() === 0, [posted.side])
})

test('P28 a watchtower takes on anybody, but nothing that is not what it says, nor more than it can', async () => {
  const { tower } = await postTower(1)
  const { payer } = await revoked()
  const channel = payer.half().channels()[0]
  if (channel === undefined) throw new Error('no channel')
  const { state } = channel.record
  const ask = (change: object = {}, on = domain()) =>
    tower.take(encodeWatchRequest({ domain: on, state: { ...state, ...change } }))
  const [commit] = state.commits_revoked
  if (commit === undefined) throw new Error('nothing is revoked')
  expect(await tower.take(new Uint8Array(10))).toBe('MALFORMED')
  const wrong = [{ ...commit, revoke_secret: '00'.repeat(32) }]
  expect(await ask({ commits_revoked: wrong })).toBe('MALFORMED')
  expect(await ask({}, { ...domain(), chainId: 1n })).toBe('WRONG_CHAIN')
  const nowhere = `${state.deposit_script.slice(0, -2)}77`
  expect(await ask({ deposit_script: nowhere, commits_revoked: [] })).toBe('NO_CHANNEL')
  expect(await ask()).toBe('WATCHING')
  expect(await ask()).toBe('WATCHING')
  expect(tower.watched()).toBe(1)
  expect(await ask({ deposit_script: nowhere, commits_revoked: [] })).toBe('BUSY')
})
