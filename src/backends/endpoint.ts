/** Where an endpoint is: a method and a path with names in it, or a function of the application's in its place. */
import { inWords } from '../errors.ts'
import type { ApiRequest, Call, Json } from '../ports.ts'

/** The methods that a call to the application's server may have. */
export type Method = ApiRequest['method']

/** A JSON object. */
export type JsonFields = { readonly [field: string]: Json }

/**
 * An endpoint: a path such as `/uploads/{uploadId}/finish`, joined to `baseUrl` (a full URL stays as it is), with another
 * method in front of it where that differs (`PUT /uploads/{uploadId}/finish`); or a function that makes the call itself: it
 * gets the names' values and the body that would have been sent, and returns the answer's JSON, or the `Response` of fetch.
 * A GET has no body: its fields are in the query.
 */
export type Endpoint = string | ((body: JsonFields, call: Call) => unknown)

export type Route = {
  /** What it is called in messages. */
  readonly name: string
  readonly method: Method
  readonly path: string
}

/** The endpoint as it is called: `Route`, or the application's function under its name. */
export type Resolved = Route | { readonly name: string; readonly run: Exclude<Endpoint, string> }

const pattern = /^(?:(GET|POST|PUT|PATCH|DELETE) )?(\S*)$/

/**
 * @param standard What it is by the contract, such as `POST /uploads`.
 * @throws TypeError where the option is neither a path or URL, with or without a method, nor a function.
 */
export function endpoint(name: string, option: Endpoint | undefined, standard: string): Resolved {
  if (typeof option === 'function') return { name, run: option }
  const [, method = 'POST'] = pattern.exec(standard) ?? []
  const text: unknown = option === undefined ? standard : option
  const [, otherMethod, path] = (typeof text === 'string' && pattern.exec(text)) || []
  if (path === undefined || !isCallable(path)) throw noUrl(`endpoints.${name}`, text)
  return { name, method: (otherMethod ?? method) as Method, path }
}

/** All endpoints of a contract: `standard` has what they are by it, `options` what they are here. */
export function endpointsOf<Name extends string>(
  standard: Readonly<Record<Name, string>>,
  options: { readonly [N in NoInfer<Name>]?: Endpoint | undefined } = {},
): Readonly<Record<Name, Resolved>> {
  const names = Object.keys(standard) as Name[]
  const resolved = names.map((name) => [name, endpoint(name, options[name], standard[name])])
  return Object.fromEntries(resolved) as Record<Name, Resolved>
}

/** One text for a name, or several that are joined by slashes. */
export type PathValues = { readonly [name: string]: string | readonly string[] }

/** @throws RangeError where the path has a name that nobody knows, or would get a value that leads elsewhere: `.` or `..`. */
export function fill(path: string, values: PathValues): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) {
      const known = Object.keys(values).map((one) => `{${one}}`)
      throw new RangeError(`Expected one of ${known.join(', ')} in the path ${path}, got {${name}}`)
    }
    const segments = [value].flat()
    // No URL can carry them, even encoded (WHATWG URL, "double-dot path segment").
    if (segments.includes('.') || segments.includes('..'))
      throw new RangeError(`Expected {${name}} to be a string without \`.\` or \`..\` between its slashes`)
    return segments.map(encode).join('/')
  })
}

/** Everything that RFC 3986 does not call unreserved; `encodeURIComponent` leaves five more characters as they are. */
function encode(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

const absolute = /^[a-z][a-z\d+.-]*:/i

/** A path joined to the base by exactly one slash, and to its query; a full URL stays as it is. */
export function joinUrl(baseUrl: string, path: string): string {
  if (absolute.test(path) || baseUrl === '') return path
  const [base = '', query] = baseUrl.split('?')
  return withQuery(`${base.replace(/\/+$/, '')}/${path.replace(/^\/+/, '')}`, query)
}

export function withQuery(url: string, query: string | undefined): string {
  return query ? `${url}${url.includes('?') ? '&' : '?'}${query}` : url
}

/** Another one in another folder, where it is relative to the page. */
export function placeOf(baseUrl: string): string {
  if (/^(\/|\w+:|$)/.test(baseUrl) || !globalThis.location) return baseUrl
  return new URL(baseUrl, globalThis.document?.baseURI ?? location.href).href
}

/** An address as it may be kept: of its query, which may hold a secret, 32 bits that tell it from another (FNV-1a). */
export function nameOf(url: string): string {
  const [base = '', ...query] = url.split(/[?#]/)
  if (query.length === 0) return url
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(query.join('?'))) hash = Math.imul(hash ^ byte, 0x01000193)
  return `${base}?${(hash >>> 0).toString(36)}`
}

/** @throws TypeError where it is not a URL that can be called. */
export function requireUrl(option: string, value: unknown): void {
  if (typeof value !== 'string' || !isCallable(value)) throw noUrl(option, value)
  // A worker that was made of a Blob has no address that a path could be joined to.
  if (value && !absolute.test(value) && globalThis.location?.protocol === 'blob:')
    throw noUrl(option, value, 'an absolute http(s) URL in a worker made of a Blob')
}

function noUrl(option: string, value: unknown, expected = 'an http(s) URL or a path'): TypeError {
  const shown = typeof value === 'string' ? value.replace(/[^/]*@/, '') : value
  return new TypeError(`Expected \`${option}\` to be ${expected}, got ${inWords(shown)}`)
}

/** With a password in it fetch refuses every call, and tells the whole of it; and it would be kept. */
function isCallable(value: string): boolean {
  const base = 'https://base.invalid'
  return /^https?:$/.test(protocolOf(value, base)) && !/^\w+:..[^/]*@/.test(new URL(value, base).href)
}

/** Empty where it is no URL. */
export function protocolOf(value: string, base: string): string {
  try {
    return new URL(value, base).protocol
  } catch {
    return ''
  }
}
