/**
 * The lifetime of a signed URL in milliseconds from its signing. `undefined` if the URL does not tell it. SigV4 URLs do
 * (Amazon S3 API, "Authenticating requests: using query parameters"), and Google's V4 URLs do too.
 */
export function validFor(url: string): number | undefined {
  const seconds = Number(/[?&]X-(?:Amz|Goog)-Expires=(\d+)/i.exec(url)?.[1])
  return seconds > 0 ? seconds * 1000 : undefined
}
