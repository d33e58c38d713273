import { concatBytes } from '../lib/bytes.ts'
import { err, ok } from '../lib/result.ts'
import { abilityOf } from '../media/ability.ts'
import { inspectSegment } from '../media/ts/inspect.ts'
import { poolLimits } from './limits.ts'
import { LOCAL_MEMBER } from './local-member.ts'
import type { Member } from './member.ts'

/**
 * Gives every segment back as it came, for profiles that ask for just that: an orchestrator whose
 * work costs nothing, to see what all the rest of it costs.
 */
export function createCopyMember(): Member {
  let busy = 0
  return {
    id: LOCAL_MEMBER,
    trust: 'own',
    account: null,
    slots: poolLimits.maxSlotsPerWorker,
    ability: abilityOf('copy:libx264'),
    busy: () => busy,
    isOpen: () => true,
    async work({ data, durationMs, profiles }) {
      busy++
      try {
        const segment = concatBytes(...data)
        const probe = inspectSegment(segment, durationMs)
        if (!probe.ok) return err({ code: 'UNREADABLE', detail: probe.error.message })
        const { width, height, frames } = probe.value.video
        const other = profiles.find(
          (profile) => profile.width !== width || profile.height !== height,
        )
        if (other !== undefined) {
          const detail = `${other.name} is no copy of a picture of ${width}x${height}`
          return err({ code: 'FAILED', detail })
        }
        return ok({
          outputs: profiles.map(({ name }) => ({ name, data: segment })),
          pixels: profiles.map(() => BigInt(width * height * frames)),
        })
      } finally {
        busy--
      }
    },
  }
}
