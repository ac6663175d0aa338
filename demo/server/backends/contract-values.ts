/** More readers like those of `contract.ts`, for fields that only some of the contracts have. */
import { expected, readText } from './contract.ts'

type Reader<T> = (value: unknown, name: string) => T

/** @returns `undefined` for a missing field. */
export function readOptional<T>(value: unknown, name: string, read: Reader<T>): T | undefined {
  return value === undefined ? undefined : read(value, name)
}

/** @returns `null` for a field that is missing or `null`. */
export function readNullable<T>(value: unknown, name: string, read: Reader<T>): T | null {
  return value === undefined || value === null ? null : read(value, name)
}

export function readFlag(value: unknown, name: string): boolean {
  if (typeof value !== 'boolean') throw expected(name, 'true or false', value)
  return value
}

export function readOneOf<const T extends string>(value: unknown, name: string, choices: readonly T[]): T {
  const chosen = choices.find((choice) => choice === value)
  if (chosen === undefined) throw expected(name, `one of ${choices.join(', ')}`, value)
  return chosen
}

/** As in HTTP, with its quotes (RFC 9110, 8.8.3): a client that has removed them does not return what it got. */
export function readEtag(value: unknown, name: string): string {
  const etag = readText(value, name)
  if (/^"[^"]+"$/.test(etag)) return etag
  throw expected(name, 'an ETag with its quotes, such as "\\"9b2c…\\""', value)
}

/** Like `readList`, but the list may be empty. */
export function readAnyList<T>(value: unknown, name: string, read: Reader<T>): T[] {
  if (!Array.isArray(value)) throw expected(name, 'a list', value)
  return value.map((item: unknown, index) => read(item, `${name}[${index}]`))
}
