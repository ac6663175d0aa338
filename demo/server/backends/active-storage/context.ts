import type { FaultyContext } from '../faults/fault-rule.ts'
import type { ApiKeys, Sessions } from './credentials.ts'
import type { Desk } from './direct-upload.ts'
import { type FailureCode, UploadFailure } from './failures.ts'
import type { Settings } from './settings.ts'

/** What the endpoints share. */
export type ActiveStorageContext = Desk & {
  readonly apiKeys: ApiKeys
  readonly sessions: Sessions
  /** The path of the Rails endpoint. */
  readonly path: string
  settings: Settings
}

export function requireJson(c: FaultyContext, code: FailureCode): void {
  const type = c.req.header('content-type')
  if (/^application\/json(;|$)/i.test(type ?? '')) return
  const message = `Expected the header Content-Type: application/json, got ${type ?? 'none'}`
  throw new UploadFailure(code, message, ['header', 'content-type'])
}
