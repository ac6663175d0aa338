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
  isOver: boolean
}

const partSize = 4

export function newtonServer(): ModelServer {
  let uploads = 0
  let current: Upload | undefined
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
      expires_at: new Date(Date.now() + 900_000).toISOString(),
    }))
  const at = (verb: string): RegExp => new RegExp(`^/files/uploads/([^/]+)/${verb}$`)
  const known = (id: string): Upload | undefined =>
    current?.id === id && !current.isOver ? current : undefined
  const routes: Route[] = [
    [
      'POST',
      /^\/files\/uploads\/initiate$/,
      ({ filename, num_bytes, resume_if_started }, _, storage) => {
        const isResume = current !== undefined && !current.isOver
        if (isResume && resume_if_started !== true) return failing(409, 'upload_in_progress')
        if (!isResume) {
          uploads += 1
          const name = String(filename)
          current = { id: `u${uploads}`, name, size: Number(num_bytes), tokens: new Map(), isOver: false }
        }
        const upload = current as Upload
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
        if (upload === undefined) return failing(409, 'upload_already_completed')
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
        upload.isOver = true
        return saying(fileOf(upload))
      },
    ],
    [
      'POST',
      at('abort'),
      (_, [, id = '']) => {
        const upload = known(id)
        if (upload !== undefined) upload.isOver = true
        return { status: 204, headers: {}, body: '' }
      },
    ],
    [
      'GET',
      /^\/files\/metadata\/([^/]+)$/,
      (_, _found, storage) =>
        current === undefined || !storage.objects.has(current.id)
          ? failing(404, 'file_not_found')
          : saying(fileOf(current)),
    ],
  ]
  const backend = (): Backend => newton({ baseUrl: base, apiKey: token }) as unknown as Backend
  return { name: 'newton', backend, answer: routed(routes) }
}
