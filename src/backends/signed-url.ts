/**
 * For how many milliseconds from its signing a URL can be used; `undefined` where it does not say. A SigV4 URL says so
 * itself (Amazon S3 API, "Authenticating requests: using query parameters"), and one of Google's V4 does alike.
 */
export function validFor(url: string): number | undefined {
  const seconds = Number(/[?&]X-(?:Amz|Goog)-Expires=(\d+)/i.exec(url)?.[1])
  return seconds > 0 ? seconds * 1000 : undefined
}
