import { MillraceError } from '../../lib/errors.ts'
import type { Probe } from '../probe.ts'
import { inspectSegment } from '../ts/inspect.ts'

/** A refusal made before any codec ran: the process it was made in is as good as before. */
export class InspectionError extends MillraceError {}

/** {@link inspectSegment}, throwing what it refuses. */
export function inspectOrThrow(bytes: Uint8Array, durationMs?: number): Probe {
  const result = inspectSegment(bytes, durationMs)
  if (result.ok) return result.value
  const { code, message, meta } = result.error
  throw new InspectionError(code, message, meta === undefined ? {} : { meta })
}
