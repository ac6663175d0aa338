import type { PartTarget } from '../ports.ts'
import { validFor } from './signed-url.ts'

/**
 * The target of a part at a presigned URL: a PUT with these headers and no others.
 *
 * How long it can be used is read out of the URL where that says so, as those of S3's and Google's signature version 4 do;
 * else it is unknown, and the target is signed again when the storage refuses it.
 *
 * @example
 * ```ts
 * presignedTarget(1, 'https://bucket.example/key?partNumber=1&X-Amz-Expires=900&…')
 * ```
 */
export function presignedTarget(
  number: number,
  url: string,
  headers: Readonly<Record<string, string>> = {},
): PartTarget {
  return { number, url, method: 'PUT', headers, validFor: validFor(url) }
}
