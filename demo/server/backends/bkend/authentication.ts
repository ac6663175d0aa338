import type { FaultyContext } from '../faults/fault-rule.ts'
import type { Accounts } from './accounts.ts'
import { BkendFailure } from './failures.ts'

/** Both headers are required, and the document has one code for a mistake in either. */
export function ownerOf(c: FaultyContext, apiKey: string, accounts: Accounts): string {
  requireApiKey(c, apiKey)
  const [, token = ''] = /^Bearer (\S+)$/.exec(c.req.header('authorization') ?? '') ?? []
  if (token === '') throw unauthenticated('Expected the header Authorization: Bearer {accessToken}')
  const owner = accounts.ownerOf(token)
  if (owner !== undefined) return owner
  throw unauthenticated('The access token is unknown or has expired')
}

export function requireApiKey(c: FaultyContext, apiKey: string): void {
  const key = c.req.header('x-api-key')
  if (key === undefined) throw unauthenticated('Expected the header X-API-Key, got none')
  if (key.startsWith('sk_'))
    throw unauthenticated('Expected a publishable key in X-API-Key, got a secret one')
  if (key !== apiKey) throw unauthenticated('Expected the publishable key of this project in X-API-Key')
}

export function unauthenticated(message: string): BkendFailure {
  return new BkendFailure('common/authentication-required', message)
}
