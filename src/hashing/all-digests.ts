/** Every digest there is. dist/worker-all.js carries them, and is loaded when an uncommon one is asked for. */
import {
  createBLAKE3,
  createSHA1,
  createSHA256,
  createXXHash3,
  createXXHash32,
  createXXHash128,
} from 'hash-wasm'
import { makers as common } from './common-digests.ts'
import type { Makers } from './digest.ts'

export const makers: Makers = {
  ...common,
  blake3: () => createBLAKE3(),
  sha1: createSHA1,
  sha256: createSHA256,
  xxhash128: createXXHash128,
  xxhash3: createXXHash3,
  xxhash32: createXXHash32,
}
