import type { BackendLimits } from '../ports.ts'

const mebibyte = 1024 * 1024

/**
 * The limits of S3 (Amazon S3 User Guide, "Multipart upload limits"): 10,000 parts of 5 MiB to 5 GiB, of which the last may
 * be smaller.
 */
export const s3Limits: BackendLimits = {
  minPartSize: 5 * mebibyte,
  maxPartSize: 5 * 1024 * mebibyte,
  maxParts: 10_000,
  maxBatch: 1_000,
}
