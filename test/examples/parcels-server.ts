/** The server of the example. It is strict, and stores real bytes in the embedded store. */
import { CreateMultipartUploadCommand } from '@aws-sdk/client-s3'
import { Hono } from 'hono'
import {
  abort,
  complete,
  listParts,
  type Place,
  sha256,
  signPart,
  stateOf,
} from '../../demo/server/backends/s3.ts'

type Parcel = { readonly key: string; readonly uploadId: string }
type Chunk = { readonly number: number; readonly tag: string }

export type ParcelsServer = {
  readonly app: Hono
  /** Such as `POST /parcels/:id/seal`. */
  readonly calls: string[]
  /** The next request of that kind is carried out, and its answer is lost. */
  loseAnswerOf(call: string): void
  /** From now on it knows none of the earlier parcels. */
  forgetAll(): void
  sha256Of(address: string): Promise<string>
}

export const mebibyte = 1024 * 1024

export function parcelsServer(place: Place): ParcelsServer {
  const parcels = new Map<string, Parcel>()
  const lost: string[] = []
  const calls: string[] = []
  const app = new Hono<{ Variables: { parcel: Parcel } }>()

  app.use(async (c, next) => {
    if (c.req.header('authorization') !== 'Bearer good') return c.json({ message: 'Who are you?' }, 401)
    await next()
    const call = `${c.req.method} ${c.req.path.replace(/\/parcels\/[^/]+/, '/parcels/:id')}`
    calls.push(call)
    const index = lost.indexOf(call)
    if (index >= 0) {
      lost.splice(index, 1)
      c.res = new Response('lost', { status: 502 })
    }
    return undefined
  })
  app.post('/parcels', async (c) => {
    const { name } = await c.req.json()
    const key = `parcels/${crypto.randomUUID()}/${name}`
    const create = new CreateMultipartUploadCommand({ Bucket: place.bucket, Key: key })
    const { UploadId: uploadId = '' } = await place.s3.send(create)
    const id = crypto.randomUUID()
    parcels.set(id, { key, uploadId })
    return c.json({ id, chunkSize: 5 * mebibyte })
  })
  app.use('/parcels/:id/*', knownParcel)
  app.use('/parcels/:id', knownParcel)
  app.post('/parcels/:id/links', async (c) => {
    const { chunks }: { chunks: number[] } = await c.req.json()
    const links = chunks.map(
      async (chunk) => [chunk, await signPart(place, c.var.parcel, chunk, 900)] as const,
    )
    return c.json({ links: Object.fromEntries(await Promise.all(links)) })
  })
  app.get('/parcels/:id', async (c) => {
    const state = await stateOf(place, c.var.parcel)
    if (state === 'completed') return c.json({ state: 'sealed', address: c.var.parcel.key, chunks: [] })
    const { parts } = await listParts(place, c.var.parcel, 0)
    const chunks = parts.map(({ PartNumber: number, Size: bytes, ETag: tag }) => ({ number, bytes, tag }))
    return c.json({ state: 'open', chunks })
  })
  app.post('/parcels/:id/seal', async (c) => {
    if ((await stateOf(place, c.var.parcel)) === 'completed')
      return c.json({ message: 'Sealed already' }, 409)
    const { chunks }: { chunks: Chunk[] } = await c.req.json()
    const parts = chunks.map(({ number, tag }) => ({ PartNumber: number, ETag: tag }))
    await complete(place, c.var.parcel, parts)
    return c.json({ address: c.var.parcel.key })
  })
  app.delete('/parcels/:id', async (c) => {
    await abort(place, c.var.parcel)
    return c.body(null, 204)
  })

  return {
    app: app as unknown as Hono,
    calls,
    loseAnswerOf: (call) => void lost.push(call),
    forgetAll: () => parcels.clear(),
    sha256Of: async (address) => (await sha256(place, address, new AbortController().signal)).sha256,
  }

  async function knownParcel(
    c: import('hono').Context<{ Variables: { parcel: Parcel } }>,
    next: () => Promise<void>,
  ): Promise<Response | undefined> {
    const parcel = parcels.get(c.req.param('id') ?? '')
    if (parcel === undefined) return c.json({ message: 'No such parcel' }, 404)
    c.set('parcel', parcel)
    await next()
    return undefined
  }
}
