/** An endpoint: a method and a path with names in it, or a function of the application instead. */
import { inWords } from '../errors.ts'
import type { ApiRequest, Call, Json } from '../ports.ts'

/** The HTTP methods of calls to the application's server. */
export type Method = ApiRequest['method']

/** A JSON object. */
export type JsonFields = { readonly [field: string]: Json }

/**
 * Where an endpoint is, as a path or a function.
 *
 * - A path such as `/uploads/{uploadId}/finish` is joined to `baseUrl`; a full URL stays as it is. Put the method in front
 *   if it differs from the default: `PUT /uploads/{uploadId}/finish`. A GET has no body: its fields are in the query.
 * - A function makes the call itself. It gets the fields of the body and the values of the path's names in one object, and
 *   returns the answer's JSON, or the `Response` of `fetch`.
 */
export type Endpoint = string | ((body: JsonFields, call: Call) => unknown)

export type Route = {
  /** The endpoint's name in messages. */
  readonly name: string
  readonly method: Method
  readonly path: string
}

/** The endpoint as it is called: a `Route`, or the application's function and its name. */
export type Resolved = Route | { readonly name: string; readonly run: Exclude<Endpoint, string> }

const pattern = /^(?:(GET|POST|PUT|PATCH|DELETE) )?(\S*)$/

/**
 * @param standard The endpoint of the contract, such as `POST /uploads`.
 * @throws TypeError if the option is neither a function nor a path or URL, with or without a method.
 */
export function endpoint(name: string, option: Endpoint | undefined, standard: string): Resolved {
  if (typeof option === 'function') return { name, run: option }
  const [, method = 'POST'] = pattern.exec(standard) ?? []
  const text: unknown = option === undefined ? standard : option
  const [, otherMethod, path] = (typeof text === 'string' && pattern.exec(text)) || []
  if (path === undefined || !isCallable(path)) throw noUrl(`endpoints.${name}`, text)
  return { name, method: (otherMethod ?? method) as Method, path }
}

/** All endpoints of a contract: those in `options` replace those in `standard`. */
export function endpointsOf<Name extends string>(
  standard: Readonly<Record<Name, string>>,
  options: { readonly [N in NoInfer<Name>]?: Endpoint | undefined } = {},
): Readonly<Record<Name, Resolved>> {
  const names = Object.keys(standard) as Name[]
  const resolved = names.map((name) => [name, endpoint(name, options[name], standard[name])])
  return Object.fromEntries(resolved) as Record<Name, Resolved>
}

/** The values of the names in a path: one text, or several that are joined by slashes. Each text is percent-encoded. */
export type PathValues = { readonly [name: string]: string | readonly string[] }

/** @throws RangeError if the path has an unknown name, or if a value has `.` or `..`, which would lead elsewhere. */
export function fill(path: string, values: PathValues): string {
  return path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = values[name]
    if (value === undefined) {
      const known = Object.keys(values).map((one) => `{${one}}`)
      throw new RangeError(`Expected one of ${known.join(', ')} in the path ${path}, got {${name}}`)
    }
    const segments = [value].flat()
    // No URL can carry these segments, even encoded (WHATWG URL, "double-dot path segment").
    if (segments.includes('.') || segments.includes('..'))
      throw new RangeError(`Expected {${name}} to be a string without \`.\` or \`..\` between its slashes`)
    return segments.map(encode).join('/')
  })
}

/** Encodes everything but RFC 3986's unreserved characters; `encodeURIComponent` leaves five more as they are. */
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

/** Resolves a relative path: it names another place in another folder. */
export function placeOf(baseUrl: string): string {
  if (/^(\/|\w+:|$)/.test(baseUrl) || !globalThis.location) return baseUrl
  return new URL(baseUrl, globalThis.document?.baseURI ?? location.href).href
}

/** An address that may be stored: its query may hold a secret, so only a hash of 32 bits (FNV-1a) tells it from another. */
export function nameOf(url: string): string {
  const [base = '', ...query] = url.split(/[?#]/)
  if (query.length === 0) return url
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(query.join('?'))) hash = Math.imul(hash ^ byte, 0x01000193)
  return `${base}?${(hash >>> 0).toString(36)}`
}

/** @throws TypeError if the value is not a URL that can be called. */
export function requireUrl(option: string, value: unknown): void {
  if (typeof value !== 'string' || !isCallable(value)) throw noUrl(option, value)
  // A worker made from a Blob has no address to which a path could be joined.
  if (value && !absolute.test(value) && globalThis.location?.protocol === 'blob:')
    throw noUrl(option, value, 'an absolute http(s) URL in a worker made of a Blob')
}

function noUrl(option: string, value: unknown, expected = 'an http(s) URL or a path'): TypeError {
  const shown = typeof value === 'string' ? value.replace(/[^/]*@/, '') : value
  return new TypeError(`Expected \`${option}\` to be ${expected}, got ${inWords(shown)}`)
}

/** Not a URL with a password: fetch refuses it with a message that contains it, and it would be stored. */
function isCallable(value: string): boolean {
  const base = 'https://base.invalid'
  return /^https?:$/.test(protocolOf(value, base)) && !/^\w+:..[^/]*@/.test(new URL(value, base).href)
}

/** The URL's protocol. Empty if it is no URL. */
export function protocolOf(value: string, base: string): string {
  try {
    return new URL(value, base).protocol
  } catch {
    return ''
  }
}
