import { randomUUID } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  HeadObjectCommand,
  ListPartsCommand,
  S3Client,
  S3ServiceException,
  UploadPartCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'

/** Where the routes are mounted: the page's `baseUrl` and a slash. */
const mount = '/api/uploads/'
export const Bucket = process.env['S3_BUCKET'] ?? 'uploads'
const mebibyte = 1024 ** 2
const maxFileSize = 100 * 1024 * mebibyte
/** Bytes of a request body: the list of ten thousand parts takes a third of it. */
const maxBody = 2 * mebibyte

/** Region and keys come from the SDK's usual sources: AWS_REGION, AWS_ACCESS_KEY_ID, profiles, roles. */
export const s3 = new S3Client({
  // Otherwise newer SDKs sign the checksum of an empty body into the URLs of parts.
  requestChecksumCalculation: 'WHEN_REQUIRED',
  // Most stores other than AWS want the bucket in the path.
  forcePathStyle: 'AWS_ENDPOINT_URL_S3' in process.env,
})

/** Replace this with your own session: return the user as your application knows them, `undefined` if nobody is signed in. */
async function userOf(request: Request): Promise<string | undefined> {
  const token = process.env['UPLOAD_TOKEN']
  return token && request.headers.get('authorization') === `Bearer ${token}` ? 'somebody' : undefined
}

/** Answers all routes of the presigned contract. */
export function uploads(request: Request): Promise<Response> {
  return answered(request, answer)
}

/** @param routes Answers the routes: those of the presigned contract, or others. */
export async function answered(request: Request, routes: typeof answer): Promise<Response> {
  try {
    const user = await userOf(request)
    if (user === undefined) throw new Refusal(401, 'Expected a user who is signed in')
    // A form on another site cannot send this type, so it cannot use your session cookie.
    if (!request.headers.get('content-type')?.startsWith('application/json'))
      throw new Refusal(415, 'Expected application/json')
    const own = `uploads/${Buffer.from(user).toString('base64url')}/`
    // With `trailingSlash`, Next puts a slash at the end.
    const path = new URL(request.url).pathname.slice(mount.length).replace(/\/$/, '')
    const [route = '', ...names] = path.split('/')
    return Response.json(
      await routes(route, names.map(decodeURIComponent), fields(await bodyOf(request)), own),
    )
  } catch (error) {
    return failure(error)
  }
}

/** Not `request.json()`, which reads a body of any size into memory. */
async function bodyOf(request: Request): Promise<unknown> {
  const chunks: Uint8Array[] = []
  let size = 0
  const write = (chunk: Uint8Array): void => {
    size += chunk.length
    if (size > maxBody) throw new Refusal(413, `Expected a body of at most ${maxBody} bytes`)
    chunks.push(chunk)
  }
  await request.body?.pipeTo(new WritableStream<Uint8Array>({ write }))
  return JSON.parse(Buffer.concat(chunks).toString())
}

export type Fields = Readonly<Record<string, unknown>>
type Upload = { readonly Bucket: string; readonly Key: string; readonly UploadId: string }

/** @param own The prefix of this user's keys: nobody reaches another user's objects. */
export async function answer(
  route: string,
  [UploadId, ...key]: readonly string[],
  body: Fields,
  own: string,
): Promise<unknown> {
  if (route === 'start-upload') return start(body, own)
  if (route === 'get-upload-urls') return sign(uploadOf(body['key'], body['uploadId'], own), body)
  const upload = uploadOf(key.join('/'), UploadId, own)
  if (route === 'complete') return complete(upload, body)
  if (route === 'list-parts') return listParts(upload, body)
  if (route === 'status') return { state: await stateOf(upload) }
  if (route === 'abort') return abort(upload)
  throw new Refusal(404, `No route ${route}`)
}

async function start({ fileName, fileSize }: Fields, own: string): Promise<unknown> {
  const ContentDisposition = disposition(fileName)
  const size = whole('fileSize', fileSize, 0)
  if (size > maxFileSize) throw tooLarge(size)
  // The key does not contain the file's name.
  const Key = own + randomUUID()
  const { UploadId = '' } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ContentDisposition }),
  )
  const partSize = Math.max(8, Math.ceil(size / 10_000 / mebibyte)) * mebibyte
  // Sign the first part at once: a file of one part then takes one call less.
  const { urls } = await sign({ Bucket, Key, UploadId }, { parts: [1] })
  return { key: Key, uploadId: UploadId, partSize, urls }
}

async function sign(upload: Upload, { parts }: Fields): Promise<{ readonly urls: Fields }> {
  // longhaul asks for at most a hundred at once. Each signature costs this server most of a millisecond.
  const numbers = list('parts', parts, 100).map((number) => whole('parts', number, 1))
  const urls = numbers.map(async (PartNumber) => {
    const put = new UploadPartCommand({ ...upload, PartNumber })
    return [PartNumber, await getSignedUrl(s3, put, { expiresIn: 900 })] as const
  })
  return { urls: Object.fromEntries(await Promise.all(urls)) }
}

