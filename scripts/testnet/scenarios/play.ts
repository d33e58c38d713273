import { type Network, type NodeBase, startNode } from '../network.ts'
import type { Snapshot } from '../statuses.ts'
import type { Backstage, Scenario, Stage, Verdict } from './scenario.ts'

const UNFINISHED: Verdict = {
  what: 'the scenario came to its end',
  holds: false,
  detail: 'what it waits for did not happen',
}

/** A scenario being played. */
export interface Playing {
  readonly verdicts: Promise<readonly Verdict[]>
  isDone(): boolean
  isSettled(snapshot: Snapshot): boolean
  /** Shows it the network as it is now. */
  see(snapshot: Snapshot): void
}

/** Lets a scenario go its way beside the run; what it waits for it is shown. */
export function play(scenario: Scenario | undefined, stage: Omit<Stage, 'when'>): Playing {
  const { signal } = stage
  const seeing = new Set<(snapshot: Snapshot) => void>()
  let isDone = false
  const when: Stage['when'] = async (isSo) =>
    new Promise((resolve, reject) => {
      const onAbort = (): void => reject(signal.reason as Error)
      const see = (snapshot: Snapshot): void => {
        if (!isSo(snapshot)) return
        seeing.delete(see)
        signal.removeEventListener('abort', onAbort)
        resolve(snapshot)
      }
      seeing.add(see)
      signal.addEventListener('abort', onAbort, { once: true })
    })
  const verdicts = (scenario?.play?.({ ...stage, when }) ?? Promise.resolve([])).finally(() => {
    isDone = true
  })
  // A run that is broken off asks nobody for verdicts.
  verdicts.catch(() => {})
  return {
    verdicts,
    isDone: () => isDone,
    isSettled: (snapshot) => scenario?.isSettled?.(snapshot) ?? true,
    see: (snapshot) => {
      for (const see of [...seeing]) see(snapshot)
    },
  }
}

/** What came of what was played. A story that hangs is told as one. */
export async function verdictsOf(playing: Playing): Promise<readonly Verdict[]> {
  return playing.isDone() ? playing.verdicts : [UNFINISHED]
}

/** What a scenario adds to once the streams have ended. */
export function backstageOf(
  network: Network,
  base: NodeBase,
  { input, onStep }: Pick<Backstage, 'input' | 'onStep'>,
): Backstage {
  return {
    ...{ directory: base.directory, signal: base.signal, input, onStep },
    // The first account deploys; every peer that is there has one.
    firstAccount: 1 + network.peers().filter(({ role }) => role !== 'transcoder').length,
    async start(role, index, account, own) {
      const peer = await startNode(base, role, index, account, own)
      network.add(peer)
      return peer
    },
  }
}
