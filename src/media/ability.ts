import { MAX_FRAME_PIXELS, MAX_PROFILES } from './limits.ts'
import { H264_PROFILES, type H264Profile, type Profile } from './profile.ts'

/** What an encoder can make. Sides in pixels. */
export interface Ability {
  /** What encodes, such as `node-av:libx264`. */
  readonly backend: string
  readonly hardware: boolean
  readonly minWidth: number
  readonly minHeight: number
  readonly maxWidth: number
  readonly maxHeight: number
  readonly h264Profiles: readonly H264Profile[]
}

/** The smallest and largest sides that hardware encoders take without padding or failing. */
const HARDWARE_SIDES = { minWidth: 160, minHeight: 64, maxWidth: 4096, maxHeight: 4096 } as const
const SOFTWARE_SIDES = { minWidth: 32, minHeight: 32, maxWidth: 4096, maxHeight: 4096 } as const

/** What a pool with this backend can make; hardware has a least picture size. */
export function abilityOf(backend: string): Ability {
  const hardware = !backend.endsWith(':libx264')
  const sides = hardware ? HARDWARE_SIDES : SOFTWARE_SIDES
  return { backend, hardware, ...sides, h264Profiles: H264_PROFILES }
}

/** Whether an encoder can make every one of the profiles. */
export function canMake(ability: Ability, profiles: readonly Profile[]): boolean {
  return (
    profiles.length <= MAX_PROFILES &&
    profiles.every(
      ({ width, height, h264Profile }) =>
        width >= ability.minWidth &&
        width <= ability.maxWidth &&
        height >= ability.minHeight &&
        height <= ability.maxHeight &&
        width * height <= MAX_FRAME_PIXELS &&
        ability.h264Profiles.includes(h264Profile),
    )
  )
}
