import '../src/lib/polyfill.ts'
import { parseArgs } from 'node:util'
import type { Bench, BenchLine } from './lib/bench.ts'

/** The benchmarks by name; each is loaded only when it runs. */
const benches: Readonly<Record<string, () => Promise<{ readonly bench: Bench }>>> = {
  coordination: async () => import('./coordination.ts'),
  discovery: async () => import('./discovery.ts'),
  gas: async () => import('./gas.ts'),
  selection: async () => import('./selection.ts'),
  tickets: async () => import('./tickets.ts'),
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean', default: false } },
})
const [name = ''] = positionals
const load = benches[name]
if (load === undefined || positionals.length !== 1) {
  console.error(`usage: npm run bench -- NAME [--json]\nNAME: ${Object.keys(benches).join(', ')}`)
  process.exitCode = 2
} else {
  const { bench } = await load()
  let missed = 0
  await bench((line) => {
    if (line.bar !== undefined && line.ratio < line.bar) missed += 1
    console.log(values.json ? json(line) : text(line))
  })
  if (missed > 0) process.exitCode = 1
}

function json({ name: line, value, unit, rival, ratio }: BenchLine): string {
  return JSON.stringify({ bench: name, name: line, value, unit, rival, ratio })
}

function text({ name: line, value, unit, rival, ratio, bar }: BenchLine): string {
  const verdict =
    bar === undefined
      ? ''
      : ratio < bar
        ? `  below ${rounded(bar)}`
        : `  (at least ${rounded(bar)})`
  const measured = `${rounded(value).padStart(9)} ${unit}`
  return `${line.padEnd(44)} ${measured.padEnd(22)} ${rounded(ratio).padStart(7)} x ${rival}${verdict}`
}

function rounded(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toPrecision(3)
}
