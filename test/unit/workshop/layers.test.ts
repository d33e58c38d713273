import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkLayers, layerFaults } from '../../../scripts/check-layers.ts'

const project = fileURLToPath(new URL('../../..', import.meta.url))

/** A tree in which every room stands and nothing breaks a rule. */
const clean: Readonly<Record<string, string>> = {
  'src/lib/bytes.ts': 'export const zero = 0n',
  'src/lib/crypto/keccak.ts': `import 'hash-wasm'\nexport const hash = 1`,
  'src/store/store.ts': `import 'level'\nimport { zero } from '../lib/bytes.ts'\nexport const store = zero`,
  'src/net/host.ts': `import 'libp2p'\nimport { zero } from '../lib/bytes.ts'\nexport const host = zero`,
  'src/media/pool.ts': `import pLimit from 'p-limit'\nexport const pool = pLimit(1)`,
  'src/chain/client.ts': `import 'viem'\nimport { store } from '../store/store.ts'\nexport const client = store`,
  'src/rails/rail.ts': `import { client } from '../chain/client.ts'\nexport const rail = client`,
  'src/market/quote.ts': `import { rail } from '../rails/rail.ts'\nexport const quote = rail`,
  'src/exchange/order.ts': `import { quote } from '../market/quote.ts'\nexport const order = quote`,
  'src/roles/broadcaster.ts': `import { order } from '../exchange/order.ts'\nexport const role = order`,
  'src/node/node.ts': `import 'zod'\nimport { role } from '../roles/broadcaster.ts'\nexport const node = role`,
  'src/http/server.ts': `import 'fastify'\nimport { node } from '../node/node.ts'\nexport const http = node`,
  'src/cli/main.ts': `import 'commander'\nimport { http } from '../http/server.ts'\nexport const cli = http`,
  'src/index.ts': `export { node } from './node/node.ts'`,
  'test/helper.ts': 'export const helper = 1',
}

const roots: string[] = []

async function plant(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'millrace-layers-'))
  roots.push(root)
  for (const [file, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, file)), { recursive: true })
    await writeFile(join(root, file), `${text}\n`)
  }
  await symlink(join(project, 'node_modules'), join(root, 'node_modules'))
  return root
}

afterAll(async () => {
  for (const root of roots) await rm(root, { recursive: true, force: true })
})

describe('the layer check', () => {
  test('passes a tree that keeps the floors', async () => {
    const report = await checkLayers(await plant(clean))
    expect(layerFaults(report)).toEqual([])
    expect(report.moduleCount).toBe(Object.keys(clean).length - 1)
  })

  describe('in a tree with planted breaches', () => {
    let found: string[] = []
    beforeAll(async () => {
      const root = await plant({
        ...clean,
        'src/rails/upward.ts': `import { quote } from '../market/quote.ts'\nexport const up = quote`,
        'src/rails/upward-type.ts': `import type { quote } from '../market/quote.ts'\nexport type Up = typeof quote`,
        'src/store/stranger.ts': `import { host } from '../net/host.ts'\nexport const near = host`,
        'src/market/vendor.ts': `import 'viem'\nexport const leak = 1`,
        'src/roles/vendor-type.ts': `import type { Level } from 'level'\nexport type Leak = Level`,
        'src/lib/vendor.ts': `import 'hash-wasm'\nexport const leak = 1`,
        'src/exchange/unlisted.ts': `import 'fast-check'\nexport const leak = 1`,
        'src/exchange/egg.ts': `import { hen } from './hen.ts'\nexport const egg = () => hen`,
        'src/exchange/hen.ts': `import { egg } from './egg.ts'\nexport const hen = () => egg`,
        'src/node/to-test.ts': `import { helper } from '../../test/helper.ts'\nexport const leak = helper`,
        'src/node/lost.ts': `import './nowhere.ts'\nexport const lost = 1`,
        'src/node/barrel.ts': `import { node } from '../index.ts'\nexport const round = node`,
        'src/attic/room.ts': `import { zero } from '../lib/bytes.ts'\nexport const room = zero`,
      })
      const { violations } = await checkLayers(root)
      found = violations.map(({ rule, from }) => `${rule} ${from}`)
    })

    test.each([
      ['a floor', 'floor-rails src/rails/upward.ts'],
      ['a floor through a type', 'floor-rails src/rails/upward-type.ts'],
      ['the strangers of floor 1', 'floor-store src/store/stranger.ts'],
      ['a vendor rule', 'vendor-market src/market/vendor.ts'],
      ['a vendor rule through a type', 'vendor-roles src/roles/vendor-type.ts'],
      ['the crypto vendors outside lib/crypto', 'vendor-lib src/lib/vendor.ts'],
      ['a vendor nobody was given', 'vendor-exchange src/exchange/unlisted.ts'],
      ['the ban on test code', 'src-stands-alone src/node/to-test.ts'],
      ['resolution', 'no-unresolvable src/node/lost.ts'],
      ['the barrel rule', 'barrel-is-the-top src/node/barrel.ts'],
      ['the list of rooms', 'known-room src/attic/room.ts'],
    ])('reports what breaks %s', (_what, violation) => {
      expect(found).toContain(violation)
    })

    test('reports a cycle', () => {
      expect(found.some((violation) => violation.startsWith('no-cycle src/exchange/'))).toBe(true)
    })
  })

  test('fails as a command on a breach and on an empty tree', async () => {
    const breach = await plant({ ...clean, 'src/lib/up.ts': `import '../store/store.ts'` })
    const empty = await plant({ 'src/readme.txt': 'no modules' })
    const [broken, nothing] = await Promise.all([breach, empty].map(runCommand))
    expect(broken).toMatchObject({ code: 1, output: expect.stringContaining('floor-lib') })
    expect(nothing).toMatchObject({ code: 1, output: expect.stringContaining('0 modules') })
  })
})

async function runCommand(root: string): Promise<{ code: number; output: string }> {
  const args = ['--import', 'tsx', join(project, 'scripts/check-layers.ts'), root]
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: project })
    return { code: 0, output: stdout }
  } catch (error) {
    const failure = error as { code: number; stdout: string; stderr: string }
    return { code: failure.code, output: failure.stdout + failure.stderr }
  }
}
