/** JSON in which amounts, which are bigints, are decimal strings. */
export function toJson(value: object): string {
  return JSON.stringify(value, (_key, field: unknown) =>
    typeof field === 'bigint' ? field.toString() : field,
  )
}
