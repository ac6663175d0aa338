/** Checks options once, where they are given: "expected X, got Y". */
import { inWords } from './errors.ts'
import type { BackendLimits, Params } from './ports.ts'

/** By what they were made of: what is handed over twice is one file. */
const made = new WeakMap<WeakKey, File>()
/** The date of the last Blob, milliseconds since 1970. */
let latest = 0

/**
 * A file of a frame or of another window becomes one of this page: its own methods end with the window that it is of.
 *
 * @throws TypeError where the value is neither a File nor a Blob. @returns A Blob as a File, "blob", of a date that no other has; of one value
 * the same each time.
 */
export function requireFile(value: unknown): File {
  const known = value instanceof File ? value : made.get(value as WeakKey)
  if (known !== undefined) return known
  try {
    // Of whatever window, and of nothing else (Web IDL, "implements").
    const content = Blob.prototype.slice.call(value as Blob)
    // Many may be made in one millisecond, and be of one size.
    latest = Math.max(Date.now(), latest + 1)
    const { name = 'blob', type, lastModified = latest } = value as Partial<File> & Blob
    const file = new File([content], name, { type, lastModified })
    made.set(value as WeakKey, file)
    return file
  } catch {
    throw new TypeError(`Expected \`file\` to be a File or a Blob, got ${inWords(value)}`)
  }
}

/** @throws RangeError where the number is not whole or below the minimum, TypeError where it is none. */
export function requireWhole(option: string, value: unknown, minimum: number): number {
  if (typeof value !== 'number')
    throw new TypeError(`Expected \`${option}\` to be a number, got ${inWords(value)}`)
  if (isWhole(value, minimum)) return value
  throw new RangeError(`Expected \`${option}\` to be a whole number >= ${minimum}, got ${value}`)
}

export function isWhole(value: unknown, minimum: number): value is number {
  return Number.isSafeInteger(value) && Number(value) >= minimum
}

/** @throws RangeError where one is missing or no number above 0: the engine would go round for ever. They may be infinite. */
export function requireLimits(limits: BackendLimits): void {
  for (const name of ['minPartSize', 'maxPartSize', 'maxParts', 'maxBatch'] as const) {
    const value: unknown = Object(limits)[name]
    if (!(Number(value) >= 1))
      throw new RangeError(`Expected \`backend.limits.${name}\` to be at least 1, got ${inWords(value)}`)
  }
}

/** @throws TypeError where the value is not a plain object that JSON can carry. */
export function requireParams(value: unknown): Params {
  // Of whatever window, and also without a prototype.
  const prototype: unknown = Object.getPrototypeOf(Object(value))
  const isPlain = value && !(prototype && Object.getPrototypeOf(prototype))
  if (!isPlain) throw new TypeError(`Expected \`params\` to be a plain object, got ${inWords(value)}`)
  try {
    return JSON.parse(JSON.stringify(value)) as Params
  } catch (cause) {
    throw new TypeError(`Expected \`params\` to be JSON-serializable: ${cause}`, { cause })
  }
}

/** What is said of the fields; a field that is `undefined` is as one that is not there. */
export type Given<Fields> = { readonly [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }

/** Without the fields that nothing is said of. */
export function given<Fields extends object>(fields: Fields): Given<Fields> {
  return Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Given<Fields>
}

/** What an option is, where a function may stand for it. */
export function chosen<T, Asked extends readonly unknown[]>(
  option: T | ((...asked: Asked) => T),
  ...asked: Asked
): T {
  return typeof option === 'function' ? (option as (...asked: Asked) => T)(...asked) : option
}

/** @throws TypeError where the value lacks one of the methods. */
export function requireMethods(option: string, value: unknown, methods: readonly string[]): void {
  const missing = methods.find((method) => typeof Object(value)[method] !== 'function')
  if (missing === undefined) return
  throw new TypeError(`Expected \`${option}\` to have a method \`${missing}\`, got ${inWords(value)}`)
}

/** What tells each port from what is none, such as the function that makes one. */
const ports = {
  backend: 'open sign complete',
  checkpoints: 'load save addReceipt remove list',
  tabs: 'claim',
  hasher: 'digest',
  transport: 'send',
  api: 'send',
}

/** @throws TypeError where a port is none. Those that are left out are the browser's own, but for the backend. */
export function requirePorts(options: unknown): void {
  for (const [port, methods] of Object.entries(ports)) {
    const value: unknown = Object(options)[port]
    if (value !== undefined || port === 'backend') requireMethods(port, value, methods.split(' '))
  }
}

/** @throws TypeError where the value is no text. */
export function requireText(option: string, value: unknown): string {
  if (typeof value === 'string') return value
  throw new TypeError(`Expected \`${option}\` to be a string, got ${inWords(value)}`)
}

/** @throws TypeError where the value is not one of them. */
export function requireOneOf<T extends string>(option: string, value: unknown, choices: readonly T[]): T {
  const choice = choices.find((one) => one === value)
  if (choice !== undefined) return choice
  throw new TypeError(`Expected \`${option}\` to be one of ${choices.join(', ')}, got ${inWords(value)}`)
}
