import type { Settings } from '../reference/settings.ts'
import type { Place } from '../s3.ts'
import type { Catalog } from './catalog.ts'
import type { FragnoSettings } from './settings.ts'

/** What the routes share. */
export type FragnoContext = {
  readonly place: Place
  readonly catalog: Catalog
  readonly settings: Settings<FragnoSettings>
}
