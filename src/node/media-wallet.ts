import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { ask } from '../chain/client.ts'
import type { WriteOptions } from '../chain/contract.ts'
import { createMediaExchange, ETHER, type MediaExchange } from '../chain/media-exchange.ts'
import { createUserRegistry } from '../chain/user-registry.ts'
import { createVideoRegistry, type VideoRegistry } from '../chain/video-registry.ts'
import { fromHex, toHex } from '../lib/bytes.ts'
import type { Address } from '../lib/crypto/address.ts'
import { MillraceError } from '../lib/errors.ts'
import type { Wei } from '../lib/wei.ts'
import { cidOfDigest, digestOfCid } from '../media/content/cid.ts'
import { loadPeerKey, peerIdOfPublicKey, publicKeyOfPeer } from '../net/peer-key.ts'
import { offerRegistration, type RegistrationOffer, registerKey } from '../roles/user.ts'
import { metadataText, parseMetadata } from '../roles/user-metadata.ts'
import type { NodeConfig } from './config.ts'
import type { WalletSession } from './wallet-session.ts'

/** A wallet as the registry of users has it. */
export interface UserPosition {
  readonly wallet: Address
  readonly registered: boolean
  /** Peer ids of its keys; this node's own first where it is one of them. */
  readonly keys: readonly string[]
  /** This node's own. */
  readonly peerId: string
  readonly addresses: readonly string[]
  /** Digest of the bid that opened its last channel, in hex. */
  readonly nonce: string
  /** What the registration of this node's key takes. Null when the wallet is registered. */
  readonly offer: RegistrationOffer | null
  /** With the exchange: earned and not withdrawn, or there for bids. */
  readonly balanceWei: Wei
}

/** What a wallet does with the contracts of content and attention. Everything is mined at the end. */
export interface MediaWallet {
  show(): Promise<UserPosition>
  /** @throws `WALLET_UNDERFUNDED` when the wallet cannot pay for it */
  register(addresses: readonly string[]): Promise<'registered' | 'added' | 'known'>
  /** Lists the key of another node of this user. @throws `NOT_REGISTERED` */
  addKey(peerId: string): Promise<void>
  /** @throws `KEY_UNKNOWN` when it is not the wallet's */
  revokeKey(peerId: string): Promise<void>
  /** Publishes where its keys can be dialled. @throws `NOT_REGISTERED` */
  announce(addresses: readonly string[]): Promise<void>
  /** Withdraws from the exchange: everything where no amount is given. Gives what came. */
  withdraw(amount?: Wei): Promise<Wei>
  /** Gives a video of this wallet another title. */
  retitle(video: string, title: string): Promise<void>
}

/**
 * The contracts of content and attention for an opened wallet.
 *
 * @throws `CONFIG_INVALID` when the config does not say where they are
 */
export async function openMediaWallet(
  { address: wallet, calls }: WalletSession,
  { chain, discovery, dataDirectory }: NodeConfig,
): Promise<MediaWallet> {
  const { media } = chain
  if (media === undefined) {
    throw new MillraceError('CONFIG_INVALID', 'chain.media is not set', {
      hint: 'Write the addresses of mediaExchange, userRegistry and videoRegistry there',
    })
  }
  const { client } = calls
  const users = createUserRegistry(calls, { address: media.userRegistry })
  const videos = createVideoRegistry(calls, { address: media.videoRegistry })
  const exchange = createMediaExchange(calls, { address: media.mediaExchange })
  const { peerId } = await loadPeerKey(join(dataDirectory, 'peer.key'))
  const own = publicKeyOfPeer(peerId) as Uint8Array
  const fresh = (what: string) => ({ id: `user/${what}/${randomUUID()}` })
  const components = {
    ...{ users, wallet, fresh },
    balance: async () => client.balance(wallet),
    gasPrice: async () => ask(client.viem.getGasPrice()),
  }
  const registered = async (): Promise<void> => {
    if (await users.isRegistered(wallet)) return
    throw new MillraceError('NOT_REGISTERED', `the wallet ${wallet} is not registered`, {
      hint: 'Register it first: millrace user register',
    })
  }
  return {
    async show() {
      const range = { fromBlock: BigInt(discovery.fromBlock), toBlock: await client.blockNumber() }
      const listed = (await users.keys(range)).filter((one) => one.wallet === wallet)
      const keys = listed.flatMap(({ key }) => peerIdOfPublicKey(key) ?? [])
      keys.sort((a, b) => Number(b === peerId) - Number(a === peerId))
      const isRegistered = await users.isRegistered(wallet)
      const { addresses } = parseMetadata((await users.metadataOf(wallet, range)) ?? '')
      return {
        ...{ wallet, peerId, keys, addresses, registered: isRegistered },
        nonce: toHex(await users.nonceOf(wallet)),
        offer: isRegistered ? null : await offerRegistration(components, own, addresses),
        balanceWei: await exchange.balanceOf(ETHER, wallet),
      }
    },
    register: async (addresses) => registerKey(components, own, addresses),
    async addKey(other) {
      await registered()
      await users.addKey(keyOf(other), fresh('add'))
    },
    async revokeKey(other) {
      const key = keyOf(other)
      if (!(await users.isKeyOf(wallet, key))) {
        throw new MillraceError('KEY_UNKNOWN', `${other} is no key of ${wallet}`)
      }
      await users.revokeKey(key, fresh('revoke'))
    },
    async announce(addresses) {
      await registered()
      await users.setMetadata(metadataText({ addresses }), fresh('announce'))
    },
    ...moneyAndTitles({ exchange, videos, wallet, fresh }),
  }
}

/** Withdrawals, and titles of videos. */
function moneyAndTitles({
  exchange,
  videos,
  wallet,
  fresh,
}: {
  readonly exchange: MediaExchange
  readonly videos: VideoRegistry
  readonly wallet: Address
  fresh(what: string): WriteOptions
}): Pick<MediaWallet, 'withdraw' | 'retitle'> {
  return {
    async withdraw(amount) {
      const balance = await exchange.balanceOf(ETHER, wallet)
      const taken = amount ?? balance
      if (taken > balance || taken === 0n) {
        throw new MillraceError('NOTHING_TO_WITHDRAW', 'the exchange holds less than that', {
          meta: { balance, amount: taken },
        })
      }
      await exchange.withdraw(ETHER, taken, fresh('withdraw'))
      return taken
    },
    async retitle(video, title) {
      const digest = digestOfCid(video, 'dag-cbor')
      if (digest === null) {
        throw new MillraceError('COMMAND_INVALID', `${video} is no CID of a video`, {
          hint: `Such as ${cidOfDigest(fromHex(`0x${'00'.repeat(32)}`), 'dag-cbor')}`,
        })
      }
      await videos.setTitle(digest, title, fresh('title'))
    },
  }
}

function keyOf(peerId: string): Uint8Array {
  const key = publicKeyOfPeer(peerId)
  if (key !== null) return key
  throw new MillraceError('COMMAND_INVALID', `${peerId} is no peer id`, {
    hint: 'Give the 12D3KooW… that the status of a node shows',
  })
}
