/** The hashing worker that is enough for nearly every upload. */
import { makers } from './common-digests.ts'
import { serve } from './serve.ts'

serve(makers)
