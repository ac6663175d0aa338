/**
 * The limit: nothing but requests. One start, one call for all URLs, PUTs in a loop, one complete. A part that fails is
 * sent again after a short wait, which anybody would add.
 */
import type { Settings, Uploaded } from './contender.ts'
import { inParallel } from './in-parallel.ts'
import { post } from './post.ts'

/** Rejects if no answer came. */
export type Put = (url: string, body: Blob) => Promise<PutAnswer>

export type PutAnswer = { readonly status: number; readonly etag: string | null }

type Started = { readonly key: string; readonly uploadId: string; readonly partSize: number }
type Urls = { readonly urls: Readonly<Record<string, string>> }

/** Milliseconds between two attempts. */
const pause = 200
const attempts = 20

/** Many files are small ones, so then the files are sent in parallel. */
export async function bareLoop(files: readonly File[], settings: Settings, put: Put): Promise<Uploaded> {
  const width = settings.width ?? 1
  const [filesAtOnce, partsAtOnce] = files.length > 1 ? [width, 1] : [1, width]
  const upload = (file: File): Promise<string> => uploadFile(file, { settings, put, width: partsAtOnce })
  return { keys: await inParallel(files, filesAtOnce, upload) }
}

type Loop = { readonly settings: Settings; readonly put: Put; readonly width: number }

async function uploadFile(file: File, { settings, put, width }: Loop): Promise<string> {
  const { api, urlsExpire } = settings
  const named = { fileName: file.name, fileHash: 'none', fileSize: file.size }
  const { key, uploadId, partSize } = (await post(`${api}/start-upload`, named)) as Started
  const sign = async (parts: readonly number[]): Promise<Urls['urls']> =>
    ((await post(`${api}/get-upload-urls`, { key, uploadId, parts })) as Urls).urls
  const parts = Array.from({ length: Math.ceil(file.size / partSize) }, (_, index) => index + 1)
  // URLs that expire soon are fetched just before they are used.
  const urls = urlsExpire ? {} : await sign(parts)

  const etags = await inParallel(parts, width, (number) => {
    const body = file.slice((number - 1) * partSize, number * partSize)
    const signed = async (): Promise<string> => (await sign([number]))[number] ?? ''
    return send(body, urls[number], signed, put)
  })

  const receipts = parts.map((number, index) => ({ PartNumber: number, ETag: etags[index] }))
  await post(`${api}/complete/${uploadId}/${key}`, { parts: receipts })
  return key
}

/** @param sign Called if there is no URL, or if the URL is refused. @returns The ETag, without quotes. */
async function send(
  body: Blob,
  known: string | undefined,
  sign: () => Promise<string>,
  put: Put,
): Promise<string> {
  let url = known
  for (let attempt = 1; ; attempt++) {
    url ??= await sign()
    const { status, etag } = await put(url, body).catch(() => ({ status: 0, etag: null }))
    if (status === 200 && etag !== null) return etag.replaceAll('"', '')
    if (attempt >= attempts) throw new Error(`a part was answered with ${status}`)
    if (status === 403) url = undefined
    else await new Promise((resolve) => setTimeout(resolve, pause))
  }
}
