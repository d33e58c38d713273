import '../src/lib/polyfill.ts'
import { spawn } from 'node:child_process'

/** The static checks of `npm test`, each an npm script that can be run alone. */
const checks = ['typecheck', 'lint', 'layers', 'dead-code', 'check:generated']

/** How many run at once: more would only wait for one another on a small machine. */
const concurrency = 2

interface Outcome {
  readonly check: string
  readonly code: number
  readonly output: string
  readonly seconds: string
}

function run(check: string): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>()
  const startedAt = Date.now()
  const child = spawn('npm', ['run', '--silent', check], { stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
  const end = (code: number): void => {
    resolve({ check, code, output, seconds: ((Date.now() - startedAt) / 1000).toFixed(1) })
  }
  child.on('error', (error) => {
    output += error.message
    end(1)
  })
  child.on('close', (code) => end(code ?? 1))
  return promise
}

const waiting = [...checks]
let failed: Outcome | undefined

async function worker(): Promise<void> {
  while (failed === undefined) {
    const check = waiting.shift()
    if (check === undefined) return
    const outcome = await run(check)
    console.log(`${outcome.code === 0 ? 'ok    ' : 'FAILED'} ${check} (${outcome.seconds} s)`)
    if (outcome.code !== 0) failed ??= outcome
  }
}

await Promise.all(Array.from({ length: concurrency }, worker))
if (failed !== undefined) {
  console.error(`\n${failed.output.trimEnd()}\n\nnpm run ${failed.check} failed`)
  process.exitCode = 1
}
