import type { PartTarget } from '../ports.ts'
import { validFor } from './signed-url.ts'

/**
 * Makes the target of a part from its presigned URL: a PUT with these headers and no others.
 *
 * Its lifetime is read from the URL if it has `X-Amz-Expires` or `X-Goog-Expires`, as signatures of version 4 of S3 and
 * Google do. Otherwise it is unknown, and the target is signed again when the storage refuses it.
 *
 * @param number The part's number.
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
