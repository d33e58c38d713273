import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, test } from 'vitest'
import { startAnvil } from '../../../scripts/lib/anvil.ts'
import { connectChain } from '../../../src/chain/client.ts'
import { silentLogger } from '../../../src/lib/logger.ts'

const spawner = fileURLToPath(new URL('../../../scripts/lib/anvil.ts', import.meta.url))

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false
  }
  // Where nobody collects orphans, one that has ended stays in the table as a zombie.
  const stat = existsSync(`/proc/${pid}/stat`) ? readFileSync(`/proc/${pid}/stat`, 'utf8') : ''
  return !/\) [ZX] /.test(stat)
}

async function waitUntil(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10))
}

describe('the local EVM', () => {
  test('answers over http and ws on one port and leaves nothing behind', async () => {
    const anvil = await startAnvil({ chainId: 4242 })
    for (const rpcUrl of [anvil.rpcUrl, anvil.wsUrl]) {
      const client = await connectChain({ logger: silentLogger }, { rpcUrl, chainId: 4242 })
      expect(await client.blockNumber()).toBe(0n)
      expect(await client.balance(anvil.account(0).address)).toBe(10_000n * 10n ** 18n)
      client.close()
    }
    await anvil.stop()
    await anvil.stop()
    expect([anvil.pid, anvil.watchdogPid].map(isAlive)).toEqual([false, false])
  })

  test('says why it did not start', async () => {
    const anvil = await startAnvil()
    await expect(startAnvil({ port: anvil.port })).rejects.toMatchObject({ code: 'ANVIL_FAILED' })
    await anvil.stop()
  })

  test('dies with the process that started it, even by SIGKILL', async () => {
    const script = `
      const { startAnvil } = await import(${JSON.stringify(spawner)})
      const anvil = await startAnvil()
      process.stdout.write('pids ' + anvil.pid + ' ' + anvil.watchdogPid + '\\n')
      setInterval(() => {}, 1000)`
    const args = ['--import', 'tsx', '--input-type=module', '-e', script]
    const parent = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    parent.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
    })
    await waitUntil(() => /pids \d+ \d+\n/.test(said))
    const pids = said.match(/\d+/g)?.map(Number) ?? []
    expect(pids.map(isAlive)).toEqual([true, true])
    parent.kill('SIGKILL')
    await once(parent, 'exit')
    await waitUntil(() => !pids.some(isAlive))
  })
})
