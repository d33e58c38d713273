import { describe, expect, test } from 'vitest'
import { readProcess } from '../../../scripts/testnet/parent-watch.ts'

describe.runIf(process.platform === 'linux')('readProcess', () => {
  test('reads name and parent of a process that runs', () => {
    expect(readProcess(process.pid)).toMatchObject({ ppid: process.ppid })
    expect(readProcess(process.pid)?.name).not.toBe('')
  })

  test('is null for one that does not', () => {
    expect(readProcess(2 ** 30)).toBeNull()
  })
})
