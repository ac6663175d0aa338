/** Reads a server's answer field by field: what its contract does not allow is a `BackendError` that names the field. */
import { BackendError } from '../errors.ts'
import { isWhole } from '../options.ts'
import type { Json } from '../ports.ts'
import { protocolOf } from './endpoint.ts'

/** What a server answered, a field at a time. Each method throws a `BackendError` that names the field where it is something else. */
export class Answer {
  readonly #endpoint: string
  readonly #fields: Readonly<Record<string, unknown>>

  constructor(endpoint: string, body: unknown, field = 'body', expected = 'a JSON object') {
    this.#endpoint = endpoint
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw new BackendError({ endpoint, field, expected, received: body })
    }
    this.#fields = { ...body }
  }

  /** A text that is not empty, and not with half of a surrogate pair, which cannot be in a URL. */
  text(field: string): string {
    const value = this.#fields[field]
    return typeof value === 'string' && value !== '' && !/\p{Surrogate}/u.test(value)
      ? value
      : this.refuse(field, 'a non-empty string')
  }

  /**
   * A text that can be in a path. A `.` or `..` between slashes is taken out of every URL (WHATWG URL, "double-dot path
   * segment"), even encoded.
   */
  inPath(field: string): string {
    const value = this.text(field)
    return /(^|\/)\.\.?(\/|$)/.test(value)
      ? this.refuse(field, 'a string without `.` or `..` between its slashes')
      : value
  }

  /** A text that may be empty. */
  string(field: string, name: string = field): string {
    const value = this.#fields[field]
    return typeof value === 'string' ? value : this.refuse(field, 'a string', name)
  }

  /** A whole number of bytes from 1 on. */
  size(field: string): number {
    return this.#whole(field, 1, 'a whole number of bytes above 0')
  }

  /** A whole number from `minimum` on. */
  count(field: string, minimum: number): number {
    return this.#whole(field, minimum, `a whole number >= ${minimum}`)
  }

  #whole(field: string, minimum: number, expected: string): number {
    const value = this.#fields[field]
    return isWhole(value, minimum) ? value : this.refuse(field, expected)
  }

  /** A date as text, such as `2026-08-22T10:00:00.000Z`, in milliseconds since 1970. */
  date(field: string): number {
    const at = Date.parse(this.text(field))
    return Number.isNaN(at) ? this.refuse(field, 'a date') : at
  }

  /**
   * Headers for a request to the storage, none where there are none, without those that a page cannot set (Fetch
   * standard, "forbidden request-header").
   */
  headers(field: string): Readonly<Record<string, string>> {
    const given = this.isNull(field) ? [] : Object.entries(this.texts(field))
    return this.sendable(field, Object.fromEntries(given.filter(([name]) => !forbidden.test(name))))
  }

  /** The headers, made of that field, where a page can send them: XMLHttpRequest would throw for others. */
  sendable<T extends Readonly<Record<string, string>>>(field: string, headers: T): T {
    try {
      new Headers(headers)
      return headers
    } catch {
      // Without what is in them: it may be secret.
      return this.refuse(field, 'valid headers', field, Object.keys(headers))
    }
  }

  /** As it came. */
  get all(): Readonly<Record<string, unknown>> {
    return this.#fields
  }

  /** One of these texts. */
  oneOf<T extends string>(field: string, choices: readonly T[]): T {
    const choice = choices.find((one) => one === this.#fields[field])
    return choice ?? this.refuse(field, `one of ${choices.join(', ')}`)
  }

  /** True or false. */
  flag(field: string): boolean {
    const value = this.#fields[field]
    return typeof value === 'boolean' ? value : this.refuse(field, 'true or false')
  }

  /** An object of texts inside the answer, such as headers. */
  texts(field: string): Readonly<Record<string, string>> {
    const inner = this.inner(field)
    return Object.fromEntries(
      Object.keys(inner.#fields).map((name) => [name, inner.string(name, `${field}.${name}`)]),
    )
  }

  /** Whether the field is null or missing. */
  isNull(field: string): boolean {
    return this.#fields[field] === null || this.#fields[field] === undefined
  }

  /** Any JSON, where the contract leaves it open. */
  json(field: string): Json | undefined {
    return this.#fields[field] as Json | undefined
  }

  /** A list of objects inside the answer. */
  list(field: string): Answer[] {
    const value = this.#fields[field]
    return Array.isArray(value)
      ? value.map((item: unknown) => new Answer(this.#endpoint, item))
      : this.refuse(field, 'a list')
  }

  /** An object inside the answer. */
  inner(field: string): Answer {
    return new Answer(this.#endpoint, this.#fields[field], field, 'an object')
  }

  /** A URL to send bytes to: https; or http from a page that is not https itself, or to this very machine. */
  url(field: string, name: string = field): string {
    const value = this.#fields[field]
    return typeof value === 'string' && isSendable(value) ? value : this.refuse(field, 'an https URL', name)
  }

  /**
   * Throws the `BackendError` of a field that breaks the contract in a way of its own.
   *
   * @param expected In words, as in `a whole number`.
   * @param name The field's whole name, where it is an inner one.
   * @param received Where not all that the field holds is to be told.
   */
  refuse(
    field: string,
    expected: string,
    name: string = field,
    received: unknown = this.#fields[field],
  ): never {
    throw new BackendError({ endpoint: this.#endpoint, field: name, expected, received })
  }
}

const forbidden =
  /^(accept-(charset|encoding)|connection|content-length|cookie2?|date|dnt|expect|host|keep-alive|origin|referer|te|trailer|transfer-encoding|upgrade|via|(proxy|sec)-.*)$/i

function isSendable(value: string): boolean {
  const page = pageUrl()
  const protocol = value && protocolOf(value, page)
  return (
    protocol === 'https:' || (protocol === 'http:' && (!page.startsWith('https:') || loopback.test(value)))
  )
}

/** Potentially trustworthy without TLS (W3C Secure Contexts, section 3.1): a store beside the page while it is developed. */
const loopback = /^http:\/\/(([\w-]+\.)*localhost|127(\.\d+){3}|\[::1\])(:\d+)?(\/|$)/i

function pageUrl(): string {
  return typeof location === 'undefined' ? 'http://localhost/' : location.href
}
