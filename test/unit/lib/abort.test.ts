import { getEventListeners } from 'node:events'
import { describe, expect, test } from 'vitest'
import { anySignal, isAbort, raceSignal, sleep } from '../../../src/lib/abort.ts'

const reason = new Error('enough')

describe('sleep', () => {
  test('resolves, and leaves no listener behind', async () => {
    const { signal } = new AbortController()
    await sleep(1, { signal })
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })

  test('rejects with the reason when the signal fires, or has fired', async () => {
    const controller = new AbortController()
    const sleeping = sleep(60_000, { signal: controller.signal })
    controller.abort(reason)
    await expect(sleeping).rejects.toBe(reason)
    await expect(sleep(0, { signal: controller.signal })).rejects.toBe(reason)
  })
})

describe('raceSignal', () => {
  test('settles as the promise does, and leaves no listener behind', async () => {
    const { signal } = new AbortController()
    expect(await raceSignal(Promise.resolve(1), { signal })).toBe(1)
    await expect(raceSignal(Promise.reject(reason), { signal })).rejects.toBe(reason)
    expect(getEventListeners(signal, 'abort')).toEqual([])
    expect(await raceSignal(Promise.resolve(2), {})).toBe(2)
  })

  test('rejects at the signal though the promise never settles', async () => {
    const controller = new AbortController()
    const racing = raceSignal(new Promise(() => {}), { signal: controller.signal })
    controller.abort(reason)
    await expect(racing).rejects.toBe(reason)
  })

  test('swallows a rejection that comes after the signal', async () => {
    const controller = new AbortController()
    const late = Promise.withResolvers<void>()
    const racing = raceSignal(late.promise, { signal: controller.signal })
    controller.abort(reason)
    await expect(racing).rejects.toBe(reason)
    late.reject(new Error('late'))
    await expect(late.promise).rejects.toThrow('late')
  })

  test('does not drop a rejection on the floor when the signal had fired before', async () => {
    const unhandled: unknown[] = []
    const onUnhandled = (error: unknown): void => void unhandled.push(error)
    process.on('unhandledRejection', onUnhandled)
    try {
      const racing = raceSignal(Promise.reject(new Error('late')), {
        signal: AbortSignal.abort(reason),
      })
      await expect(racing).rejects.toBe(reason)
      await new Promise((resolve) => setImmediate(resolve))
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', onUnhandled)
    }
  })
})

describe('anySignal', () => {
  test('fires with the first of those that exist', () => {
    const a = new AbortController()
    const b = new AbortController()
    const joined = anySignal([a.signal, undefined, b.signal])
    expect(joined.aborted).toBe(false)
    b.abort(reason)
    expect(joined.reason).toBe(reason)
  })

  test('fires at the deadline', async () => {
    const joined = anySignal([undefined], 1)
    await new Promise((resolve) => joined.addEventListener('abort', resolve))
    expect(isAbort(joined.reason)).toBe(true)
  })

  test('of nothing never fires', () => {
    expect(anySignal([]).aborted).toBe(false)
  })
})

test('isAbort knows the echoes of an abort from failures', () => {
  expect(isAbort(AbortSignal.abort().reason)).toBe(true)
  expect(isAbort(new DOMException('late', 'TimeoutError'))).toBe(true)
  expect(isAbort(reason)).toBe(false)
  expect(isAbort('AbortError')).toBe(false)
})
