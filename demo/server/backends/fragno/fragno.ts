/**
 * A server for the contract of Fragno's upload fragment, written from its document: uploads in one request, in parts or
 * through the server, and the files that result. Where the document is silent, it does what the fragment's releases do.
 */
import { Control } from '../reference/control.ts'
import { type ReferenceBackend, referenceBackend } from '../reference/reference-backend.ts'
import type { Place } from '../s3.ts'
import { Catalog } from './catalog.ts'
import { fragnoCodes, fragnoErrors } from './errors.ts'
import { fileRoutes } from './file-routes.ts'
import { type FragnoSettings, fragnoSettings } from './settings.ts'
import { uploadRoutes } from './upload-routes.ts'

export type FragnoBackendOptions = Place & { readonly settings?: Partial<FragnoSettings> }

export function fragnoBackend({
  s3,
  bucket,
  ...options
}: FragnoBackendOptions): ReferenceBackend<FragnoSettings> {
  const settings = fragnoSettings(options.settings)
  const catalog = new Catalog()
  const context = { place: { s3, bucket }, catalog, settings }
  const endpoints = [...uploadRoutes(context), ...fileRoutes(context)]
  const control = new Control({
    endpoints: endpoints.map(({ route }) => route),
    codes: fragnoCodes,
    settings,
    expireSessions: () => catalog.expireAll(),
  })
  return referenceBackend(control, endpoints, fragnoErrors)
}
