/** The hashing worker that knows every algorithm. */
import { makers } from './all-digests.ts'
import { serve } from './serve.ts'

serve(makers)
