import { describe, expect, test } from 'vitest'
import type { Address } from '../../../src/lib/crypto/address.ts'
import { silentLogger } from '../../../src/lib/logger.ts'
import type { AccountChanges } from '../../../src/node/account-feed.ts'
import { createActiveSet } from '../../../src/node/active-set.ts'

const A: Address = '0x00000000000000000000000000000000000000a1'
const B: Address = '0x00000000000000000000000000000000000000b2'

/** A chain that counts what it is asked. */
function chain(changes?: AccountChanges) {
  const state = { block: 100n, round: 5n, asked: 0, isActive: true, isDown: false }
  const listeners: ((block: bigint) => void)[] = []
  const set = createActiveSet({
    bonding: {
      async isActiveTranscoder() {
        if (state.isDown) throw new Error('down')
        state.asked += 1
        return state.isActive
      },
      transcoderTotalStake: async () => 7n,
    },
    time: {
      lastSeenBlock: () => state.block,
      lastInitializedRound: () => state.round,
      onBlock(listener) {
        listeners.push(listener)
        return () => {}
      },
    },
    logger: silentLogger,
    ...(changes === undefined ? {} : { changes }),
  })
  const mine = async (blocks = 1n): Promise<void> => {
    for (let i = 0n; i < blocks; i += 1n) {
      state.block += 1n
      for (const listener of listeners) listener(state.block)
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  return { state, set, mine }
}

describe('the active set', () => {
  test('is asked of the chain once an account and while, where no events tell of changes', async () => {
    const { state, set, mine } = chain()
    expect([await set.isActive(A), await set.isActive(A), await set.stakeOf(A)]).toEqual([
      true,
      true,
      7n,
    ])
    expect(state.asked).toBe(1)
    await mine(49n)
    await set.isActive(A)
    expect(state.asked).toBe(1)
    await mine()
    await set.isActive(A)
    expect(state.asked).toBe(2)
  })

  test('fed by events is asked again only for whom they name, and in a new round', async () => {
    const named = new Set<Address>()
    const { state, set, mine } = chain(async () => new Set(named))
    await mine()
    await Promise.all([set.isActive(A), set.isActive(B)])
    await mine(200n)
    await Promise.all([set.isActive(A), set.isActive(B)])
    expect(state.asked).toBe(2)
    named.add(A)
    await mine()
    named.clear()
    state.isActive = false
    expect([await set.isActive(A), await set.isActive(B)]).toEqual([false, true])
    expect(state.asked).toBe(3)
    state.round += 1n
    expect(await set.isActive(B)).toBe(false)
  })

  test('does not rely on events again for what was asked before a gap in them', async () => {
    let isBroken = false
    const { state, set, mine } = chain(async () => {
      if (isBroken) throw new Error('no logs')
      return new Set<Address>()
    })
    await mine()
    await set.isActive(A)
    isBroken = true
    await mine(40n)
    isBroken = false
    await mine(20n)
    await set.isActive(A)
    expect(state.asked).toBe(2)
  })

  test('says what it knew while the chain cannot be asked, and null of whom it knows nothing', async () => {
    const { state, set, mine } = chain(async () => new Set([A]))
    await set.isActive(A)
    state.isDown = true
    await mine()
    expect([await set.isActive(A), await set.isActive(B), await set.stakeOf(A)]).toEqual([
      true,
      null,
      7n,
    ])
  })
})
