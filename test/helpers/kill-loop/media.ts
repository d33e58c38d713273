import type { Worker } from '../../../src/exchange/work.ts'
import { ok } from '../../../src/lib/result.ts'
import { type Profile, parseProfile } from '../../../src/media/profile.ts'
import { honestOutputs } from '../fakes-media.ts'

/** Work that takes no time, so that nothing but payments fills it. */
export const passThrough: Worker = {
  work: async (job) => ok({ outputs: honestOutputs(job), workMs: 0 }),
}

/** A profile that is known to be good. */
export function profileOf(input: object): Profile {
  const profile = parseProfile(input)
  if (!profile.ok) throw new RangeError(profile.error.key)
  return profile.value
}
