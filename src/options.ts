/** Checks options once, when they are given, and says "Expected X, got Y". */
import { inWords } from './errors.ts'
import type { BackendLimits, Params } from './ports.ts'

/** The Files made here, by their source, so that the same value always becomes the same File. */
const made = new WeakMap<WeakKey, File>()
/** The date given to the last Blob, in milliseconds since 1970. */
let latest = 0

/**
 * A File of another window or frame is made one of this page, because its own methods end with its window.
 *
 * @returns A File. A Blob becomes one named "blob", with a date that no other has. The same value gives the same File.
 * @throws TypeError if the value is neither a File nor a Blob.
 */
export function requireFile(value: unknown): File {
  const known = value instanceof File ? value : made.get(value as WeakKey)
  if (known !== undefined) return known
  try {
    // Works for Blobs of every window, and throws for anything else (Web IDL, "implements").
    const content = Blob.prototype.slice.call(value as Blob)
    // Several Blobs of one size may come within one millisecond.
    latest = Math.max(Date.now(), latest + 1)
    const { name = 'blob', type, lastModified = latest } = value as Partial<File> & Blob
    const file = new File([content], name, { type, lastModified })
    made.set(value as WeakKey, file)
    return file
  } catch {
    throw new TypeError(`Expected \`file\` to be a File or a Blob, got ${inWords(value)}`)
  }
}

/** @throws RangeError if the number is not whole or is below the minimum. TypeError if the value is no number. */
export function requireWhole(option: string, value: unknown, minimum: number): number {
  if (typeof value !== 'number')
    throw new TypeError(`Expected \`${option}\` to be a number, got ${inWords(value)}`)
  if (isWhole(value, minimum)) return value
  throw new RangeError(`Expected \`${option}\` to be a whole number >= ${minimum}, got ${value}`)
}

export function isWhole(value: unknown, minimum: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= minimum
}

/** @throws RangeError if a limit is missing or below 1, which would make the engine loop forever. Infinity is allowed. */
export function requireLimits(limits: BackendLimits): void {
  for (const name of ['minPartSize', 'maxPartSize', 'maxParts', 'maxBatch'] as const) {
    const value: unknown = Object(limits)[name]
    if (!(Number(value) >= 1))
      throw new RangeError(`Expected \`backend.limits.${name}\` to be at least 1, got ${inWords(value)}`)
  }
}

/** @throws TypeError if the value is not a plain object that JSON can carry. */
export function requireParams(value: unknown): Params {
  // A plain object of any window, also one without a prototype.
  const prototype: unknown = Object.getPrototypeOf(Object(value))
  const isPlain = value && !(prototype && Object.getPrototypeOf(prototype))
  if (!isPlain) throw new TypeError(`Expected \`params\` to be a plain object, got ${inWords(value)}`)
  try {
    return JSON.parse(JSON.stringify(value)) as Params
  } catch (cause) {
    throw new TypeError(`Expected \`params\` to be JSON-serializable: ${cause}`, { cause })
  }
}

/** The fields without those that are `undefined`. */
export type Given<Fields> = { readonly [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }

/** Removes the fields that are `undefined`, so that a spread does not overwrite defaults with them. */
export function given<Fields extends object>(fields: Fields): Given<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Given<Fields>
}

/** The value of an option that may be given as a function. */
export function chosen<T, Asked extends readonly unknown[]>(
  option: T | ((...asked: Asked) => T),
  ...asked: Asked
): T {
  return typeof option === 'function' ? (option as (...asked: Asked) => T)(...asked) : option
}

/** @throws TypeError if the value lacks one of the methods. */
export function requireMethods(option: string, value: unknown, methods: readonly string[]): void {
  const missing = methods.find((method) => typeof Object(value)[method] !== 'function')
  if (missing === undefined) return
  throw new TypeError(`Expected \`${option}\` to have a method \`${missing}\`, got ${inWords(value)}`)
}

/** The methods by which a port is told from something else, such as the function that makes the port. */
const ports = {
  backend: 'open sign complete',
  checkpoints: 'load save addReceipt remove list',
  tabs: 'claim',
  hasher: 'digest',
  transport: 'send',
  api: 'send',
}

/** @throws TypeError if a given port lacks a method, or if the backend, the only port without a default, is missing. */
export function requirePorts(options: unknown): void {
  for (const [port, methods] of Object.entries(ports)) {
    const value: unknown = Object(options)[port]
    if (value !== undefined || port === 'backend') requireMethods(port, value, methods.split(' '))
  }
}

/** @throws TypeError if the value is no string. */
export function requireText(option: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw new TypeError(`Expected \`${option}\` to be a string, got ${inWords(value)}`)
}

/** @throws TypeError if the value is not one of the choices. */
export function requireOneOf<T extends string>(option: string, value: unknown, choices: readonly T[]): T {
  const choice = choices.find((one) => one === value)
  if (choice !== undefined) return choice
  throw new TypeError(`Expected \`${option}\` to be one of ${choices.join(', ')}, got ${inWords(value)}`)
}
