/** longhaul with one PUT for a small file, by the backend of docs/examples: two requests, as Uppy makes them. */
import { onePut } from '../../../docs/examples/one-put.ts'
import type { Contender } from '../contender.ts'
import { uploadThrough } from '../with-longhaul.ts'

export const upload: Contender = (files, settings) =>
  uploadThrough(onePut({ baseUrl: `${settings.api}/peers` }), files, settings)
