import { type Backend, defineBackend, presignedTarget } from 'longhaul'

type Parcel = { readonly id: string }

/** A server that calls an upload a parcel, its parts chunks, and completing sealing. */
export function parcels(baseUrl: string, token: () => Promise<string>): Backend<Parcel> {
  return defineBackend<Parcel>({
    name: 'parcels',
    baseUrl,
    headers: async () => ({ authorization: `Bearer ${await token()}` }),
    limits: { maxBatch: 50 },

    async open({ name, size, type }, server) {
      const parcel = await server.post('/parcels', { body: { name, size, type } })
      return { session: { id: parcel.text('id') }, partSize: parcel.size('chunkSize') }
    },

    async sign({ id }, parts, server) {
      const chunks = parts.map(({ number }) => number)
      const answer = await server.post('/parcels/{id}/links', { path: { id }, body: { chunks } })
      const links = answer.inner('links')
      return chunks.map((chunk) => presignedTarget(chunk, links.url(String(chunk))))
    },

    // Leave this out if the server has no such list: a resume then relies on the browser's checkpoint.
    async reopen({ id }, server) {
      const parcel = await server.get('/parcels/{id}', { path: { id } })
      const parts = parcel.list('chunks').map((chunk) => ({
        number: chunk.count('number', 1),
        size: chunk.count('bytes', 0),
        etag: chunk.text('tag'),
      }))
      return { parts, source: 'storage' }
    },

    async complete({ id }, receipts, server) {
      const chunks = receipts.map(({ number, etag }) => ({ number, tag: etag }))
      const sealed = await server.post('/parcels/{id}/seal', { path: { id }, body: { chunks } })
      return { key: sealed.text('address') }
    },

    // Leave this out if the server cannot tell: a lost answer to `complete` may then end as an `UnsureError`.
    async status({ id }, server) {
      const parcel = await server.get('/parcels/{id}', { path: { id } })
      const state = parcel.oneOf('state', ['open', 'sealed'])
      return state === 'sealed' ? { state: 'completed', key: parcel.text('address') } : { state }
    },

    abort: ({ id }, server) => server.delete('/parcels/{id}', { path: { id } }),
  })
}
