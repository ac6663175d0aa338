import { newton } from '../../../src/backends/newton.ts'
import type { Backend, Json } from '../../../src/ports.ts'
import {
  base,
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
  readonly name: string
  readonly size: number
  readonly tokens: Map<number, string>
  state: 'open' | 'completed' | 'gone'
}

const partSize = 4

export function newtonServer(): ModelServer {
  const uploads = new Map<string, Upload>()
  /** Keyed by name; the newest one counts. */
  const files = new Map<string, Json>()
  const fileOf = ({ id, name, size }: Upload, file_status = 'Registered'): Json => ({
    file_uid: `fil_${id}`,
    file_name: name,
    num_bytes: size,
    file_status,
    file_attributes: { anything: [1] },
  })
  const partsOf = ({ id, size }: Upload, numbers: readonly number[], storage: ModelStorage): Json =>
    numbers.map((number) => ({
      part_number: number,
      offset: (number - 1) * partSize,
      length: Math.min(partSize, size - (number - 1) * partSize),
      url: storage.url(id, number),
      expires_at: new Date(Date.now() + storage.lifetime).toISOString(),
    }))
  const at = (verb: string): RegExp => new RegExp(`^/files/uploads/([^/]+)/${verb}$`)
  const known = (id: string): Upload | undefined =>
    uploads.get(id)?.state === 'open' ? uploads.get(id) : undefined
  const lose: ModelServer['lose'] = (id, storage) => {
    const upload = known(id)
    if (upload !== undefined) upload.state = 'gone'
    storage.close(id)
  }
  const routes: Route[] = [
    [
      'POST',
      /^\/files\/uploads\/initiate$/,
      ({ filename, num_bytes, resume_if_started }, _, storage) => {
        const [name, size] = [String(filename), Number(num_bytes)]
        const found = [...uploads.values()].find((one) => one.name === name && one.state === 'open')
        const isResume = found !== undefined
        if (isResume && (resume_if_started !== true || found.size !== size))
          return failing(409, 'upload_in_progress')
        const id = `u${uploads.size + 1}`
        const upload: Upload = found ?? { id, name, size, tokens: new Map(), state: 'open' }
        uploads.set(upload.id, upload)
        const all = Array.from({ length: Math.ceil(upload.size / partSize) }, (_one, index) => index + 1)
        const pending = all.filter((number) => !upload.tokens.has(number))
        return saying({
          upload_id: upload.id,
          file_uid: `fil_${upload.id}`,
          file_name: upload.name,
          total_bytes: upload.size,
          is_resume: isResume,
          integrity_algorithm: 'crc32c',
          parts: partsOf(upload, pending, storage),
        })
      },
    ],
    [
      'POST',
      at('parts/urls'),
      ({ part_numbers }, [, id = ''], storage) => {
        const upload = known(id)
        const numbers = Array.isArray(part_numbers) ? part_numbers.map(Number) : []
        return upload === undefined
          ? failing(404, 'upload_not_found')
          : saying({ parts: partsOf(upload, numbers, storage) })
      },
    ],
    [
      'POST',
      at('parts/checkpoint'),
      ({ parts }, [, id = '']) => {
        const upload = known(id)
        for (const { number, etag } of receiptsIn(parts, 'part_number', 'part_token'))
          upload?.tokens.set(number, etag)
        return upload === undefined ? failing(404, 'upload_not_found') : saying({ saved: true })
      },
    ],
    [
      'POST',
      at('complete'),
      ({ parts }, [, id = ''], storage) => {
        const upload = known(id)
        if (uploads.get(id)?.state === 'completed') return failing(409, 'upload_already_completed')
        if (upload === undefined) return failing(404, 'upload_not_found')
        for (const { number, etag } of receiptsIn(parts, 'part_number', 'part_token'))
          upload.tokens.set(number, etag)
        const receipts = [...upload.tokens].map(([number, etag]) => ({ number, etag }))
        const isWhole = receipts.length === Math.ceil(upload.size / partSize)
        if (
          !isWhole ||
          !storage.complete(
            id,
            receipts.sort((one, other) => one.number - other.number),
          )
        )
          return failing(400, 'invalid_parts')
        upload.state = 'completed'
        storage.close(id)
        files.set(upload.name, fileOf(upload))
        return saying(fileOf(upload))
      },
    ],
    [
      'POST',
      at('abort'),
      (_, [, id = ''], storage) => {
        if (uploads.get(id)?.state === 'completed') return failing(409, 'upload_already_completed')
        if (known(id) === undefined) return failing(404, 'upload_not_found')
        lose(id, storage)
        return { status: 204, headers: {}, body: '' }
      },
    ],
    [
      'GET',
      /^\/files\/metadata\/([^/]+)$/,
      (_, [, name = '']) => saying(files.get(name) ?? null, files.has(name) ? 200 : 404),
    ],
  ]
  const backend: ModelServer['backend'] = (calls) =>
    newton({ baseUrl: base, apiKey: token, ...calls }) as unknown as Backend
  const open = (): readonly string[] => [...uploads.keys()].filter((id) => known(id) !== undefined)
  return { name: 'newton', backend, open, lose, answer: routed(routes) }
}
