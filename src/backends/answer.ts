/** Reads a server's answer field by field. A field that breaks the contract is a `BackendError` that names it. */
import { BackendError } from '../errors.ts'
import { isWhole } from '../options.ts'
import type { Json } from '../ports.ts'
import { protocolOf } from './endpoint.ts'

/**
 * A server's answer, read one field at a time. Each method throws a `BackendError` that names the field if it is missing or
 * of another kind.
 */
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

  /** Reads a text that is not empty and has no lone surrogates, which no URL can carry. */
  text(field: string): string {
    const value = this.#fields[field]
    return typeof value === 'string' && value !== '' && !/\p{Surrogate}/u.test(value)
      ? value
      : this.refuse(field, 'a non-empty string')
  }

  /**
   * Reads a text that can be part of a path. It may not have `.` or `..` between slashes: every URL drops such segments, even
   * encoded (WHATWG URL, "double-dot path segment").
   */
  inPath(field: string): string {
    const value = this.text(field)
    return /(^|\/)\.\.?(\/|$)/.test(value)
      ? this.refuse(field, 'a string without `.` or `..` between its slashes')
      : value
  }

  /** Reads a text that may be empty. */
  string(field: string, name: string = field): string {
    const value = this.#fields[field]
    return typeof value === 'string' ? value : this.refuse(field, 'a string', name)
  }

  /** Reads a whole number of bytes from 1 on. */
  size(field: string): number {
    return this.#whole(field, 1, 'a whole number of bytes above 0')
  }

  /** Reads a whole number from `minimum` on. */
  count(field: string, minimum: number): number {
    return this.#whole(field, minimum, `a whole number >= ${minimum}`)
  }

  #whole(field: string, minimum: number, expected: string): number {
    const value = this.#fields[field]
    return isWhole(value, minimum) ? value : this.refuse(field, expected)
  }

  /** Reads a date text, such as `2026-08-22T10:00:00.000Z`, as milliseconds since 1970. */
  date(field: string): number {
    const at = Date.parse(this.text(field))
    return Number.isNaN(at) ? this.refuse(field, 'a date') : at
  }

  /**
   * Reads headers for a request to the storage; none if the field is null or missing. Those that a page cannot set are left
   * out (Fetch standard, "forbidden request-header").
   */
  headers(field: string): Readonly<Record<string, string>> {
    const given = this.isNull(field) ? [] : Object.entries(this.texts(field))
    return this.sendable(field, Object.fromEntries(given.filter(([name]) => !forbidden.test(name))))
  }

  /** Returns headers made from a field if a page can send them. XMLHttpRequest would throw for others. */
  sendable<T extends Readonly<Record<string, string>>>(field: string, headers: T): T {
    try {
      new Headers(headers)
      return headers
    } catch {
      // Names only: values may be secret.
      return this.refuse(field, 'valid headers', field, Object.keys(headers))
    }
  }

  /** The whole answer, unchecked. */
  get all(): Readonly<Record<string, unknown>> {
    return this.#fields
  }

  /** Reads one of these texts. */
  oneOf<T extends string>(field: string, choices: readonly T[]): T {
    const choice = choices.find((one) => one === this.#fields[field])
    return choice ?? this.refuse(field, `one of ${choices.join(', ')}`)
  }

  /** Reads a boolean. */
  flag(field: string): boolean {
    const value = this.#fields[field]
    return typeof value === 'boolean' ? value : this.refuse(field, 'true or false')
  }

  /** Reads an object of texts inside the answer, such as headers. */
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

  /** Reads any JSON. `undefined` if the field is missing. */
  json(field: string): Json | undefined {
    return this.#fields[field] as Json | undefined
  }

  /** Reads a list of objects inside the answer. */
  list(field: string): Answer[] {
    const value = this.#fields[field]
    return Array.isArray(value)
      ? value.map((item: unknown) => new Answer(this.#endpoint, item))
      : this.refuse(field, 'a list')
  }

  /** Reads an object inside the answer. */
  inner(field: string): Answer {
    return new Answer(this.#endpoint, this.#fields[field], field, 'an object')
  }

  /** Reads a URL to send bytes to: https, or http if the page itself is not https or the URL leads to this machine. */
  url(field: string, name: string = field): string {
    const value = this.#fields[field]
    return typeof value === 'string' && isSendable(value) ? value : this.refuse(field, 'an https URL', name)
  }

  /**
   * Throws a `BackendError` for a field, for checks that no other method makes.
   *
   * @param expected The expected value in words, such as `a whole number`.
   * @param name The field's full name, if it is an inner one.
   * @param received The value to show. @default the field's value
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

/** Trustworthy without TLS (W3C Secure Contexts, section 3.1), for a local storage during development. */
const loopback = /^http:\/\/(([\w-]+\.)*localhost|127(\.\d+){3}|\[::1\])(:\d+)?(\/|$)/i

function pageUrl(): string {
  return typeof location === 'undefined' ? 'http://localhost/' : location.href
}
