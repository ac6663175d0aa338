import { randomBytes } from 'node:crypto'
import type { FragnoSettings } from '../../../demo/server/backends/fragno/settings.ts'
import type { ReferenceClient } from '../reference/reference-client.ts'
import { putTo } from '../reference/reference-client.ts'
import type { Rig } from '../reference/rig.ts'

export type GetRig = () => Rig<FragnoSettings>

export const mebibyte = 1024 * 1024

export type Created = {
  readonly uploadId: string
  readonly fileKey: string
  readonly strategy: string
  readonly upload: {
    readonly uploadUrl?: string
    readonly uploadHeaders?: Readonly<Record<string, string>>
    readonly partSizeBytes?: number
    readonly statusEndpoint: string
    readonly progressEndpoint: string
    readonly completeEndpoint: string
    readonly abortEndpoint: string
    readonly partsEndpoint: string
    readonly partsCompleteEndpoint: string
    readonly contentEndpoint: string
  }
}

/** A client's description of a file. */
export function details(overrides: object = {}): Readonly<Record<string, unknown>> {
  const fileKey = `tests/${randomBytes(6).toString('hex')}.bin`
  return { fileKey, filename: 'a.bin', sizeBytes: 3, contentType: 'text/plain', ...overrides }
}

export function create(client: ReferenceClient, overrides: object = {}): Promise<Created> {
  return client.done<Created>('POST /uploads', { body: details(overrides) })
}

/** A multipart upload of 11 MiB, in parts of 5, 5 and 1 MiB. */
export async function createMultipart({ client, control }: ReturnType<GetRig>): Promise<Created> {
  control.settings.change({ strategy: 'direct-multipart', partSize: 5 * mebibyte })
  return create(client, { sizeBytes: 11 * mebibyte })
}

export const multipartSizes = [5 * mebibyte, 5 * mebibyte, mebibyte]

export type SentPart = { readonly partNumber: number; readonly etag: string }

/** Puts every part of such an upload. */
export async function putParts(
  client: ReferenceClient,
  { upload }: Created,
  bytes: Uint8Array = Buffer.alloc(11 * mebibyte),
): Promise<readonly SentPart[]> {
  const body = { partNumbers: multipartSizes.map((_, index) => index + 1) }
  type Signed = { parts: { partNumber: number; url: string }[] }
  const { parts } = await client.done<Signed>(`POST ${upload.partsEndpoint}`, { body })
  return Promise.all(
    parts.map(async ({ partNumber, url }) => {
      const offset = (partNumber - 1) * 5 * mebibyte
      return { partNumber, etag: await putTo(url, bytes.subarray(offset, offset + 5 * mebibyte)) }
    }),
  )
}

export type FragnoFile = { readonly fileKey: string; readonly provider: string }

/** A file with these bytes, sent in one request. */
export async function storeFile(
  client: ReferenceClient,
  bytes: Uint8Array = Buffer.from('abc'),
  overrides: object = {},
): Promise<FragnoFile> {
  const { upload } = await create(client, { sizeBytes: bytes.length, ...overrides })
  await putTo(upload.uploadUrl ?? '', bytes, upload.uploadHeaders)
  return client.done<FragnoFile>(`POST ${upload.completeEndpoint}`, { body: {} })
}

export function byKey({ fileKey }: { readonly fileKey: string }, rest = ''): string {
  return `/files/by-key${rest}?provider=s3&key=${encodeURIComponent(fileKey)}`
}

/** The stored bytes under a file's key, as the server sends them. */
export async function contentOf({ client }: ReturnType<GetRig>, file: { fileKey: string }): Promise<Buffer> {
  const response = await fetch(client.base + byKey(file, '/content'), {
    headers: { authorization: `Bearer ${client.token}` },
  })
  return Buffer.from(await response.arrayBuffer())
}

export function hasStatus(status: number, code: string): object {
  return { status, body: { code } }
}
