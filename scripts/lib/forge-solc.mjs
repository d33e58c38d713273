#!/usr/bin/env node
// The Solidity compiler from npm behind the two options of the native one that forge uses.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const solc = createRequire(import.meta.url)('solc')

if (process.argv.includes('--version')) {
  const release = solc.version().replace(/\.Emscripten\.clang$/, '')
  process.stdout.write(`solc, the solidity compiler\nVersion: ${release}.Linux.g++\n`)
} else if (process.argv.includes('--standard-json')) {
  process.stdout.write(solc.compile(readFileSync(0, 'utf8')))
} else {
  process.stderr.write('only --version and --standard-json are known\n')
  process.exitCode = 2
}
