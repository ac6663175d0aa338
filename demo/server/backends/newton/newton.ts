/**
 * A server for the contract of Archetype AI's Newton Files API, direct to the cloud, written from its document. The
 * server cuts the file, and remembers the parts it is told of. Where the document leaves something open, a comment says
 * how it is decided.
 */
import { Control } from '../reference/control.ts'
import { type ReferenceBackend, referenceBackend } from '../reference/reference-backend.ts'
import type { Place } from '../s3.ts'
import { Catalog } from './catalog.ts'
import { newtonCodes, newtonErrors } from './errors.ts'
import { newtonRoutes } from './routes.ts'
import { type NewtonSettings, newtonSettings } from './settings.ts'

export type NewtonBackendOptions = Place & { readonly settings?: Partial<NewtonSettings> }

export function newtonBackend({
  s3,
  bucket,
  ...options
}: NewtonBackendOptions): ReferenceBackend<NewtonSettings> {
  const settings = newtonSettings(options.settings)
  const catalog = new Catalog()
  const endpoints = newtonRoutes({ place: { s3, bucket }, catalog, settings })
  const control = new Control({
    endpoints: endpoints.map(({ route }) => route),
    codes: newtonCodes,
    settings,
    // The document has no expiry. A server that has lost its uploads answers in the same way.
    expireSessions: () => catalog.removeAll(),
  })
  return referenceBackend(control, endpoints, newtonErrors({ settings }))
}
