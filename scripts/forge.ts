import '../src/lib/polyfill.ts'
import { runForge } from './lib/forge.ts'

// npm run test:contracts [-- further arguments of `forge test`]
process.exitCode = (await runForge({ args: process.argv.slice(2) })).code
