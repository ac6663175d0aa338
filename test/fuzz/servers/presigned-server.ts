import { defineBackend } from '../../../src/backends/define-backend.ts'
import { presigned } from '../../../src/backends/presigned.ts'
import { presignedTarget } from '../../../src/backends/presigned-target.ts'
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

const all = { listParts: '/list', status: '/status', abort: '/abort' }

/**
 * @param endpoints The endpoints besides the contract's three.
 * @param finds Whether it returns an open upload of the same content, with the first part's URL.
 */
export function presignedServer(endpoints: Partial<typeof all> = all, finds = false): ModelServer {
  let uploads = 0
  const hashes = new Map<string, { key: string; uploadId: string; partSize: number }>()
  const states = new Map<string, 'open' | 'completed' | 'gone'>()
  const lose: ModelServer['lose'] = (id, storage) => {
    states.set(id, 'gone')
    storage.close(id)
  }
  const at = (verb: string): RegExp => new RegExp(`^/${verb}/([^/]+)/(.+)$`)
  const routes: Route[] = [
    [
      'POST',
      /^\/start-upload$/,
      ({ fileName, fileHash }, _, storage) => {
        const known = hashes.get(String(fileHash))
        const isOpen = known !== undefined && states.get(known.uploadId) === 'open'
        if (finds && isOpen) return saying({ ...known, urls: { 1: storage.url(known.uploadId, 1) } })
        uploads += 1
        states.set(`u${uploads}`, 'open')
        // docs/security.md asks servers for this: a name is not a path, and no segment of a key is `..`.
        const key = `uploads/${uploads}/of ${String(fileName).replaceAll('/', ':')}`
        const started = { key, uploadId: `u${uploads}`, partSize: 4 }
        hashes.set(String(fileHash), started)
        return saying(finds ? { ...started, urls: { 1: storage.url(started.uploadId, 1) } } : started)
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
        storage.close(id)
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
      (_, [, id = ''], storage) => {
        if (states.get(id) !== 'open') return failing(404, 'NoSuchUpload')
        lose(id, storage)
        return saying({})
      },
    ],
  ]
  const backend: ModelServer['backend'] = (calls) =>
    presigned({
      baseUrl: base,
      endpoints,
      headers: { authorization: token },
      ...calls,
    }) as unknown as Backend
  const open = (): readonly string[] => [...states.keys()].filter((id) => states.get(id) === 'open')
  const name = `presigned${endpoints === all ? '' : ', bare'}${finds ? ', finding' : ''}`
  return { name, backend, open, lose, answer: routed(routes) }
}

type Session = { readonly key: string; readonly uploadId: string }

/** The same server, and a backend that an application wrote for it. */
export function definedServer(): ModelServer {
  const at = ({ key, uploadId }: Session) => ({ path: { key: key.split('/'), uploadId } })
  const backend: ModelServer['backend'] = (calls) =>
    defineBackend<Session>({
      name: 'defined',
      baseUrl: base,
      headers: { authorization: token },
      ...calls,
      fileDigest: () => 'xxhash64',
      open: async ({ name, size, digest = '' }, server) => {
        const body = { fileName: name, fileHash: digest, fileSize: size }
        const answer = await server.post('/start-upload', { body })
        const session = { key: answer.text('key'), uploadId: answer.text('uploadId') }
        return { session, partSize: answer.size('partSize') }
      },
      sign: async (session, parts, server) => {
        const body = { ...session, parts: parts.map(({ number }) => number) }
        const urls = (await server.post('/get-upload-urls', { body })).inner('urls')
        return parts.map(({ number }) => presignedTarget(number, urls.url(String(number))))
      },
      complete: async (session, receipts, server) => {
        const parts = receipts.map(({ number, etag }) => ({
          PartNumber: number,
          ETag: etag.replaceAll('"', ''),
        }))
        await server.post('/complete/{uploadId}/{key}', { ...at(session), body: { parts } })
        return { key: session.key }
      },
      reopen: async (session, server) => {
        const answer = await server.post('/list/{uploadId}/{key}', { ...at(session), body: { after: 0 } })
        const parts = answer.list('parts').map((part) => ({
          number: part.count('PartNumber', 1),
          size: part.size('Size'),
          etag: part.text('ETag'),
        }))
        return { parts, source: 'storage' }
      },
      status: async (session, server) => {
        const answer = await server.post('/status/{uploadId}/{key}', { ...at(session), body: {} })
        const state = answer.oneOf('state', ['completed', 'open', 'gone'])
        return state === 'completed' ? { state, key: session.key } : { state }
      },
      abort: (session, server) => server.post('/abort/{uploadId}/{key}', { ...at(session), body: {} }),
    }) as unknown as Backend
  return { ...presignedServer(), name: 'defineBackend', backend }
}
