import type { BackendLimits } from '../ports.ts'

const mebibyte = 1024 * 1024

/**
 * What S3 allows (Amazon S3 User Guide, "Multipart upload limits"): parts of 5 MiB to 5 GiB, the last one any size,
 * and 10,000 of them.
 */
export const s3Limits: BackendLimits = {
  minPartSize: 5 * mebibyte,
  maxPartSize: 5 * 1024 * mebibyte,
  maxParts: 10_000,
  maxBatch: 1_000,
}
