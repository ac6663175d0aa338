/** JSON has the keys of objects in the order of such a list, so that `{a, b}` and `{b, a}` are the same (ECMA-262, SerializeJSONObject). */
export function canonical(value: unknown): string {
  const keys = new Set<string>()
  JSON.stringify(value, (key, inner) => {
    keys.add(key)
    return inner
  })
  return JSON.stringify(value, [...keys].sort())
}
