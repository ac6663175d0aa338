/** Object keys of this backend: `bkend/<owner>/<random>/<file name>`. */
import { randomBytes } from 'node:crypto'
import { safeName } from '../object-key.ts'
import { BkendFailure } from './failures.ts'

/** Bytes of UTF-8: S3's limit. */
const longestKey = 1024

export function newKey(owner: string, filename: string): string {
  return `bkend/${owner}/${randomBytes(12).toString('base64url')}/${safeName(filename)}`
}

/** The bucket also holds files of other people and of other backends. */
export function requireOwnKey(key: string, owner: string): string {
  const length = Buffer.byteLength(key)
  if (length > longestKey)
    throw new BkendFailure(
      'file/s3-key-too-long',
      `Expected at most ${longestKey} bytes of key, got ${length}`,
    )
  const [, keyOwner] = /^bkend\/([^/]+)\/[\w-]+\/[^/]+$/.exec(key) ?? []
  if (keyOwner === undefined || key.split('/').some(isDots))
    throw new BkendFailure('file/invalid-path', `Expected a key that this server gave out, got ${key}`)
  if (keyOwner === owner) return key
  throw new BkendFailure('file/access-denied', `Expected a key of ${owner}, got one of ${keyOwner}`)
}

function isDots(segment: string): boolean {
  return segment === '.' || segment === '..'
}
