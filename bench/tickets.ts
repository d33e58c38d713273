import { privateKeyToAccount } from 'viem/accounts'
import { readUint, toHex } from '../src/lib/bytes.ts'
import { eip191Digest } from '../src/lib/crypto/eip191.ts'
import { loadWasm, type Secp256k1, secp256k1 } from '../src/lib/crypto/secp256k1.ts'
import { ticketLimits } from '../src/rails/ticket/limits.ts'
import { createTicketHasher, type TicketBatch } from '../src/rails/ticket/ticket.ts'
import type { Bench, BenchLine } from './lib/bench.ts'
import { type Candidate, paired } from './lib/paired.ts'
import { openParties, type Parties, senderKey } from './lib/ticket-parties.ts'
import { viemBatch, viemCreate, viemReceive, viemTicketHash } from './lib/ticket-rivals.ts'

type Say = (line: BenchLine) => void

const ROUNDS = 11

/**
 * Receiving, creating and hashing tickets, against viem and against the curve library alone; then
 * once more over the curve that takes its place where it cannot be loaded.
 */
export const bench: Bench = async (say) => {
  await over(secp256k1, async (setting) => {
    await benchHash(setting, say)
    for (const size of [1, 16, 64, 256]) {
      await benchReceive(setting, { size, ...(size === 64 ? { bar: 20 } : {}) }, say)
    }
    await benchCreate(setting, { bar: 8 }, say)
  })
  if (secp256k1.backend === 'wasm') return
  await over(await loadWasm(), async (setting) => {
    await benchReceive(setting, { size: 64, bar: 10 }, say)
    await benchCreate(setting, {}, say)
  })
}

interface Setting {
  readonly parties: Parties
  readonly curve: Secp256k1
}

async function over(curve: Secp256k1, run: (setting: Setting) => Promise<void>): Promise<void> {
  const parties = await openParties(curve)
  try {
    await run({ parties, curve })
  } finally {
    await parties.close()
  }
}

async function benchHash({ parties }: Setting, say: Say): Promise<void> {
  const batch = await parties.batch(1)
  const other = viemBatch(batch)
  const hasher = createTicketHasher(batch.params, batch.expirationParams, batch.sender)
  const [ours, theirs] = [5_000, 300]
  const timing = await paired(
    {
      ours: {
        units: ours,
        run() {
          for (let nonce = 1; nonce <= ours; nonce += 1) hasher.hash(nonce)
        },
      },
      viem: {
        units: theirs,
        run() {
          for (let nonce = 1n; nonce <= theirs; nonce += 1n) viemTicketHash(other, nonce)
        },
      },
    },
    ROUNDS,
  )
  const value = timing.microseconds('ours')
  const ratio = timing.ratio('ours', 'viem')
  say({ name: 'ticket hash', value, unit: 'us/ticket', rival: 'viem', ratio, bar: 25 })
}

async function benchReceive(
  { parties, curve }: Setting,
  { size, bar }: { readonly size: number; readonly bar?: number },
  say: Say,
): Promise<void> {
  // Enough for a sample of some milliseconds; a payment holds fewer tickets than the largest size.
  const repeats = Math.max(1, 256 / size)
  let batches: TicketBatch[] = []
  const ours: Candidate = {
    units: size * repeats,
    async prepare() {
      batches = []
      for (let i = 0; i < repeats; i += 1) {
        for (let left = size; left > 0; left -= ticketLimits.maxTicketsPerPayment) {
          batches.push(await parties.batch(Math.min(left, ticketLimits.maxTicketsPerPayment)))
        }
      }
    },
    async run() {
      for (const batch of batches) await parties.receive(batch)
    },
  }
  const fixed = await parties.batch(Math.min(size, 64))
  const other = viemBatch(fixed)
  const rand = readUint(parties.secret.recipientRand(fixed.params, fixed.sender))
  const viem: Candidate = {
    units: fixed.senderParams.length,
    async run() {
      await viemReceive(other, fixed.params.recipient, rand)
    },
  }
  const timing = await paired({ ours, bare: bareRecover(curve, fixed), viem }, ROUNDS)
  const value = timing.microseconds('ours')
  const ratio = timing.ratio('ours', 'viem')
  const line = {
    name: `recipient.receiveBatch of ${size}, ${curve.backend}`,
    value,
    unit: 'us/ticket',
  }
  say({ ...line, rival: 'viem', ratio, ...(bar === undefined ? {} : { bar }) })
  const bare = timing.ratio('ours', 'bare')
  say({ ...line, rival: `${curve.backend} recover alone`, ratio: bare })
}

/** The curve library's recover and nothing else. */
function bareRecover(
  curve: Secp256k1,
  { params, expirationParams, sender, senderParams }: TicketBatch,
): Candidate {
  const hasher = createTicketHasher(params, expirationParams, sender)
  const inputs = senderParams.map(({ senderNonce, sig }) => ({
    digest: eip191Digest(hasher.hash(senderNonce)),
    signature: sig.slice(0, 64),
    recoveryId: (sig[64] as number) - 27,
  }))
  const repeats = Math.max(1, 64 / inputs.length)
  return {
    units: inputs.length * repeats,
    run() {
      for (let i = 0; i < repeats; i += 1) {
        for (const { digest, signature, recoveryId } of inputs) {
          curve.recover(digest, signature, recoveryId)
        }
      }
    },
  }
}

async function benchCreate(
  { parties, curve }: Setting,
  { bar }: { readonly bar?: number },
  say: Say,
): Promise<void> {
  const { sender } = parties
  const account = privateKeyToAccount(toHex(senderKey))
  const size = 64
  const repeats = 4
  let ids: string[] = []
  const params = await parties.params()
  const timing = await paired(
    {
      ours: {
        units: size * repeats,
        async prepare() {
          ids = []
          for (let i = 0; i < repeats; i += 1) {
            ids.push(await sender.startSession(await parties.params()))
          }
        },
        async run() {
          for (const id of ids) await sender.createTicketBatch(id, size)
        },
      },
      bare: {
        units: size * repeats,
        run() {
          for (let i = 0; i < size * repeats; i += 1) curve.sign(params.seed, senderKey)
        },
      },
      viem: {
        units: size,
        async run() {
          await viemCreate(account, params, size)
        },
      },
    },
    ROUNDS,
  )
  const value = timing.microseconds('ours')
  const ratio = timing.ratio('ours', 'viem')
  const line = {
    name: `sender.createTicketBatch of ${size}, ${curve.backend}`,
    value,
    unit: 'us/ticket',
  }
  say({ ...line, rival: 'viem', ratio, ...(bar === undefined ? {} : { bar }) })
  const bare = timing.ratio('ours', 'bare')
  say({ ...line, rival: `${curve.backend} sign alone`, ratio: bare })
}
