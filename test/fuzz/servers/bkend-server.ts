import { bkend } from '../../../src/backends/bkend.ts'
import type { ApiResponse, Backend } from '../../../src/ports.ts'
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

/** @param isWrapped Whether answers come as `{ success, data }`, which the official examples unwrap. */
export function bkendServer(kind: 'single' | 'parts', isWrapped = false): ModelServer {
  let keys = 0
  const open = new Set<string>()
  const files = new Map<string, Fields>()
  const say = (body: Fields): ApiResponse => saying(isWrapped ? { success: true, data: body } : body)
  const nameOf = (key: unknown): string => String(key).replace('files/', '')
  const lose: ModelServer['lose'] = (name, storage) => {
    open.delete(`files/${name}`)
    storage.close(name)
  }
  const newKey = (): string => {
    keys += 1
    return `files/k${keys}`
  }
  const routes: Route[] = [
    [
      'POST',
      /^\/v1\/files\/presigned-url$/,
      ({ filename, contentType }, _, storage) => {
        const key = newKey()
        const url = storage.url(nameOf(key), 1)
        return say({ url, key, filename: filename ?? null, contentType: contentType ?? null })
      },
    ],
    [
      'POST',
      /^\/v1\/files\/multipart\/init$/,
      ({ filename }) => {
        const key = newKey()
        open.add(key)
        return say({ uploadId: nameOf(key), key, filename: filename ?? null })
      },
    ],
    [
      'POST',
      /^\/v1\/files\/multipart\/presigned-url$/,
      ({ key, partNumber }, _, storage) => {
        if (!open.has(String(key))) return failing(404, 'file/not-found')
        return say({ url: storage.url(nameOf(key), Number(partNumber)), partNumber: partNumber ?? null })
      },
    ],
    [
      'POST',
      /^\/v1\/files\/multipart\/complete$/,
      ({ key, parts }, _, storage) => {
        if (!open.has(String(key))) return failing(404, 'file/not-found')
        if (!storage.complete(nameOf(key), receiptsIn(parts, 'partNumber', 'etag')))
          return failing(400, 'file/invalid-parts')
        lose(nameOf(key), storage)
        return say({ key: key ?? null, location: 'https://storage.test/x' })
      },
    ],
    [
      'POST',
      /^\/v1\/files\/multipart\/abort$/,
      ({ key }, _, storage) => {
        if (!open.has(String(key))) return failing(404, 'file/not-found')
        lose(nameOf(key), storage)
        return say({ success: true, key: key ?? null })
      },
    ],
    [
      'POST',
      /^\/v1\/files$/,
      ({ s3Key, ...fields }, _, storage) => {
        const name = nameOf(s3Key)
        if (kind === 'single')
          storage.complete(name, [{ number: 1, etag: storage.parts(name).get(1)?.etag ?? 'none' }])
        if (!storage.objects.has(name)) return failing(404, 'file/not-found')
        if (files.has(name)) return failing(409, 'file/already-registered')
        const file = {
          id: `f-${name}`,
          s3Key: s3Key ?? null,
          ...fields,
          ownerId: 'me',
          createdAt: '2026-11-25',
        }
        files.set(name, file)
        return say(file)
      },
    ],
    [
      'GET',
      /^\/v1\/files$/,
      () => {
        const items = [...files.values()]
        const pages = { total: items.length, page: 1, limit: 100, totalPages: 1 }
        return say({ items, pagination: { ...pages, hasNextPage: false, hasPrevPage: false } })
      },
    ],
  ]
  const backend: ModelServer['backend'] = (calls) =>
    bkend({
      baseUrl: base,
      apiKey: `pk_${token}`,
      accessToken: token,
      singleLimit: kind === 'single' ? 1000 : 0,
      category: 'media',
      ...calls,
    }) as unknown as Backend
  return {
    name: `bkend, ${kind}${isWrapped ? ', wrapped' : ''}`,
    isOnePiece: true,
    backend,
    open: () => [...open].map(nameOf),
    lose,
    answer: routed(routes),
  }
}
