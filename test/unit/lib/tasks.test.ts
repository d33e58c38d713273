import { describe, expect, test } from 'vitest'
import { type Logger, silentLogger } from '../../../src/lib/logger.ts'
import { createSerial } from '../../../src/lib/serial.ts'
import { TaskGroup } from '../../../src/lib/tasks.ts'

describe('a task group', () => {
  test('drains what is in flight, and what that starts in turn', async () => {
    const group = new TaskGroup(silentLogger)
    const first = Promise.withResolvers<void>()
    const done: string[] = []
    group.run(async () => {
      await first.promise
      done.push('first')
      group.run(async () => {
        await Promise.resolve()
        done.push('second')
      })
    })
    expect(group.size).toBe(1)
    const draining = group.drain()
    first.resolve()
    await draining
    expect(done).toEqual(['first', 'second'])
    expect(group.size).toBe(0)
    await group.drain()
  })

  test('logs a failure once and goes on; the echo of an abort is silent', async () => {
    const logged: object[] = []
    const logger: Logger = { ...silentLogger, error: (fields) => void logged.push(fields) }
    const group = new TaskGroup(logger)
    const failure = new Error('broken')
    group.run(async () => {
      throw failure
    })
    group.run(async () => AbortSignal.abort().throwIfAborted())
    await group.drain()
    expect(logged).toEqual([{ err: failure }])
  })
})

describe('serial sections', () => {
  test('run one at a time, in the order they were asked for', async () => {
    const serial = createSerial()
    const log: string[] = []
    const gate = Promise.withResolvers<void>()
    const sections = ['a', 'b', 'c'].map(async (name) =>
      serial(async () => {
        log.push(`${name} in`)
        await (name === 'a' ? gate.promise : Promise.resolve())
        log.push(`${name} out`)
        return name
      }),
    )
    gate.resolve()
    expect(await Promise.all(sections)).toEqual(['a', 'b', 'c'])
    expect(log).toEqual(['a in', 'a out', 'b in', 'b out', 'c in', 'c out'])
  })

  test('a failed one is told to its caller and does not stop the next', async () => {
    const serial = createSerial()
    const failing = serial(async () => {
      throw new Error('broken')
    })
    const next = serial(async () => 'next')
    await expect(failing).rejects.toThrow('broken')
    expect(await next).toBe('next')
  })
})
