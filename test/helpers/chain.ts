import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestClient, http, publicActions, type TestActions, walletActions } from 'viem'
import { type Anvil, type AnvilInit, startAnvil } from '../../scripts/lib/anvil.ts'
import { createBondingManager } from '../../src/chain/bonding-manager.ts'
import { type ChainClient, connectChain } from '../../src/chain/client.ts'
import { type ContractAddresses, type DeployInit, deployContracts } from '../../src/chain/deploy.ts'
import { createMediaExchange } from '../../src/chain/media-exchange.ts'
import { createPaymentChannels } from '../../src/chain/payment-channels.ts'
import { createRoundsManager } from '../../src/chain/rounds-manager.ts'
import { createServiceRegistry } from '../../src/chain/service-registry.ts'
import {
  type ChainTicket,
  createTicketBroker,
  type RedeemableTicket,
} from '../../src/chain/ticket-broker.ts'
import { createTransactions, type TransactionsInit } from '../../src/chain/transactions.ts'
import { createUserRegistry } from '../../src/chain/user-registry.ts'
import { createVideoRegistry } from '../../src/chain/video-registry.ts'
import { createWorkToken } from '../../src/chain/work-token.ts'
import { concatBytes, u256 } from '../../src/lib/bytes.ts'
import { addressBytes } from '../../src/lib/crypto/address.ts'
import { createDigestSigner } from '../../src/lib/crypto/digest-signer.ts'
import { createWalletSigner, type WalletSigner } from '../../src/lib/crypto/eip191.ts'
import { keccak256 } from '../../src/lib/crypto/keccak.ts'
import { silentLogger } from '../../src/lib/logger.ts'
import { openStore, type Store } from '../../src/store/store.ts'

/** Seconds in a round of the test chains. */
export const roundSeconds = 1000

/** A token amount or an amount of ether, whole. */
export const ether = (whole: number): bigint => BigInt(Math.round(whole * 1e6)) * 10n ** 12n

/** A chain with the contracts on it. */
export interface TestChain {
  readonly anvil: Anvil
  readonly addresses: ContractAddresses
  readonly cheat: Cheat
  /** A party with a funded account of its own. */
  party(index: number, init?: TransactionsInit): Promise<Party>
  /** Remembers the state of the chain; the function given back returns to it. */
  checkpoint(): Promise<() => Promise<void>>
  /** Moves time to the start of the next round and initializes it. */
  nextRound(): Promise<void>
  stop(): Promise<void>
}

/** One account and everything it can do. */
export type Party = Awaited<ReturnType<typeof createParty>>

/** What only a local EVM allows. */
export type Cheat = TestActions & ReturnType<typeof createCheat>

/** What only a local EVM allows. */
export function createCheat(rpcUrl: string) {
  return createTestClient({ mode: 'anvil', transport: http(rpcUrl, { timeout: 30_000 }) })
    .extend(publicActions)
    .extend(walletActions)
}

/** Starts a chain and deploys the contracts from account 0. */
export async function startTestChain(
  init: { readonly anvil?: AnvilInit; readonly deploy?: Partial<DeployInit> } = {},
): Promise<TestChain> {
  const anvil = await startAnvil(init.anvil)
  const cheat = createCheat(anvil.rpcUrl)
  const parties: Party[] = []
  const party = async (index: number, settings: TransactionsInit = {}): Promise<Party> => {
    const made = await createParty(anvil, addresses, index, settings)
    parties.push(made)
    return made
  }
  const deployer = await connect(anvil, 0)
  const addresses = await deployContracts(deployer, {
    roundLengthSeconds: BigInt(roundSeconds),
    ...init.deploy,
  })
  deployer.close()
  const operator = await party(0)
  const initialize = async (): Promise<void> => {
    const round = await operator.rounds.currentRound({ blockTag: 'pending' })
    await operator.rounds.initializeRound({ id: `round/${round}/${Math.random()}` })
  }
  await initialize()
  return {
    anvil,
    addresses,
    cheat,
    party,
    async checkpoint() {
      const id = await cheat.snapshot()
      return async () => {
        await cheat.revert({ id })
        // What the parties remember of their nonces is from a future that is no more.
        for (const { transactions } of parties) {
          await transactions.stop()
          await transactions.start()
        }
      }
    },
    async nextRound() {
      await cheat.increaseTime({ seconds: roundSeconds })
      await initialize()
    },
    async stop() {
      for (const made of parties) await made.stop()
      await anvil.stop()
    },
  }
}

