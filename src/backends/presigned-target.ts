import type { PartTarget } from '../ports.ts'

/**
 * The target of a part at a presigned URL: a PUT with these headers and no others.
 *
 * How long it can be used is read out of a URL with Signature Version 4 (Amazon S3 API, "Authenticating requests: using
 * query parameters"); for any other it is unknown, and it is signed again when the storage refuses it.
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
  const seconds = Number(/[?&]X-Amz-Expires=(\d+)/.exec(url)?.[1])
  return { number, url, method: 'PUT', headers, validFor: seconds > 0 ? seconds * 1000 : undefined }
}
