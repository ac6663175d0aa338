import { randomUUID } from 'node:crypto'
import { PutObjectCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { answer, answered, Bucket, disposition, type Fields, Refusal, s3, whole } from './server-uploads.ts'

/** Files of up to this many bytes go in one PUT. S3 takes 5 GiB, but a PUT that is cut starts over. */
const limit = 16 * 1024 ** 2
/** For this many milliseconds after a key was made, its user can get another URL for it. */
const lifetime = 3_600_000

/** Answers all routes of the presigned contract, and `start-put`. */
export function uploadsInOnePut(request: Request): Promise<Response> {
  return answered(request, async (route, names, body, own) =>
    route === 'start-put' ? startPut(body, own) : answer(route, names, body, own),
  )
}

/** A URL for exactly this size and type, stored so that browsers save the file instead of showing it. */
async function startPut({ key, fileName, fileSize, fileType }: Fields, own: string): Promise<unknown> {
  const ContentLength = whole('fileSize', fileSize, 0)
  if (key !== undefined && (ContentLength > limit || !isYoung(key, own))) throw new Refusal(410, 'Begin anew')
  if (ContentLength > limit) throw new Refusal(413, `Expected at most ${limit} bytes, got ${ContentLength}`)
  const Key = String(key ?? `${own}${Date.now()}-${randomUUID()}`)
  const ContentDisposition = disposition(fileName)
  const ContentType = /^[\w.+-]+\/[\w.+-]+/.exec(String(fileType))?.[0] ?? 'application/octet-stream'
  const put = new PutObjectCommand({ Bucket, Key, ContentLength, ContentType, ContentDisposition })
  // Otherwise the presigner does not sign the type.
  const signableHeaders = new Set(['content-type'])
  const url = await getSignedUrl(s3, put, { expiresIn: 900, signableHeaders })
  const headers = { 'content-type': ContentType, 'content-disposition': ContentDisposition }
  return { key: Key, url, headers }
}

/** A key contains the time at which it was made, so nobody gets a URL to overwrite an old file. */
function isYoung(key: unknown, own: string): boolean {
  const text = String(key)
  const [, since] = /^(\d+)-[\w-]+$/.exec(text.slice(own.length)) ?? []
  return text.startsWith(own) && Number(since) > Date.now() - lifetime
}
