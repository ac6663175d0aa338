import type { Context } from 'hono'
import { routePath } from 'hono/route'
import { ContractError } from './contract.ts'

/**
 * The decoded path segments in place of the route's `*`. Hono decodes its own path with `decodeURI`, after which `%23`
 * and `%2523` look alike, so this reads the original address.
 */
export function segmentsBehind(c: Context): readonly string[] {
  const before = routePath(c).split('/').length - 1
  return new URL(c.req.url).pathname.split('/').slice(before).map(decode)
}

function decode(segment: string): string {
  try {
    return decodeURIComponent(segment)
  } catch {
    throw new ContractError(`Expected the path to be percent-encoded UTF-8, got ${segment}`)
  }
}
