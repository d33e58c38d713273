import '../../../src/lib/polyfill.ts'
import { buildRedeemer } from '../../../src/node/build-redeemer.ts'
import type { Store } from '../../../src/store/store.ts'
import { buildFoundation } from './redeemer-foundation.ts'

/** Where the process stops for good with a winner it was given, to be killed there. */
export type Stop = 'before-write' | 'after-write' | 'never'

/** What the process says, one line each. */
export type RedeemerLine =
  | { readonly type: 'ready'; readonly peerId: string }
  /** It has a winner in its hands and has not answered. */
  | { readonly type: 'stopped' }

const [configFile = '', stop = 'never'] = process.argv.slice(2)

function say(line: RedeemerLine): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

function stoppingAt(store: Store): Store {
  return {
    ...store,
    async batch(ops, options) {
      const isHandOver = ops.some(
        ({ type, key }) => type === 'put' && key.startsWith('redeemer-claims!'),
      )
      if (!isHandOver || stop === 'never') return store.batch(ops, options)
      if (stop === 'after-write') await store.batch(ops, options)
      say({ type: 'stopped' })
      await new Promise<never>(() => {})
    },
  }
}

const { foundation, config } = await buildFoundation(configFile, stoppingAt)
if (config.redeemer === undefined) throw new Error('not a redeemer')
const role = await buildRedeemer(foundation, config, config.redeemer)
await foundation.chain.start()
await foundation.net.host.start()
await role.start()
say({ type: 'ready', peerId: foundation.net.host.peerId })
process.stdin.resume()
process.stdin.once('end', () => process.exit(0))
