import { join } from 'node:path'
import type { ContractAddresses } from '../../../src/chain/deploy.ts'
import { profileOf } from './media.ts'

/** The two sides of the loop. */
export type Side = 'payer' | 'provider'

/** What a side is started with, every time; it outlives every kill. */
export interface PeerSettings {
  readonly side: Side
  /** Where all of its state is. */
  readonly directory: string
  readonly privateKey: Uint8Array
  readonly rpcUrl: string
  readonly chainId: number
  readonly contracts: ContractAddresses
  /** The provider's, the same after every restart. */
  readonly port: number
}

/** One small rendition: nothing is transcoded, it only decides what a segment costs. */
export const profiles = [profileOf({ name: 'small', width: 64, height: 64, bitrateBps: 64_000 })]

export const loopParameters = {
  blockMs: 150,
  /** About nine seconds: longer than a restart, so that most lost proofs can still be asked about. */
  paramsLifeBlocks: 60,
  /** One ticket in so many wins. */
  oddsAgainst: 8,
  /** Wei per pixel: a segment costs about 0.00012 ether, and a winner is worth its gas. */
  pricePerUnit: '500000000',
  /** Segments the payer has under way. */
  lanes: 4,
  /** What a lane rests after each segment: keeps the load moderate. */
  restMs: 5,
} as const

/** The config of a node of this side, as a user would write it. */
export function rawConfig(settings: PeerSettings): object {
  const { side, directory, rpcUrl, chainId, port } = settings
  const { ticketBroker, roundsManager, bondingManager, serviceRegistry } = settings.contracts
  const { paramsLifeBlocks, oddsAgainst, pricePerUnit, lanes } = loopParameters
  return {
    roles: [side === 'provider' ? 'orchestrator' : 'broadcaster'],
    dataDirectory: directory,
    wallet: { keyFile: join(directory, 'unused') },
    chain: {
      rpcUrl,
      chainId,
      contracts: { ticketBroker, roundsManager, bondingManager, serviceRegistry },
      initializeRounds: side === 'provider',
      pollIntervalMs: 100,
      minGasPrice: '100000000',
    },
    network: {
      listen: [`/ip4/127.0.0.1/tcp/${side === 'provider' ? port : 0}`],
      allowLoopback: true,
    },
    ...(side === 'payer'
      ? { broadcaster: {} }
      : {
          orchestrator: {
            pricePerUnit,
            maxInFlight: lanes + 1,
            tickets: {
              ticketsPerSegment: 1,
              evMultiplier: oddsAgainst,
              txCostMultiplier: 2,
              paramsLifeBlocks,
            },
          },
        }),
  }
}
