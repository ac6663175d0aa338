import { readText, readWhole } from '../contract.ts'
import { readAnyList, readOptional } from '../contract-values.ts'
import { FragnoError } from './errors.ts'

type KeyFields = { readonly fileKey?: unknown; readonly keyParts?: unknown }

/** A file's key is a path of plain segments. It may be given whole, in parts, or both if they agree. */
export function readFileKey({ fileKey, keyParts }: KeyFields): string {
  const whole = readOptional(fileKey, 'fileKey', readText)
  const joined = readOptional(keyParts, 'keyParts', readParts)
  const key = whole ?? joined
  if (key === undefined) throw invalid('Expected `fileKey` or `keyParts`, got neither')
  if (joined !== undefined && key !== joined)
    throw invalid(`Expected \`fileKey\` and \`keyParts\` to agree, got ${key} and ${joined}`)
  return checkFileKey(key)
}

export function checkFileKey(key: string): string {
  if (/\p{Cc}/u.test(key)) throw invalid('Expected a key without control characters')
  if (key.split('/').some((segment) => ['', '.', '..'].includes(segment)))
    throw invalid(`Expected a key of segments that are not empty and no dots, got "${key}"`)
  return key
}

function readParts(value: unknown, name: string): string {
  return readAnyList(value, name, readPart).join('/')
}

function readPart(value: unknown, name: string): string {
  if (typeof value !== 'number') return readText(value, name)
  return String(readWhole(value, name, { from: Number.MIN_SAFE_INTEGER, to: Number.MAX_SAFE_INTEGER }))
}

function invalid(message: string): FragnoError {
  return new FragnoError('INVALID_FILE_KEY', message)
}
