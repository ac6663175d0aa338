/** Object keys of the demo: `uploads/<random>/<file name>`. */
import { randomBytes } from 'node:crypto'
import { ContractError } from './contract.ts'

const prefix = 'uploads/'

/** The random part keeps one visitor from another's files, so it is too long to be guessed. */
export function newKey(fileName: string): string {
  return `${prefix}${randomBytes(12).toString('base64url')}/${safeName(fileName)}`
}

/**
 * The name without characters that mean something in a path, and without those that no HTTP header or XML document can
 * carry.
 */
export function safeName(fileName: string): string {
  // A lone surrogate has no UTF-8. A Buffer replaces it with U+FFFD.
  const wellFormed = Buffer.from(fileName).toString()
  const name = wellFormed.replace(/[/\p{Cc}\uFFFE\uFFFF]/gu, '_')
  if (name === '') return 'file'
  return name === '.' || name === '..' ? name.replaceAll('.', '_') : name
}

/** The bucket may hold other things than the demo's uploads. Nothing else is signed or read. */
export function requireOwnKey(key: string): string {
  const segments = key.split('/')
  if (key.startsWith(prefix) && !segments.some(isDots) && segments.every(Boolean)) return key
  throw new ContractError(`Expected a key of this server, such as uploads/…/name, got ${key}`)
}

/** The name under which the file is downloaded again (RFC 6266 and RFC 8187). */
export function contentDisposition(key: string): string {
  const name = key.slice(key.lastIndexOf('/') + 1)
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, '_')
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeExtended(name)}`
}

function encodeExtended(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

function isDots(segment: string): boolean {
  return segment === '.' || segment === '..'
}
