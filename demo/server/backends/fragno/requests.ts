/** What every route requires of a request before it reads it. */
import type { Context } from 'hono'
import { readObject } from '../contract.ts'
import { FragnoError } from './errors.ts'
import type { Upload } from './upload.ts'

/** The body of a request that must have one. */
export async function readJson(c: Context): Promise<unknown> {
  requireType(c, 'application/json')
  const text = await c.req.text()
  try {
    return JSON.parse(text)
  } catch {
    throw new FragnoError('INVALID_REQUEST_BODY', 'Expected the body to be JSON')
  }
}

/** For a request that needs no body: accepts none, or an empty object. */
export async function readNothing(c: Context): Promise<void> {
  const text = await c.req.text()
  if (text !== '') readObject(JSON.parse(text), 'the body', [])
}

export function requireType(c: Context, expected: string): void {
  const type = c.req.header('content-type') ?? ''
  if (type.split(';')[0]?.trim().toLowerCase() === expected) return
  throw new FragnoError('UNSUPPORTED_MEDIA_TYPE', `Expected Content-Type ${expected}, got "${type}"`)
}

/**
 * Before the storage is asked. A client that builds its own addresses sends follow-ups without the query, and these
 * would reach any of several fragments.
 */
export function requireProvider(
  c: Context,
  upload: Upload,
  own: { provider: string; sticky: boolean },
): void {
  const asked = c.req.query('provider') ?? (own.sticky ? '' : own.provider)
  const { provider } = upload.details
  if (asked === own.provider && provider === own.provider) return
  throw new FragnoError(
    'PROVIDER_MISMATCH',
    `Expected provider ${own.provider}, got "${asked}" for an upload to ${provider}`,
  )
}

/** The values of the query, in which no others are allowed. */
export function readQuery(
  c: Context,
  known: readonly string[],
): Readonly<Record<string, string | undefined>> {
  const query = c.req.query()
  const unknown = Object.keys(query).find((name) => !known.includes(name))
  if (unknown === undefined) return query
  throw new FragnoError(
    'INVALID_REQUEST',
    `Unknown \`${unknown}\` in the query: expected only ${known.join(', ')}`,
  )
}
