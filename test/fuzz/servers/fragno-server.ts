import { isDeepStrictEqual } from 'node:util'
import { fragno } from '../../../src/backends/fragno.ts'
import type { ApiResponse, Backend, Json } from '../../../src/ports.ts'
import {
  base,
  type Fields,
  failing,
  type ModelServer,
  type Route,
  receiptsIn,
  routed,
  saying,
  token,
} from './model-server.ts'
import type { ModelStorage } from './storage.ts'

type Upload = {
  readonly id: string
  readonly asked: Fields
  readonly expiresAt: number
  status: string
  readonly recorded: Map<number, Json>
}
type Strategy = 'direct-single' | 'direct-multipart' | 'proxy'

const common = ['status', 'progress', 'complete', 'abort']
const verbs: Readonly<Record<Strategy, readonly string[]>> = {
  'direct-single': common,
  'direct-multipart': [...common, 'parts', 'partsComplete'],
  proxy: [...common, 'content'],
}

export function fragnoServer(strategy: Strategy): ModelServer {
  const uploads = new Map<string, Upload>()

  const describe = (upload: Upload, storage: ModelStorage): Json => {
    const paths = verbs[strategy].map((verb) => [`${verb}Endpoint`, `/uploads/${upload.id}/${verb}`])
    return {
      uploadId: upload.id,
      fileKey: upload.asked['fileKey'] ?? null,
      provider: 's3',
      status: upload.status,
      strategy,
      expiresAt: new Date(upload.expiresAt).toISOString(),
      upload: {
        ...Object.fromEntries(paths),
        ...(strategy === 'direct-multipart' && { partSizeBytes: 4 }),
        ...(strategy === 'direct-single' && {
          uploadUrl: storage.url(upload.id, 1),
          uploadHeaders: { 'content-type': 'text/plain' },
        }),
      },
    }
  }
  const fileOf = ({ asked }: Upload): Json => ({ ...asked, provider: 's3', status: 'ready', createdAt: null })
  const at = (verb: string): RegExp => new RegExp(`^/uploads/([^/]+)/${verb}$`)
  const knowing =
    (answer: (upload: Upload, fields: Fields, storage: ModelStorage) => ApiResponse): Route[2] =>
    (fields, [, id = ''], storage) => {
      const upload = uploads.get(id)
      return upload === undefined ? failing(404, 'UPLOAD_NOT_FOUND') : answer(upload, fields, storage)
    }
  /** The proxy completes by itself. */
  const settled = (upload: Upload, storage: ModelStorage): Upload => {
    const { id } = upload
    const etag = storage.parts(id).get(1)?.etag
    if (strategy === 'proxy' && etag !== undefined && storage.complete(id, [{ number: 1, etag }]))
      upload.status = 'completed'
    return upload
  }
  const isActive = ({ status, expiresAt }: Upload): boolean =>
    (status === 'in_progress' || status === 'created') && Date.now() < expiresAt
  const over = ({ status }: Upload): ApiResponse => {
    if (status === 'created' || status === 'in_progress') return failing(410, 'UPLOAD_EXPIRED')
    return failing(409, status === 'completed' ? 'FILE_ALREADY_EXISTS' : 'UPLOAD_INVALID_STATE')
  }
  const create: Route[2] = (asked, _, storage) => {
    const going = [...uploads.values()].find(
      (one) => isActive(one) && one.asked['fileKey'] === asked['fileKey'],
    )
    if (going !== undefined && !isDeepStrictEqual(going.asked, asked))
      return failing(409, 'UPLOAD_ALREADY_ACTIVE')
    const id = `u${uploads.size + 1}`
    const expiresAt = Date.now() + storage.sessionLifetime
    const upload = going ?? { id, asked, expiresAt, status: 'created', recorded: new Map<number, Json>() }
    uploads.set(upload.id, upload)
    return saying(describe(upload, storage))
  }
  const finish = knowing((upload, { parts }, storage) => {
    const { id } = upload
    if (!isActive(settled(upload, storage))) return over(upload)
    const one = [{ number: 1, etag: storage.parts(id).get(1)?.etag ?? 'none' }]
    const receipts = strategy === 'direct-multipart' ? receiptsIn(parts, 'partNumber', 'etag') : one
    if (!storage.complete(id, receipts)) return failing(502, 'STORAGE_ERROR')
    upload.status = 'completed'
    if (strategy === 'direct-multipart') storage.close(id)
    return saying(fileOf(upload))
  })
  const sign = knowing(({ id }, { partNumbers }, storage) => {
    const numbers = Array.isArray(partNumbers) ? partNumbers.map(Number) : []
    const parts = numbers.map((number) => ({
      partNumber: number,
      url: storage.url(id, number),
      headers: { 'x-part': '1' },
    }))
    return saying({ parts })
  })
  const list = knowing(({ recorded }) => saying({ parts: [...recorded.values()] }))
  const record = knowing((upload, { parts }) => {
    if (!isActive(upload)) return over(upload)
    upload.status = 'in_progress'
    for (const part of Array.isArray(parts) ? (parts as Fields[]) : []) {
      const number = Number(part['partNumber'])
      if (!upload.recorded.has(number)) upload.recorded.set(number, part)
    }
    return saying({})
  })
  const lose: NonNullable<ModelServer['lose']> = (id, storage) => {
    const upload = uploads.get(id)
    if (upload !== undefined && isActive(upload)) upload.status = 'aborted'
    // The signed URL is for the whole file, and the storage accepts it.
    if (strategy === 'direct-multipart') storage.close(id)
  }
  const routes: Route[] = [
    ['POST', /^\/uploads$/, create],
    [
      'GET',
      at('status'),
      knowing((upload, _, storage) => saying(describe(settled(upload, storage), storage))),
    ],
    ['POST', at('progress'), knowing((upload) => (isActive(upload) ? saying({}) : over(upload)))],
    ['POST', at('complete'), finish],
    [
      'POST',
      at('abort'),
      knowing((upload, _, storage) => {
        if (!isActive(settled(upload, storage))) return over(upload)
        lose(upload.id, storage)
        return saying({})
      }),
    ],
    ['POST', at('parts'), sign],
    ['GET', at('parts'), list],
    ['POST', at('partsComplete'), record],
    [
      'GET',
      /^\/files\/by-key$/,
      () => {
        const done = [...uploads.values()].find(({ status }) => status === 'completed')
        return done === undefined ? failing(404, 'FILE_NOT_FOUND') : saying(fileOf(done))
      },
    ],
    ['GET', /^\/files$/, () => saying({ files: [...uploads.values()].map(fileOf) })],
  ]
  const backend: ModelServer['backend'] = (calls) =>
    fragno({ baseUrl: base, headers: { authorization: token }, ...calls }) as unknown as Backend
  const refuses: ModelServer['refuses'] = (id, storage) => {
    const upload = uploads.get(id)
    return upload !== undefined && isActive(settled(upload, storage)) ? undefined : upload && over(upload)
  }
  return {
    name: `fragno, ${strategy}`,
    isOnePiece: strategy !== 'direct-multipart',
    backend,
    open: () => [...uploads.values()].filter(isActive).map(({ id }) => id),
    lose,
    ...(strategy === 'proxy' && { refuses }),
    answer: routed(routes),
  }
}
