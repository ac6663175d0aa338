import { presigned } from '../../../src/backends/presigned.ts'
import type { Backend } from '../../../src/ports.ts'
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

const endpoints = { listParts: '/list', status: '/status', abort: '/abort' }

export function presignedServer(): ModelServer {
  let uploads = 0
  const states = new Map<string, 'open' | 'completed' | 'gone'>()
  const at = (verb: string): RegExp => new RegExp(`^/${verb}/([^/]+)/(.+)$`)
  const routes: Route[] = [
    [
      'POST',
      /^\/start-upload$/,
      ({ fileName }) => {
        uploads += 1
        states.set(`u${uploads}`, 'open')
        // As docs/security.md asks of a server: a name is no path, and no segment of a key is `..`.
        const key = `uploads/${uploads}/of ${String(fileName).replaceAll('/', ':')}`
        return saying({ key, uploadId: `u${uploads}`, partSize: 4 })
      },
    ],
    [
      'POST',
      /^\/get-upload-urls$/,
      ({ uploadId, parts }, _, storage) => {
        if (states.get(String(uploadId)) !== 'open') return failing(404, 'NoSuchUpload')
        const numbers = Array.isArray(parts) ? parts.map(Number) : []
        return saying({
          urls: Object.fromEntries(numbers.map((number) => [number, storage.url(String(uploadId), number)])),
        })
      },
    ],
    [
      'POST',
      at('complete'),
      ({ parts }, [, id = ''], storage) => {
        if (states.get(id) !== 'open') return failing(404, 'NoSuchUpload')
        if (!storage.complete(id, receiptsIn(parts, 'PartNumber', 'ETag'))) return failing(400, 'InvalidPart')
        states.set(id, 'completed')
        return saying({ location: `https://storage.test/${id}`, ok: true })
      },
    ],
    [
      'POST',
      at('list'),
      (_, [, id = ''], storage) => {
        if (states.get(id) !== 'open') return failing(404, 'NoSuchUpload')
        const parts = [...storage.parts(id)].map(([number, { bytes, etag }]) => ({
          PartNumber: number,
          Size: bytes.length,
          ETag: etag,
        }))
        return saying({ parts, next: null })
      },
    ],
    ['POST', at('status'), (_, [, id = '']) => saying({ state: states.get(id) ?? 'gone' })],
    [
      'POST',
      at('abort'),
      (_, [, id = '']) => {
        states.delete(id)
        return saying({})
      },
    ],
  ]
  const backend = (): Backend =>
    presigned({ baseUrl: base, endpoints, headers: { authorization: token } }) as unknown as Backend
  return { name: 'presigned', backend, answer: routed(routes) }
}
