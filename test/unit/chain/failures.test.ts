import { RpcRequestError } from 'viem'
import { describe, expect, test } from 'vitest'
import {
  chainError,
  classifySendError,
  decodeReason,
  revertReason,
} from '../../../src/chain/failures.ts'

function answer(message: string, data?: string): RpcRequestError {
  const error = { code: -32000, message, ...(data === undefined ? {} : { data }) }
  return new RpcRequestError({ body: {}, url: 'http://127.0.0.1', error })
}

describe('the refusal of a transaction', () => {
  test.each([
    ['already known', 'known'],
    ['transaction already imported', 'known'],
    ['nonce too low', 'nonce-too-low'],
    ['insufficient funds for gas * price + value', 'underfunded'],
    ['replacement transaction underpriced', 'underpriced'],
    ['max fee per gas less than block base fee', 'underpriced'],
    ['intrinsic gas too low', 'rejected'],
  ])('%s is %s', (message, refusal) => {
    expect(classifySendError(answer(message))).toBe(refusal)
  })

  test('is none when nobody answered', () => {
    expect(classifySendError(new Error('socket hang up'))).toBe('unreachable')
  })
})

describe('the reason of a revert', () => {
  const ticketIsUsed =
    '0x08c379a00000000000000000000000000000000000000000000000000000000000000020' +
    '000000000000000000000000000000000000000000000000000000000000000e' +
    '7469636b65742069732075736564000000000000000000000000000000000000'

  test('is read from the data of the answer', () => {
    expect(revertReason(answer('execution reverted', ticketIsUsed))).toBe('ticket is used')
    expect(chainError(answer('execution reverted', ticketIsUsed))).toMatchObject({
      code: 'CALL_REVERTED',
      meta: { reason: 'ticket is used' },
    })
  })

  test('is the code of a panic, or the selector of an unknown error', () => {
    const panic = `0x4e487b71${'0'.repeat(62)}11` as const
    expect(decodeReason(panic)).toBe('Panic(0x11)')
    expect(decodeReason('0xdeadbeef00')).toBe('0xdeadbeef')
  })

  test('is absent when the endpoint refused for another reason', () => {
    expect(revertReason(answer('method not found'))).toBeNull()
    expect(chainError(answer('method not found'))).toMatchObject({ code: 'CHAIN_REFUSED' })
    expect(chainError(new Error('socket hang up'))).toMatchObject({ code: 'CHAIN_UNREACHABLE' })
  })
})
