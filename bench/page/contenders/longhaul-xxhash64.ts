/** longhaul with this backend's defaults: the file is read for its digest before the first byte is sent. */
import type { Contender } from '../contender.ts'
import { uploadWithLonghaul } from '../with-longhaul.ts'

export const upload: Contender = (files, settings) => uploadWithLonghaul(files, settings, {})