async function complete(upload: Upload, { parts }: Fields): Promise<unknown> {
  const Parts = list('parts', parts, 10_000)
    .map(fields)
    .map((part) => ({
      PartNumber: whole('PartNumber', part['PartNumber'], 1),
      ETag: text('ETag', part['ETag']),
    }))
  const { Key } = upload
  await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }))
  // `fileSize` was only a claim: a part's URL accepts up to 5 GiB.
  const { ContentLength: size = 0 } = await s3.send(new HeadObjectCommand({ Bucket, Key }))
  if (size <= maxFileSize) return { key: Key }
  await s3.send(new DeleteObjectCommand({ Bucket, Key }))
  throw tooLarge(size)
}

async function listParts(upload: Upload, { after }: Fields): Promise<unknown> {
  const PartNumberMarker = String(whole('after', after, 0))
  const page = await s3.send(new ListPartsCommand({ ...upload, PartNumberMarker }))
  const parts = (page.Parts ?? []).map(({ PartNumber, Size, ETag }) => ({ PartNumber, Size, ETag }))
  return { parts, next: page.IsTruncated ? Number(page.NextPartNumberMarker) : null }
}

/** No two uploads have the same key, so an object with that key belongs to this upload. */
async function stateOf(upload: Upload): Promise<'completed' | 'open' | 'gone'> {
  const { Key } = upload
  if (await isThere(s3.send(new HeadObjectCommand({ Bucket, Key })))) return 'completed'
  return (await isThere(s3.send(new ListPartsCommand(upload)))) ? 'open' : 'gone'
}

async function abort(upload: Upload): Promise<unknown> {
  await s3.send(new AbortMultipartUploadCommand(upload))
  return {}
}

function uploadOf(key: unknown, uploadId: unknown, own: string): Upload {
  const Key = text('key', key)
  // Some stores treat keys as paths: dots would lead them to another user's objects.
  if (!Key.startsWith(own) || /\/\.\.?(\/|$)/.test(Key)) throw new Refusal(404, 'No such upload')
  return { Bucket, Key, UploadId: text('uploadId', uploadId) }
}

async function isThere(asked: Promise<unknown>): Promise<boolean> {
  try {
    await asked
    return true
  } catch (error) {
    if (error instanceof S3ServiceException && error.$metadata.httpStatusCode === 404) return false
    throw error
  }
}

export class Refusal extends Error {
  readonly status: number

  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

function tooLarge(size: number): Refusal {
  return new Refusal(413, `Expected at most ${maxFileSize} bytes, got ${size}`)
}

/** Passes S3's status on to the page: 404 for an upload that is gone, 503 for SlowDown. */
function failure(error: unknown): Response {
  if (error instanceof Refusal) return Response.json({ message: error.message }, { status: error.status })
  if (error instanceof SyntaxError || error instanceof URIError)
    return Response.json({ message: error.message }, { status: 400 })
  console.error(error)
  if (!(error instanceof S3ServiceException)) return Response.json({ message: 'Failed' }, { status: 500 })
  const { httpStatusCode: said = 502 } = error.$metadata
  // 401 and 403 concern this server's keys, not the user, and S3's message names their account and role.
  if (said === 401 || said === 403) return Response.json({ message: 'The storage refuses' }, { status: 502 })
  // An error inside a 200 is still an error.
  return Response.json({ code: error.name, message: error.message }, { status: said < 400 ? 502 : said })
}

function fields(value: unknown): Fields {
  if (typeof value === 'object' && value !== null) return { ...value }
  throw new Refusal(400, 'Expected an object')
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '' && value.length <= 1024) return value
  throw new Refusal(400, `Expected ${name} to be a text of 1 to 1024 characters`)
}

export function whole(name: string, value: unknown, least: number): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= least) return value
  throw new Refusal(400, `Expected ${name} to be a whole number >= ${least}`)
}

function list(name: string, value: unknown, most: number): readonly unknown[] {
  if (Array.isArray(value) && value.length > 0 && value.length <= most) return value
  throw new Refusal(400, `Expected ${name} to be a list of 1 to ${most}`)
}

/** Makes a browser save the object under its name instead of showing it (RFC 8187, section 3.2.1). */
export function disposition(fileName: unknown): string {
  // S3 allows 2 KB for such a header.
  const name = [...text('fileName', fileName)].slice(0, 150).join('')
  const inHex = (character: string): string => `%${character.charCodeAt(0).toString(16)}`
  return `attachment; filename*=UTF-8''${encodeURIComponent(name).replace(/['()*]/g, inHex)}`
}
