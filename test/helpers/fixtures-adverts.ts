import type { WalletSigner } from '../../src/lib/crypto/eip191.ts'
import type { Advert } from '../../src/market/advert.ts'
import type { Quote } from '../../src/market/quote.ts'
import { type Binding, createBinding } from '../../src/net/identity.ts'
import { type PeerKey, peerKeyFromSeed } from '../../src/net/peer-key.ts'
import { bytesOf, walletOf } from './fixtures.ts'
import { CHAIN_ID } from './fixtures-hosts.ts'

/** A peer with a wallet; one a seed. */
export interface Author {
  readonly peerKey: PeerKey
  readonly wallet: WalletSigner
}

export async function authorOf(seed: number): Promise<Author> {
  return { peerKey: await peerKeyFromSeed(bytesOf(32, seed)), wallet: walletOf(`author ${seed}`) }
}

/** Peer and wallet of an author, vouching for each other. */
export function bindingOf({ peerKey, wallet }: Author, chainId = CHAIN_ID): Binding {
  const binding = createBinding(peerKey, wallet, { chainId })
  return { ...binding, peerSignature: Uint8Array.from(binding.peerSignature) }
}

/** When all adverts of the tests are issued. */
export const ISSUED_AT_MS = 1_700_000_000_000

export function advertOf({ peerKey, wallet }: Author, over: Partial<Advert> = {}): Advert {
  const chainId = over.chainId ?? CHAIN_ID
  return {
    chainId,
    peerId: peerKey.peerId,
    address: wallet.address,
    binding: bindingOf({ peerKey, wallet }, chainId),
    sequence: 5n,
    issuedAtMs: ISSUED_AT_MS,
    ttlMs: 60_000,
    services: ['transcode'],
    regions: ['eu', 'us'],
    capacity: { slots: 4, freeSlots: 3 },
    addresses: ['/ip4/127.0.0.1/tcp/4001'],
    ...over,
  }
}

/** A quote from one author to another. */
export function quoteOf(provider: Author, payer: Author, over: Partial<Quote> = {}): Quote {
  return {
    chainId: CHAIN_ID,
    quoteId: bytesOf(16, 1),
    requestHash: bytesOf(32, 2),
    provider: provider.wallet.address,
    providerPeerId: provider.peerKey.peerId,
    payer: payer.wallet.address,
    payerPeerId: payer.peerKey.peerId,
    service: 'transcode',
    price: { num: 3n, den: 2n },
    maxInFlight: 2,
    freeSlots: 3,
    expiresAtMs: ISSUED_AT_MS + 1_000,
    rail: 'ticket',
    offer: bytesOf(90, 3),
    ...over,
  }
}
