import { existsSync, readFileSync } from 'node:fs'

// Prints one closing line, "N passed, N failed", about a run of `npm test`:
// check-summary.ts <vitest's JSON report> <exit code of the run>
const [, , reportFile = '', exitCode = '1'] = process.argv

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message: string
    readonly assertionResults: readonly unknown[]
  }[]
}

let passed = 0
let failed = 0
if (existsSync(reportFile)) {
  const report = JSON.parse(readFileSync(reportFile, 'utf8')) as Report
  const unloaded = report.testResults.filter(
    ({ status, assertionResults }) => status === 'failed' && assertionResults.length === 0,
  )
  passed = report.numPassedTests
  failed = report.numFailedTests + unloaded.length
  for (const { name, message } of unloaded) console.log(`${name} was not run: ${message}`)
} else {
  console.log('no test was run: a static check failed before them')
}
// A run that failed is never reported as one without failures.
if (exitCode !== '0' && failed === 0) failed = 1
console.log(`${passed} passed, ${failed} failed`)
