import { ContractError, parseBody } from '../contract.ts'
import type { FaultyContext } from '../faults/fault-rule.ts'
import type { Place } from '../s3.ts'
import type { Lifetime } from '../whole-objects.ts'
import type { Accounts } from './accounts.ts'
import type { FileRecords } from './file-records.ts'
import type { Settings } from './settings.ts'

/** What the endpoints share. */
export type BkendContext = {
  readonly place: Place
  readonly apiKey: string
  /** Seconds. */
  readonly urlLifetime: number
  readonly accounts: Accounts
  readonly files: FileRecords
  settings: Settings
}

/** Every POST or PATCH with a body has to say that it is JSON. */
export async function bodyOf(c: FaultyContext): Promise<unknown> {
  const type = c.req.header('content-type')
  if (/^application\/json(;|$)/i.test(type ?? '')) return parseBody(await c.req.text())
  throw new ContractError(`Expected the header Content-Type: application/json, got ${type ?? 'none'}`)
}

/** @param status Does not change the body. */
export function answer(
  c: FaultyContext,
  { settings }: BkendContext,
  value: object,
  status: 200 | 201 = 200,
): Response {
  return c.json(settings.answers === 'wrapped' ? { success: true, data: value } : value, status)
}

export function lifetime(c: FaultyContext, { urlLifetime }: BkendContext): Lifetime {
  return { seconds: urlLifetime, over: c.get('fault') === 'expired-url' }
}
