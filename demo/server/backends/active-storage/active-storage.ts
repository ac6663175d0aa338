/**
 * A server for direct uploads like Active Storage's: first a record, then one PUT to the storage with the headers that
 * come with the record. It is reachable at two places, where Rails has it and where a vendor's API has it. The controls
 * are beside them.
 */
import type { S3Client } from '@aws-sdk/client-s3'
import { Hono } from 'hono'
import { control } from '../faults/control.ts'
import { Endpoints } from '../faults/endpoints.ts'
import type { FaultyEnv } from '../faults/fault-rule.ts'
import { Blobs } from './blobs.ts'
import type { ActiveStorageContext } from './context.ts'
import { ApiKeys, Sessions } from './credentials.ts'
import { codes, failureOf } from './failures.ts'
import { railsApplication } from './rails.ts'
import { defaults, readSettings, type Settings } from './settings.ts'
import { vendorApi } from './vendor.ts'

export type ActiveStorageOptions = Partial<Settings> & {
  readonly s3: S3Client
  readonly bucket: string
  /** The path of the Rails endpoint. @default /rails/active_storage/direct_uploads */
  readonly path?: string
  /** Seconds for which a signed URL is valid. @default 300, as in Rails */
  readonly urlLifetime?: number
}

export function activeStorageBackend(options: ActiveStorageOptions): Hono<FaultyEnv> {
  const context = contextOf(options)
  const endpoints = new Endpoints(codes, failureOf)
  const app = new Hono<FaultyEnv>()
  app.route(
    '/_control',
    control(endpoints, {
      change: (body) => {
        context.settings = readSettings(body, context.settings)
        return context.settings
      },
      actions: {
        'expire-keys': () => context.apiKeys.expire(),
        'expire-sessions': () => context.sessions.expire(),
      },
    }),
  )
  app.route('/', vendorApi(context, endpoints))
  app.route('/', railsApplication(context, endpoints))
  return app
}

function contextOf(options: ActiveStorageOptions): ActiveStorageContext {
  const { s3, bucket, path, urlLifetime = 300, ...settings } = options
  return {
    place: { s3, bucket },
    blobs: new Blobs(),
    apiKeys: new ApiKeys(),
    sessions: new Sessions(),
    path: path ?? '/rails/active_storage/direct_uploads',
    urlLifetime,
    settings: { ...defaults, ...settings },
  }
}
