/** The hashing worker that nearly every upload is content with. */
import { makers } from './common-digests.ts'
import { serve } from './serve.ts'

serve(makers)
