import { err, ok } from '../lib/result.ts'
import { type Ability, abilityOf } from '../media/ability.ts'
import type { TranscodeFault, TranscodePool } from '../media/transcode-pool.ts'
import type { Member, MemberFault } from './member.ts'

/** The name of this machine's own processes among the workers. */
export const LOCAL_MEMBER = 'local'

const FAULTS: Readonly<Partial<Record<TranscodeFault['code'], MemberFault['code']>>> = {
  BUSY: 'NO_SLOT',
  STOPPED: 'NO_SLOT',
  WORKER_CRASHED: 'LOST',
  DEADLINE: 'FAILED',
  OUT_OF_MEMORY: 'FAILED',
  ENCODE_FAILED: 'FAILED',
}

/** This machine's own transcode processes as one worker, whose word is taken. */
export function createLocalMember(
  pool: Pick<TranscodePool, 'capacity' | 'backend' | 'transcode'>,
): Member {
  let busy = 0
  let ability: Ability | null = null
  return {
    id: LOCAL_MEMBER,
    trust: 'own',
    account: null,
    slots: pool.capacity,
    get ability() {
      // The backend is chosen when the pool starts.
      ability = ability?.backend === pool.backend ? ability : abilityOf(pool.backend)
      return ability
    },
    busy: () => busy,
    isOpen: () => true,
    async work(job, options) {
      busy++
      try {
        const done = await pool.transcode(job, options)
        if (!done.ok) {
          const { code, message } = done.error
          return err({ code: FAULTS[code] ?? 'UNREADABLE', detail: `${code}: ${message}` })
        }
        const { renditions } = done.value
        return ok({
          outputs: renditions.map(({ profile: name, data }) => ({ name, data })),
          pixels: renditions.map(({ pixels }) => pixels),
        })
      } finally {
        busy--
      }
    },
  }
}
