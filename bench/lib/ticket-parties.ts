import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { utf8 } from '../../src/lib/bytes.ts'
import { createSigVerifier, createWalletSigner } from '../../src/lib/crypto/eip191.ts'
import { keccak256 } from '../../src/lib/crypto/keccak.ts'
import type { Secp256k1 } from '../../src/lib/crypto/secp256k1.ts'
import { createRecipient } from '../../src/rails/ticket/recipient.ts'
import type { RecipientSecret } from '../../src/rails/ticket/recipient-secret.ts'
import { createSender, type Sender } from '../../src/rails/ticket/sender.ts'
import type { TicketBatch, TicketParams } from '../../src/rails/ticket/ticket.ts'
import { createValidator } from '../../src/rails/ticket/validator.ts'
import { versionedCodec } from '../../src/store/codec.ts'
import { openStore, type Store, type Table } from '../../src/store/store.ts'
import { fakeChain } from '../../test/helpers/fakes-chain.ts'
import {
  openRecipient,
  paramsConfig,
  recipientWallet,
  senderInit,
} from '../../test/helpers/fixtures-tickets.ts'

/** The key of the benchmarks' sender. */
export const senderKey = keccak256(utf8('benchmark wallet sender'))

const FEE = 20_000n
/** One ticket in so many wins. */
const ONE_IN = 100n

/** A sender and a recipient over real stores; the chain alone is a stand-in. */
export interface Parties {
  readonly sender: Sender
  readonly secret: RecipientSecret
  params(): Promise<TicketParams>
  /** Tickets of new params, at most as many as one params allows. */
  batch(size: number): Promise<TicketBatch>
  /** Receives a batch and stores its credit, nonces and winners, as an exchange does. */
  receive(batch: TicketBatch): Promise<void>
  close(): Promise<void>
}

/** Opens both parties in directories of their own. */
export async function openParties(curve: Secp256k1): Promise<Parties> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-bench-'))
  const [paying, earning] = await Promise.all(
    ['sender', 'recipient'].map(async (name) => openStore({ directory: join(directory, name) })),
  )
  const chain = fakeChain()
  const signer = createWalletSigner(senderKey, curve)
  const sender = createSender(
    { signer, time: chain, senders: chain, store: paying as Store },
    senderInit,
  )
  const store = earning as Store
  const parts = await openRecipient(store, chain)
  const { address } = recipientWallet
  const validator = createValidator(createSigVerifier(curve))
  const recipient = createRecipient(
    { ...parts, address, time: chain, gas: chain, store, validator },
    { ...paramsConfig, evMultiplier: ONE_IN },
  )
  const credits = creditTable(store)
  let credit = 0n
  const params = async (): Promise<TicketParams> => {
    const made = await recipient.ticketParams(signer.address, FEE)
    if (!made.ok) throw new Error(made.error.code)
    return made.value
  }
  return {
    sender,
    secret: parts.secret,
    params,
    async batch(size) {
      const made = await sender.createTicketBatch(await sender.startSession(await params()), size)
      if (!made.ok) throw new Error(made.error.code)
      return made.value
    },
    async receive(batch) {
      const received = await recipient.receiveBatch(batch)
      if (!received.ok) throw new Error(received.error.code)
      const { credited, won, writes, committed } = received.value
      credit += credited
      const ops = [...writes, credits.putOp('order', { credit })]
      await store.batch(ops, { sync: won > 0 })
      committed()
    },
    async close() {
      await paying?.close()
      await store.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

interface Credit {
  readonly credit: bigint
}

function creditTable(store: Store): Table<Credit> {
  return store.table(
    'credit',
    versionedCodec<Credit>({ name: 'credit', version: 1, parse: (value) => value as Credit }),
  )
}
