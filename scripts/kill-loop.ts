import '../src/lib/polyfill.ts'
import { parseArgs } from 'node:util'
import { messageOf } from '../src/lib/errors.ts'
import { renderOutcome } from '../test/helpers/kill-loop/render.ts'
import { runKillLoop } from '../test/helpers/kill-loop/run.ts'
import { watchNpm } from './testnet/parent-watch.ts'

const usage = `usage: npm run kill-loop -- [--kills N] [--seed N]

Kills a paying and an earning node with SIGKILL at random moments under load, N times (200 by
default), lets the rest settle, and compares the payer's journal, both stores and the chain. Exits
with 0 when nothing was lost and nothing was credited twice, 1 otherwise, 2 for wrong arguments.`

const MAX_KILLS = 100_000

function wholeNumber(text: string, max: number): number | null {
  const value = Number(text)
  return Number.isInteger(value) && value >= 1 && value <= max ? value : null
}

function readArguments(): { readonly kills: number; readonly seed: number } | null {
  try {
    const { values } = parseArgs({
      options: { kills: { type: 'string' }, seed: { type: 'string' } },
    })
    const kills = wholeNumber(values.kills ?? '200', MAX_KILLS)
    const seed = wholeNumber(values.seed ?? String(Date.now() % 2 ** 31), 2 ** 32)
    return kills === null || seed === null ? null : { kills, seed }
  } catch {
    return null
  }
}

async function main(init: { readonly kills: number; readonly seed: number }): Promise<number> {
  const broken = new AbortController()
  const breakOff = (): void => broken.abort(new Error('broken off'))
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, breakOff)
  watchNpm(breakOff)
  console.log(`seed ${init.seed}`)
  const outcome = await runKillLoop(
    { ...init, onProgress: (line) => console.log(line) },
    { signal: broken.signal },
  )
  for (const line of renderOutcome(outcome, init.kills)) console.log(line)
  return outcome.verdict.faults.length === 0 ? 0 : 1
}

const init = readArguments()
if (init === null) {
  console.error(usage)
  process.exitCode = 2
} else {
  try {
    process.exitCode = await main(init)
  } catch (error) {
    console.error(messageOf(error))
    process.exitCode = 1
  }
}
