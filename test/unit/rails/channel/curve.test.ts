import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { CURVE_VARIABLE, chooseCurve, loadNative } from '../../../../src/lib/crypto/secp256k1.ts'

const run = promisify(execFile)

test('P1 the environment forgoes native code', async () => {
  expect((await chooseCurve('wasm')).backend).toBe('wasm')
  expect((await chooseCurve('')).backend).toBe(loadNative() === null ? 'wasm' : 'native')
  const script = 'import(process.argv[1]).then((m) => console.log(m.secp256k1.backend))'
  const file = new URL('../../../../src/lib/crypto/secp256k1.ts', import.meta.url).href
  const backendOf = async (curve: string): Promise<string> => {
    const env = { ...process.env, [CURVE_VARIABLE]: curve }
    const args = ['--import', 'tsx', '-e', script, file]
    return (await run(process.execPath, args, { env })).stdout.trim()
  }
  expect(await backendOf('wasm')).toBe('wasm')
})
