import { rm } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { createTransactionStore } from '../../../src/chain/transaction-store.ts'
import { temporaryStore } from '../../helpers/chain.ts'

const address = '0x00000000000000000000000000000000DeaDBeef'

test('keeps the newest outcomes up to the limit', async () => {
  const { store, directory } = await temporaryStore()
  const transactions = createTransactionStore(store, 1, address, { maxOutcomes: 2 })
  const receipt = {
    hash: new Uint8Array(32),
    blockNumber: 1n,
    status: 'success',
    gasUsed: 21_000n,
    effectiveGasPrice: 2n ** 70n,
  } as const
  await transactions.settle('c', { receipt, reason: '', settledAtMs: 3 })
  await transactions.settle('b', { receipt, reason: '', settledAtMs: 2 })
  await transactions.prune()
  expect(await transactions.outcome('b')).toEqual({ receipt, reason: '', settledAtMs: 2 })
  await transactions.settle('a', { receipt, reason: '', settledAtMs: 4 })
  await transactions.prune()
  expect(await transactions.outcome('b')).toBeUndefined()
  expect(await transactions.outcome('a')).toBeDefined()
  await store.close()
  await rm(directory, { recursive: true })
})

test('belongs to one account on one chain', async () => {
  const { store, directory } = await temporaryStore()
  const record = {
    to: address,
    data: Uint8Array.of(1),
    value: 5n,
    gas: 21_000n,
    nonce: 7,
    attempts: [
      {
        hash: '0xab',
        raw: Uint8Array.of(2),
        maxFeePerGas: 3n,
        maxPriorityFeePerGas: 2n,
        signedAtMs: 9,
      },
    ],
  } as const
  await createTransactionStore(store, 1, address).put('a', record)
  expect(await createTransactionStore(store, 1, address).unmined()).toEqual([['a', record]])
  expect(await createTransactionStore(store, 2, address).unmined()).toEqual([])
  await store.close()
  await rm(directory, { recursive: true })
})
