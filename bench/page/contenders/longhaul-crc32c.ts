/** longhaul with a CRC32C of each part, combined into that of the whole file. */
import type { Contender } from '../contender.ts'
import { uploadWithLonghaul } from '../with-longhaul.ts'

export const upload: Contender = (files, settings) =>
  uploadWithLonghaul(files, settings, { fileHash: async () => 'none' }, { checksum: 'crc32c' })
