import { z } from 'zod'

/**
 * The keys that a schema takes at a path; none where it takes no object. Where it takes one of
 * several, the value decides, and when that is silent, the keys are those of all.
 */
export function keysAt(
  schema: z.core.$ZodType,
  path: readonly PropertyKey[],
  value: unknown,
): string[] {
  let at: unknown = inside(schema)
  let found: unknown = value
  for (const part of path) {
    if (at instanceof z.ZodObject) at = inside(at.shape[String(part)])
    else if (at instanceof z.ZodArray) at = inside(at.element)
    else return []
    found = fieldOf(found, part)
  }
  if (at instanceof z.ZodDiscriminatedUnion) return keysOfUnion(at, found)
  return at instanceof z.ZodObject ? Object.keys(at.shape) : []
}

function keysOfUnion({ options, def }: z.ZodDiscriminatedUnion, value: unknown): string[] {
  const objects = options.filter((option) => option instanceof z.ZodObject)
  const meant = objects.filter((option) => {
    const literal: unknown = option.shape[def.discriminator]
    if (!(literal instanceof z.ZodLiteral)) return false
    return literal.safeParse(fieldOf(value, def.discriminator)).success
  })
  const keys = (meant.length > 0 ? meant : objects).flatMap(({ shape }) => Object.keys(shape))
  return [...new Set(keys)]
}

function fieldOf(value: unknown, key: PropertyKey): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Readonly<Record<PropertyKey, unknown>>)[key]
    : undefined
}

/** What a default, an option or a transformation is wrapped around. */
function inside(schema: unknown): unknown {
  if (schema instanceof z.ZodPipe) {
    return inside(schema.in instanceof z.ZodTransform ? schema.out : schema.in)
  }
  const isWrapper =
    schema instanceof z.ZodOptional ||
    schema instanceof z.ZodDefault ||
    schema instanceof z.ZodPrefault
  return isWrapper ? inside(schema.unwrap()) : schema
}
