import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utf8 } from '../../src/lib/bytes.ts'
import { createWalletSigner, type WalletSigner } from '../../src/lib/crypto/eip191.ts'
import { keccak256 } from '../../src/lib/crypto/keccak.ts'
import { openStore, type Store } from '../../src/store/store.ts'

/** What a test opened and must close, last first. */
export class Cleanup {
  readonly #steps: (() => unknown)[] = []

  add(step: () => unknown): void {
    this.#steps.push(step)
  }

  async run(): Promise<void> {
    for (const step of this.#steps.splice(0).reverse()) await step()
  }
}

/** An account that is the same in every run, one a name. */
export function walletOf(name: string): WalletSigner {
  return createWalletSigner(keccak256(utf8(`test wallet ${name}`)))
}

/** A directory that goes when the test ends. */
export async function temporaryDirectory(cleanup: Cleanup): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-test-'))
  cleanup.add(async () => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A LevelDB of its own, and a way to close and open it again. */
export async function temporaryStore(
  cleanup: Cleanup,
): Promise<{ store: Store; directory: string; reopen(): Promise<Store> }> {
  const directory = await temporaryDirectory(cleanup)
  let store = await openStore({ directory })
  cleanup.add(async () => store.close())
  return {
    store,
    directory,
    async reopen() {
      await store.close()
      store = await openStore({ directory })
      return store
    },
  }
}

/** Resolves when the condition holds; the test runner's timeout bounds it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 5))
}

/** Bytes that differ by seed. */
export function bytesOf(length: number, seed = 1): Uint8Array {
  const out = new Uint8Array(length)
  for (let i = 0, x = seed; i < length; i += 1) {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    out[i] = x >>> 24
  }
  return out
}

/** A copy with one bit of one byte flipped. */
export function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const out = Uint8Array.from(bytes)
  out[at] = (out[at] as number) ^ 1
  return out
}
