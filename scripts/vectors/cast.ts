import { toHex } from '../../src/lib/bytes.ts'
import type { Address } from '../../src/lib/crypto/address.ts'
import { createWalletSigner, type WalletSigner } from '../../src/lib/crypto/eip191.ts'
import { type Binding, createBinding } from '../../src/net/identity.ts'
import { type PeerKey, peerKeyFromSeed } from '../../src/net/peer-key.ts'

/** The chain all vectors are made for, unless one says otherwise. */
export const CHAIN_ID = 31_337n

/** The time all vectors are made at. */
export const NOW_MS = 1_750_000_000_000

/** Someone with both keys, from fixed seeds. */
export interface Actor {
  readonly peerKey: PeerKey
  readonly peerId: string
  readonly wallet: WalletSigner
  readonly address: Address
  readonly binding: Binding
  /** How the vectors introduce the actor. */
  readonly card: {
    readonly peerSeed: string
    readonly peerPublicKey: string
    readonly peerId: string
    readonly walletPrivateKey: string
    readonly address: string
  }
}

async function actor(number: number): Promise<Actor> {
  const seed = new Uint8Array(32).fill(number)
  const privateKey = new Uint8Array(32).fill(0x10 + number)
  const peerKey = await peerKeyFromSeed(seed)
  const wallet = createWalletSigner(privateKey)
  return {
    peerKey,
    peerId: peerKey.peerId,
    wallet,
    address: wallet.address,
    binding: createBinding(peerKey, wallet, { chainId: CHAIN_ID }),
    card: {
      peerSeed: toHex(seed),
      peerPublicKey: toHex(peerKey.privateKey.publicKey.raw),
      peerId: peerKey.peerId,
      walletPrivateKey: toHex(privateKey),
      address: wallet.address,
    },
  }
}

/** Advertises, quotes, works, is paid. */
export const provider = await actor(1)
/** Asks, sends segments, pays. */
export const payer = await actor(2)
/** Has nothing to do with the others. */
export const stranger = await actor(3)

/** The actors as a vectors file introduces them. */
export const keys = { provider: provider.card, payer: payer.card, stranger: stranger.card }

/** The bytes with one bit of the last byte turned. */
export function spoiled(bytes: Uint8Array): Uint8Array {
  const out = Uint8Array.from(bytes)
  out[out.length - 1] = (out[out.length - 1] as number) ^ 1
  return out
}
