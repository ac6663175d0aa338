/** The limit: nothing but requests. One start, one call for all URLs, fetch in a loop, one complete. */
import type { Contender } from '../contender.ts'

type Started = { readonly key: string; readonly uploadId: string; readonly partSize: number }
type Urls = { readonly urls: Readonly<Record<string, string>> }

export const upload: Contender = async (file, { api, width }) => {
  const named = { fileName: file.name, fileHash: 'none', fileSize: file.size }
  const { key, uploadId, partSize } = (await post(`${api}/start-upload`, named)) as Started
  const parts = Array.from({ length: Math.ceil(file.size / partSize) }, (_, index) => index + 1)
  const { urls } = (await post(`${api}/get-upload-urls`, { key, uploadId, parts })) as Urls
  const etags = new Map<number, string>()

  const waiting = parts.values()
  const worker = async (): Promise<void> => {
    for (const number of waiting) {
      const body = file.slice((number - 1) * partSize, number * partSize)
      etags.set(number, await put(urls[number] ?? '', body))
    }
  }
  await Promise.all(Array.from({ length: width }, worker))

  const receipts = parts.map((number) => ({ PartNumber: number, ETag: etags.get(number) }))
  await post(`${api}/complete/${uploadId}/${key}`, { parts: receipts })
  return { key, hashMs: 0 }
}

async function put(url: string, body: Blob): Promise<string> {
  const response = await fetch(url, { method: 'PUT', body })
  const etag = response.headers.get('etag')
  if (!response.ok || etag === null) throw new Error(`a part was answered with ${response.status}`)
  return etag.replaceAll('"', '')
}

async function post(url: string, body: unknown): Promise<unknown> {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(url, { method: 'POST', headers, body: JSON.stringify(body) })
  if (!response.ok) throw new Error(`${url} was answered with ${response.status}`)
  return response.json()
}
