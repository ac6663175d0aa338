/** longhaul with one PUT for a small file, using the backend of docs/examples: two requests, like Uppy's. */
import { onePut } from '../../../docs/examples/one-put.ts'
import type { Contender } from '../contender.ts'
import { uploadThrough } from '../with-longhaul.ts'

export const upload: Contender = (files, settings) =>
  uploadThrough(onePut({ baseUrl: `${settings.api}/peers` }), files, settings)
