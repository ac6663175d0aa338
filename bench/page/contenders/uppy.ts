/** Uppy with its defaults: files of 100 MiB or less in a single PUT. */
import type { Contender } from '../contender.ts'
import { uploadWithUppy } from '../with-uppy.ts'

export const upload: Contender = (files, settings) => uploadWithUppy(files, settings, {})
