import type { Advert } from '../../../src/market/advert.ts'
import type { PeerSettings } from './settings.ts'

/** What the parent tells a side. */
export type Order =
  | { readonly type: 'start'; readonly settings: PeerSettings; readonly advert?: Advert }
  /** Take up no more segments, and say when all that were handed over are done. */
  | { readonly type: 'finish' }
  /** Say how many winners wait for the chain. */
  | { readonly type: 'count' }
  | { readonly type: 'stop' }

/** What a side tells its parent. */
export type Report =
  | { readonly type: 'ready'; readonly advert?: Advert }
  | { readonly type: 'delivered'; readonly count: number }
  | { readonly type: 'finished' }
  | { readonly type: 'pending'; readonly winners: number }
  | { readonly type: 'stopped' }
  | { readonly type: 'failed'; readonly reason: string }

/** A side that runs. */
export interface RunningSide {
  /** Resolves when every segment that was handed over is delivered. */
  finish?(): Promise<void>
  /** Winners that wait for the chain. */
  pending?(): number
  stop(): Promise<void>
}
