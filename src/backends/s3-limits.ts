import type { BackendLimits } from '../ports.ts'
import type { Answer } from './answer.ts'

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

/** @param size Bytes of the file, which has to fit. */
export function readPartSize(answer: Answer, field: string, size: number): number {
  const { maxParts } = s3Limits
  const partSize = answer.size(field)
  const least = Math.ceil(size / maxParts)
  if (partSize >= least) return partSize
  return answer.refuse(field, `at least ${least}, so that ${size} bytes fit in ${maxParts} parts`)
}
