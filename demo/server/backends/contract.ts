/** Reads what a client sends, strictly as a backend's document describes it, and says plainly what is wrong. */

/** The request does not fit the contract. */
export class ContractError extends Error {
  override readonly name = 'ContractError'
  /** What is wrong, such as `parts[2].etag`; empty for the request as a whole. */
  readonly field: string
  /** Whether the field is missing. */
  readonly missing: boolean

  constructor(message: string, field = '', missing = false) {
    super(message)
    this.field = field
    this.missing = missing
  }
}

type Fields = Readonly<Record<string, unknown>>
type Range = { readonly from: number; readonly to: number }

export function parseBody(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw new ContractError(`Expected the body to be JSON, got ${inWords(text)}`)
  }
}

/** @param known The only fields that the object may have. If left out, others are ignored. */
export function readObject(value: unknown, name: string, known?: readonly string[]): Fields {
  if (!isObject(value)) throw expected(name, 'an object', value)
  const unknown = known && Object.keys(value).find((field) => !known.includes(field))
  if (unknown === undefined) return value
  throw new ContractError(
    `Unknown field \`${unknown}\` in ${name}: expected only ${known?.join(', ') || 'an empty object'}`,
    unknown,
  )
}

export function readText(value: unknown, name: string): string {
  if (typeof value !== 'string') throw expected(name, 'a string', value)
  return value
}

export function readFilled(value: unknown, name: string): string {
  if (readText(value, name) === '') throw expected(name, 'a string that is not empty', value)
  return readText(value, name)
}

export function readWhole(value: unknown, name: string, { from, to }: Range): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= from && value <= to) return value
  throw expected(name, `a whole number from ${from} to ${to}`, value)
}

export function readList<T>(value: unknown, name: string, read: (item: unknown, name: string) => T): T[] {
  if (!Array.isArray(value) || value.length === 0) throw expected(name, 'a list that is not empty', value)
  return value.map((item: unknown, index) => read(item, `${name}[${index}]`))
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The error that says what a field should have been. */
export function expected(name: string, what: string, received: unknown): ContractError {
  return new ContractError(
    `Expected \`${name}\` to be ${what}, got ${inWords(received)}`,
    name,
    received === undefined,
  )
}

function inWords(value: unknown): string {
  if (value === undefined) return 'nothing'
  const json = JSON.stringify(value)
  return json.length > 80 ? `${json.slice(0, 80)}…` : json
}
