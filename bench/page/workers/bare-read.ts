/** Reads with the same code and slices as the hashing worker, but digests nothing. Digesting is compared with this. */
import { serve } from '../../../src/hashing/serve.ts'

serve({ crc32: async () => ({ update: () => {}, digest: () => '' }) })
