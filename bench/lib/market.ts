import { utf8 } from '../../src/lib/bytes.ts'
import { createWalletSigner } from '../../src/lib/crypto/eip191.ts'
import { keccak256 } from '../../src/lib/crypto/keccak.ts'
import { type Advert, signAdvert } from '../../src/market/advert.ts'
import { unknownPeer } from '../../src/market/reputation-state.ts'
import type { Candidate } from '../../src/market/selection.ts'
import { createBinding } from '../../src/net/identity.ts'
import { createPeerKey } from '../../src/net/peer-key.ts'
import { advertOf, authorOf, quoteOf } from '../../test/helpers/fixtures-adverts.ts'

/** The chain of the benchmarks. */
export const CHAIN_ID = 31_337n

/** An advert and how it goes over the wire. */
export interface MadeAdvert {
  readonly advert: Advert
  readonly bytes: Uint8Array
}

/** Adverts of as many orchestrators, each with keys of its own, signed as they really are. */
export async function makeAdverts(count: number, issuedAtMs: number): Promise<MadeAdvert[]> {
  const made: MadeAdvert[] = []
  for (let i = 0; i < count; i += 1) {
    const peerKey = await createPeerKey()
    const wallet = createWalletSigner(keccak256(utf8(`benchmark orchestrator ${i}`)))
    const advert: Advert = {
      chainId: CHAIN_ID,
      peerId: peerKey.peerId,
      address: wallet.address,
      binding: createBinding(peerKey, wallet, { chainId: CHAIN_ID }),
      sequence: 1n,
      issuedAtMs,
      ttlMs: 600_000,
      services: ['CPUTranscoding', 'h264:1080p60>h264:720p60', 'h264:1080p60>h264:360p60'],
      regions: ['eu'],
      capacity: { slots: 10, freeSlots: 10 },
      addresses: [`/ip4/10.0.${i >> 8}.${i & 255}/tcp/4001`],
    }
    made.push({ advert, bytes: signAdvert(advert, peerKey) })
  }
  return made
}

/** Candidates as a market has them: most measured, some new, a few that are out. */
export async function makeCandidates(count: number, nowMs: number): Promise<Candidate[]> {
  const author = await authorOf(1)
  const template = advertOf(author)
  let seed = 7
  const below = (max: number): number => {
    seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
    return Math.floor((seed / 2_147_483_648) * max)
  }
  return Array.from({ length: count }, (_, i): Candidate => {
    const peerId = `orchestrator ${i}`
    const price = { num: BigInt(800 + below(800)), den: 1n }
    const quote = quoteOf(author, author, { price, providerPeerId: peerId })
    const isKnown = below(10) > 2
    return {
      answer: {
        advert: { ...template, peerId },
        responseMs: 10 + below(200),
        outcome:
          below(20) === 0
            ? { type: 'refusal', refusal: { code: 'AT_CAPACITY', detail: '', retryAfterMs: 2_000 } }
            : { type: 'quote', quote },
      },
      stake: BigInt(below(1_000)),
      reputation: {
        ...unknownPeer(nowMs),
        ...(isKnown
          ? { measured: 9, overheadMs: 20 + below(300), workMsPerMpx: 20 + below(30) }
          : {}),
        delivered: isKnown ? below(500) : 0,
        failed: { failed: below(4) },
      },
      suspendedUntilMs: below(50) === 0 ? nowMs + 1_000 : null,
      railObjection: null,
      terms: {
        evWei: BigInt(1_000 + below(1_000)),
        faceValueWei: BigInt(10 ** 6 + below(10 ** 6)),
      },
    }
  })
}
