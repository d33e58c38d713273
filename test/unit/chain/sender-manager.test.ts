import { describe, expect, test } from 'vitest'
import { chainLimits } from '../../../src/chain/limits.ts'
import { createSenderManager } from '../../../src/chain/sender-manager.ts'
import type { BlockRange, SenderInfo } from '../../../src/chain/ticket-broker.ts'
import { u64 } from '../../../src/lib/bytes.ts'
import { type Address, addressFromBytes } from '../../../src/lib/crypto/address.ts'
import { silentLogger } from '../../../src/lib/logger.ts'

const info: SenderInfo = {
  deposit: 1n,
  withdrawRound: 0n,
  reserve: { fundsRemaining: 1n, claimedInCurrentRound: 0n },
}

function senderAt(index: number): Address {
  const bytes = new Uint8Array(20)
  bytes.set(u64(index + 1), 10)
  return addressFromBytes(bytes)
}

/** A manager over a broker and a clock that only count. */
function createManager() {
  const reads: Address[] = []
  const ranges: BlockRange[] = []
  let onBlock: (block: bigint) => void = () => {}
  const broker = {
    senderInfo: async (sender: Address) => {
      reads.push(sender)
      return info
    },
    claimedReserve: async () => 0n,
    events: async (range: BlockRange) => {
      ranges.push(range)
      return []
    },
  }
  const timeManager = {
    lastSeenBlock: () => 100n,
    onRound: () => () => {},
    onBlock: (callback: (block: bigint) => void) => {
      onBlock = callback
      return () => {}
    },
  }
  const manager = createSenderManager({ broker, timeManager, logger: silentLogger })
  return { manager, reads, ranges, block: (number: bigint) => onBlock(number) }
}

describe('the cache of senders', () => {
  test('holds as many as the limit, and drops the one not asked for longest', async () => {
    const { manager, reads } = createManager()
    const limit = chainLimits.maxCachedSenders
    for (let i = 0; i < limit; i += 1) await manager.getSenderInfo(senderAt(i))
    for (let i = 0; i < limit; i += 1) await manager.getSenderInfo(senderAt(i))
    expect(reads).toHaveLength(limit)
    await manager.getSenderInfo(senderAt(limit))
    await manager.getSenderInfo(senderAt(1))
    expect(reads).toHaveLength(limit + 1)
    await manager.getSenderInfo(senderAt(0))
    expect(reads).toHaveLength(limit + 2)
  })

  test('does not remember a failure', async () => {
    const { manager, reads } = createManager()
    const sender = senderAt(1)
    await manager.getSenderInfo(sender)
    manager.clear(sender)
    await manager.getSenderInfo(sender)
    expect(reads).toEqual([sender, sender])
  })

  test('is dropped when more blocks were missed than are read', async () => {
    const { manager, reads, ranges, block } = createManager()
    await manager.start()
    const sender = senderAt(1)
    const changes: Address[] = []
    manager.subscribeReserveChange((changed) => changes.push(changed))
    await manager.getSenderInfo(sender)
    const from = 100n - BigInt(chainLimits.reorgBlocks) + 1n
    const limit = BigInt(chainLimits.maxCatchUpBlocks)
    block(from + limit)
    await new Promise((resolve) => setImmediate(resolve))
    expect(ranges).toEqual([{ fromBlock: from, toBlock: from + limit }])
    expect(changes).toEqual([])
    block(from + 3n * limit)
    await new Promise((resolve) => setImmediate(resolve))
    expect(ranges).toHaveLength(1)
    expect(changes).toEqual([sender])
    await manager.getSenderInfo(sender)
    expect(reads).toHaveLength(2)
    await manager.stop()
  })
})
