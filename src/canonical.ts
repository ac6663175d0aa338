/**
 * JSON that is the same for `{a, b}` and `{b, a}`: with a list of keys, `JSON.stringify` writes every object's keys in
 * the order of the list (ECMA-262, SerializeJSONObject).
 */
export function canonical(value: unknown): string {
  const keys = new Set<string>()
  JSON.stringify(value, (key, inner) => {
    keys.add(key)
    return inner
  })
  return JSON.stringify(value, [...keys].sort())
}
