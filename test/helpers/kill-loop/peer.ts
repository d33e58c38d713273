import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync } from 'node:fs'
import { raceSignal } from '../../../src/lib/abort.ts'
import type { Advert } from '../../../src/market/advert.ts'
import type { Order, Report } from './messages.ts'
import type { PeerSettings } from './settings.ts'

/** One side of the loop: a process that is killed and started again on the same directory. */
export interface Peer {
  readonly settings: PeerSettings
  /** How long its last start took, in milliseconds. */
  readonly startMs: number
  readonly advert: Advert | undefined
  /** Segments delivered over all of its lives. */
  readonly delivered: number
  start(advert?: Advert): void
  /** Resolves once the present life is up. */
  ready(options: { readonly signal: AbortSignal }): Promise<void>
  /** SIGKILL; resolves when it is gone. */
  kill(): Promise<void>
  /** Resolves when it has said so. */
  finish(options: { readonly signal: AbortSignal }): Promise<void>
  /** Winners that wait for the chain now. */
  pending(options: { readonly signal: AbortSignal }): Promise<number>
  /** Lets it close its store, or kills it when it does not. */
  stop(options: { readonly signal: AbortSignal }): Promise<void>
}

/**
 * A side that is not started.
 *
 * @param program - JavaScript that the process runs
 * @param onFault - hears of an end that nobody wanted
 */
export function createPeer(
  settings: PeerSettings,
  program: string,
  onFault: (error: Error) => void,
): Peer {
  mkdirSync(settings.directory, { recursive: true })
  return new ForkedPeer(settings, program, onFault)
}

/** One life of a side. */
class Life {
  readonly child: ChildProcess
  readonly gone: Promise<void>
  readonly startedAt = performance.now()
  readonly ready = Promise.withResolvers<void>()
  readonly finished = Promise.withResolvers<void>()
  readonly stopped = Promise.withResolvers<void>()
  delivered = 0
  isWanted = true
  onCount = (_winners: number): void => {}

  constructor(child: ChildProcess) {
    this.child = child
    this.gone = new Promise((resolve) => child.once('exit', () => resolve()))
    // Whoever waits is told; nobody needs to.
    for (const { promise } of [this.ready, this.finished, this.stopped]) promise.catch(() => {})
  }

  end(error: Error): void {
    for (const { reject } of [this.ready, this.finished, this.stopped]) reject(error)
  }
}

class ForkedPeer implements Peer {
  readonly settings: PeerSettings
  startMs = 2_000
  advert: Advert | undefined
  readonly #program: string
  readonly #onFault: (error: Error) => void
  #life: Life | undefined
  #deliveredBefore = 0

  constructor(settings: PeerSettings, program: string, onFault: (error: Error) => void) {
    this.settings = settings
    this.#program = program
    this.#onFault = onFault
  }

  get delivered(): number {
    return this.#deliveredBefore + (this.#life?.delivered ?? 0)
  }

  start(advert?: Advert): void {
    this.#deliveredBefore = this.delivered
    const child = fork(this.#program, [], {
      execArgv: [],
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    const life = new Life(child)
    this.#life = life
    child.on('message', (report: Report) => this.#hear(life, report))
    child.once('exit', (code, signal) => {
      const { side } = this.settings
      const error = new Error(`the ${side} ended by itself: ${signal ?? `exit code ${code}`}`)
      life.end(error)
      if (life.isWanted) this.#onFault(error)
    })
    child.on('error', () => {})
    const { settings } = this
    this.#say(life, { type: 'start', settings, ...(advert === undefined ? {} : { advert }) })
  }

  async ready(options: { readonly signal: AbortSignal }): Promise<void> {
    await raceSignal(this.#present().ready.promise, options)
  }

  async kill(): Promise<void> {
    const life = this.#life
    if (life === undefined) return
    life.isWanted = false
    life.child.kill('SIGKILL')
    await life.gone
  }

  async finish(options: { readonly signal: AbortSignal }): Promise<void> {
    const life = this.#present()
    this.#say(life, { type: 'finish' })
    await raceSignal(life.finished.promise, options)
  }

  async pending(options: { readonly signal: AbortSignal }): Promise<number> {
    const life = this.#present()
    const counted = new Promise<number>((resolve) => {
      life.onCount = resolve
    })
    this.#say(life, { type: 'count' })
    return raceSignal(counted, options)
  }

  async stop(options: { readonly signal: AbortSignal }): Promise<void> {
    const life = this.#present()
    life.isWanted = false
    this.#say(life, { type: 'stop' })
    await raceSignal(life.stopped.promise, options)
    await raceSignal(life.gone, options)
  }

  #present(): Life {
    if (this.#life === undefined) throw new Error(`the ${this.settings.side} was not started`)
    return this.#life
  }

  #say(life: Life, order: Order): void {
    // A side that is gone is seen by its exit.
    life.child.send(order, () => {})
  }

  #hear(life: Life, report: Report): void {
    switch (report.type) {
      case 'ready':
        this.startMs = performance.now() - life.startedAt
        this.advert = report.advert ?? this.advert
        life.ready.resolve()
        break
      case 'delivered':
        life.delivered = report.count
        break
      case 'pending':
        life.onCount(report.winners)
        break
      case 'finished':
        life.finished.resolve()
        break
      case 'stopped':
        life.stopped.resolve()
        break
      case 'failed': {
        const error = new Error(`the ${this.settings.side} failed: ${report.reason}`)
        life.end(error)
        if (life.isWanted) this.#onFault(error)
      }
    }
  }
}
