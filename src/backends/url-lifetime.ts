/**
 * How long a signed URL can be used, in milliseconds: a SigV4 URL says so itself (Amazon S3 API, "Authenticating requests:
 * using query parameters"); `undefined` where it does not.
 */
export function urlLifetime(url: string): number | undefined {
  const seconds = Number(/[?&]X-Amz-Expires=(\d+)/.exec(url)?.[1])
  return seconds > 0 ? seconds * 1000 : undefined
}
