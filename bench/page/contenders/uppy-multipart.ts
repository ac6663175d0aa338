/** Uppy with multipart uploads for all files, however small: the same protocol as longhaul's. */
import type { Contender } from '../contender.ts'
import { uploadWithUppy } from '../with-uppy.ts'

export const upload: Contender = (files, settings) =>
  uploadWithUppy(files, settings, { shouldUseMultipart: true })
