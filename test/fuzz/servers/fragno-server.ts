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

type Upload = { readonly id: string; readonly asked: Fields; status: string; readonly recorded: Set<number> }
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
      expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
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
  const create: Route[2] = (asked, _, storage) => {
    const going = [...uploads.values()].find(({ status }) => status === 'in_progress' || status === 'created')
    const id = `u${uploads.size + 1}`
    const upload = going ?? { id, asked, status: 'created', recorded: new Set<number>() }
    uploads.set(upload.id, upload)
    return saying(describe(upload, storage))
  }
  const finish = knowing((upload, { parts }, storage) => {
    const { id } = upload
    const one = [{ number: 1, etag: storage.parts(id).get(1)?.etag ?? 'none' }]
    const receipts = strategy === 'direct-multipart' ? receiptsIn(parts, 'partNumber', 'etag') : one
    if (!storage.complete(id, receipts)) return failing(400, 'INVALID_PARTS')
    upload.status = 'completed'
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
  const list = knowing(({ id, recorded }, _, storage) => {
    const parts = [...recorded].map((number) => {
      const { bytes, etag = '' } = storage.parts(id).get(number) ?? {}
      return { partNumber: number, sizeBytes: bytes?.length ?? 0, etag }
    })
    return saying({ parts })
  })
  const record = knowing((upload, { parts }) => {
    upload.status = 'in_progress'
    for (const { number } of receiptsIn(parts, 'partNumber', 'etag')) upload.recorded.add(number)
    return saying({})
  })
  const routes: Route[] = [
    ['POST', /^\/uploads$/, create],
    [
      'GET',
      at('status'),
      knowing((upload, _, storage) => saying(describe(settled(upload, storage), storage))),
    ],
    ['POST', at('progress'), knowing(() => saying({}))],
    ['POST', at('complete'), finish],
    [
      'POST',
      at('abort'),
      knowing((upload) => {
        upload.status = 'aborted'
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
  const backend = (): Backend =>
    fragno({ baseUrl: base, headers: { authorization: token } }) as unknown as Backend
  return {
    name: `fragno, ${strategy}`,
    isOnePiece: strategy !== 'direct-multipart',
    backend,
    answer: routed(routes),
  }
}