/** A client of a chain with one of its funded accounts. */
export async function connect(anvil: Anvil, index: number): Promise<ChainClient> {
  return connectChain(
    { logger: silentLogger },
    {
      rpcUrl: anvil.rpcUrl,
      chainId: anvil.chainId,
      privateKey: anvil.account(index).privateKey,
      pollingIntervalMs: 50,
    },
  )
}

/** A store in a directory of its own. */
export async function temporaryStore(): Promise<{ store: Store; directory: string }> {
  const directory = await mkdtemp(join(tmpdir(), 'millrace-chain-'))
  return { store: await openStore({ directory }), directory }
}

async function createParty(
  anvil: Anvil,
  addresses: ContractAddresses,
  index: number,
  settings: TransactionsInit,
) {
  const client = await connect(anvil, index)
  const { store, directory } = await temporaryStore()
  const transactions = createTransactions(
    { client, store, logger: silentLogger },
    // A chain that goes back to a checkpoint must not get what came after it again.
    { reorgDepth: 0, ...settings },
  )
  await transactions.start()
  const components = { client, transactions }
  let effects = 0
  return {
    client,
    store,
    transactions,
    address: transactions.address,
    signer: createWalletSigner(anvil.account(index).privateKey),
    digests: createDigestSigner(anvil.account(index).privateKey),
    /** An id that was not used before. */
    fresh: () => {
      effects += 1
      return { id: `effect/${effects}` }
    },
    broker: createTicketBroker(components, { address: addresses.ticketBroker }),
    rounds: createRoundsManager(components, { address: addresses.roundsManager }),
    bonding: createBondingManager(components, { address: addresses.bondingManager }),
    registry: createServiceRegistry(components, { address: addresses.serviceRegistry }),
    users: createUserRegistry(components, { address: addresses.userRegistry }),
    videos: createVideoRegistry(components, { address: addresses.videoRegistry }),
    exchange: createMediaExchange(components, { address: addresses.mediaExchange }),
    channels: createPaymentChannels(components, { address: addresses.paymentChannels }),
    token: createWorkToken(components, { address: addresses.workToken }),
    async stop() {
      await transactions.stop()
      client.close()
      await store.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}

/** Gives a party work tokens from account 0 and bonds them to itself. */
export async function bondOrchestrator(
  operator: Party,
  orchestrator: Party,
  stake: bigint,
): Promise<void> {
  await operator.token.transfer(orchestrator.address, stake, operator.fresh())
  await orchestrator.token.approve(orchestrator.bonding.address, stake, orchestrator.fresh())
  await orchestrator.bonding.bond(stake, orchestrator.fresh())
}

/** The largest probability. */
export const always = 2n ** 256n - 1n

let nonces = 0n

/** A ticket that wins, with its redemption. Fields can be replaced before it is signed. */
export async function winningTicket(
  parties: { readonly sender: Party; readonly recipient: Party },
  fields: Partial<ChainTicket> & { readonly round?: bigint } = {},
): Promise<RedeemableTicket> {
  const { sender, recipient } = parties
  const { round = await sender.rounds.lastInitializedRound(), ...replaced } = fields
  nonces += 1n
  const recipientRand = nonces * 7919n
  const ticket: ChainTicket = {
    recipient: recipient.address,
    sender: sender.address,
    faceValue: ether(0.01),
    winProb: always,
    senderNonce: nonces,
    recipientRandHash: keccak256(u256(recipientRand)),
    auxData: concatBytes(u256(round), await sender.rounds.blockHashForRound(round)),
    ...replaced,
  }
  return { ticket, sig: signTicket(sender.signer, ticket), recipientRand }
}

/** The EIP-191 signature over a ticket's hash. */
export function signTicket(signer: WalletSigner, ticket: ChainTicket): Uint8Array {
  return signer.signMessage(packedTicketHash(ticket))
}

/** The hash of a ticket's packed fields. */
export function packedTicketHash(ticket: ChainTicket): Uint8Array {
  return keccak256(
    addressBytes(ticket.recipient),
    addressBytes(ticket.sender),
    u256(ticket.faceValue),
    u256(ticket.winProb),
    u256(ticket.senderNonce),
    ticket.recipientRandHash,
    ticket.auxData,
  )
}
