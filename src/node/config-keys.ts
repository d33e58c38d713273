import { z } from 'zod'

/** The keys that a schema takes at a path; none where it takes no object. */
export function keysAt(schema: z.core.$ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = inside(schema)
  for (const part of path) {
    if (at instanceof z.ZodObject) at = inside(at.shape[String(part)])
    else if (at instanceof z.ZodArray) at = inside(at.element)
    else return []
  }
  return at instanceof z.ZodObject ? Object.keys(at.shape) : []
}

/** What a default, an option or a transformation is wrapped around. */
function inside(schema: unknown): unknown {
  if (schema instanceof z.ZodPipe) return inside(schema.in)
  const isWrapper =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  return isWrapper ? inside(schema.unwrap()) : schema
}
