import { describe, expect, test } from 'vitest'
import { MUXER_OPTIONS } from '../../../src/net/libp2p-node.ts'
import {
  MAX_GOSSIP_FRAME_BYTES,
  MAX_GOSSIP_MESSAGE_BYTES,
  MAX_WRITE_BUFFER_BYTES,
  READ_HIGH_WATER_BYTES,
  READ_LOW_WATER_BYTES,
  SEND_SLICE_BYTES,
} from '../../../src/net/limits.ts'

describe('stream limits', () => {
  test('a paused stream can hold the whole window', () => {
    const { maxStreamWindowSize, maxReadBufferLength } = MUXER_OPTIONS.streamOptions
    // The window is granted anew on resume while the buffer may still hold the old one.
    expect(2 * maxStreamWindowSize).toBeLessThanOrEqual(maxReadBufferLength)
  })

  test('the initial window is left to the protocol', () => {
    expect(MUXER_OPTIONS.streamOptions).not.toHaveProperty('initialStreamWindowSize')
  })

  test('a sender that obeys backpressure stays far below the write buffer', () => {
    expect(2 * SEND_SLICE_BYTES).toBeLessThan(MAX_WRITE_BUFFER_BYTES)
    expect(READ_LOW_WATER_BYTES).toBeLessThan(READ_HIGH_WATER_BYTES)
  })

  test('a published message fits in a frame', () => {
    expect(MAX_GOSSIP_MESSAGE_BYTES).toBeLessThan(MAX_GOSSIP_FRAME_BYTES)
  })
})
