/** Every place in a JSON value, and the value with another one in that place. */
import type { Json } from '../../src/ports.ts'

export type Place = readonly (string | number)[]

/** The new value of a field; `gone` removes it. */
export type Change = { readonly value: Json } | 'gone'

/** The root first, then everything inside. */
export function placesIn(value: Json): Place[] {
  const inner = isTree(value)
    ? Object.entries(value).flatMap(([name, one]) => placesIn(one).map((place) => [name, ...place]))
    : []
  return [[], ...inner]
}

/** `undefined` if nothing is left. */
export function changed(value: Json, [step, ...rest]: Place, change: Change): Json | undefined {
  if (step === undefined) return change === 'gone' ? undefined : change.value
  if (!isTree(value)) return value
  const entries = Object.entries(value).flatMap(([name, one]) => {
    const made = name === String(step) ? changed(one, rest, change) : one
    return made === undefined ? [] : [[name, made] as const]
  })
  return Array.isArray(value) ? entries.map(([, one]) => one) : Object.fromEntries(entries)
}

function isTree(value: Json): value is Json[] | { readonly [name: string]: Json } {
  return typeof value === 'object' && value !== null
}
