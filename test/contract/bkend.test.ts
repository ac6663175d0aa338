/** The library's client for bkend's contract, against its reference server. */
import { beforeAll, expect, test } from 'vitest'
import { bkend } from '../../src/backends/bkend.ts'
import { type BkendAccessOptions, bkendAccess } from '../../src/backends/bkend-access.ts'
import type { BkendFile } from '../../src/backends/bkend-file.ts'
import { bkendFiles } from '../../src/files/bkend-files.ts'
import { bkendList } from '../demo/contract/contracts.ts'
import {
  callOn,
  clientRig,
  collect,
  control,
  describe,
  fileOf,
  lookBack,
  mebibyte,
  tellsCodes,
  uploaderOn,
} from './client-rig.ts'

const rig = clientRig(bkendList)
let access: BkendAccessOptions

beforeAll(async () => {
  const session = await (await fetch(`${rig().base}/session`, { method: 'POST' })).json()
  access = { baseUrl: rig().base, ...session }
})

const said = { visibility: 'public', category: 'images', bucket: 'images', metadata: { alt: 'A' } } as const

test.each([mebibyte, 11 * mebibyte])('a file of %i bytes goes up and is registered', async (size) => {
  const file = fileOf(size, `${size}.txt`)
  const backend = bkend({ ...access, singleLimit: mebibyte, ...said })
  const { details } = await uploaderOn(rig(), backend).uploadFile(file)
  const { id } = details as BkendFile
  const files = bkendFiles({ ...access, api: rig().api })
  const { url } = await files.downloadUrl(id)
  const stored = Buffer.from(await (await fetch(url)).arrayBuffer())
  expect(stored.equals(Buffer.from(await file.arrayBuffer()))).toBe(true)
  const { category, ...kept } = said
  expect(await files.get(id)).toMatchObject({ ...kept, metadata: { category, alt: 'A' } })
})

test('a picture is registered with its width and height', async () => {
  const call = callOn(rig())
  const adapter = bkend({ ...access })
  const file = { ...describe(3, 'a.png'), pictureSize: async () => ({ width: 3, height: 2 }) }
  const { session, targets = [] } = await adapter.open(file, call)
  const [{ url = '', headers = {} } = {}] = targets
  await fetch(url, { method: 'PUT', headers: { ...headers }, body: 'abc' })
  const receipt = { number: 1, size: 3, etag: '"a"' }
  const whole = { size: 3, checksums: {} }
  expect((await adapter.complete(session, [receipt], whole, call)).details).toMatchObject({
    width: 3,
    height: 2,
  })
})

test('an upload in parts can be aborted', async () => {
  const adapter = bkend({ ...access, singleLimit: 0 })
  const { session } = await adapter.open(describe(3), callOn(rig()))
  await expect(adapter.abort?.(session, callOn(rig()))).resolves.toBeUndefined()
})

test('files are listed by every query, changed and deleted', async () => {
  const files = bkendFiles({ ...access, api: rig().api })
  const query = {
    search: 'txt',
    visibility: 'public',
    ownerType: 'user',
    ownerId: 'visitor',
    bucket: 'images',
    mimeType: 'text/plain',
    sortBy: 'createdAt',
    sortDirection: 'asc',
    limit: 1,
  } as const
  const [first, second] = await collect(files.all(query))
  if (first === undefined || second === undefined) throw new Error('Expected two files')
  const change = { originalName: 'b.txt', visibility: 'shared', metadata: { tags: ['b'] } } as const
  expect(await files.update(first.id, change)).toMatchObject({ id: first.id })
  await files.delete(second.id)
  await expect(files.get(second.id)).rejects.toMatchObject({ serviceCode: 'file/not-found' })
})

tellsCodes({
  codes: bkendList.codes,
  order: (code) => {
    const effect = { kind: 'error', code, message: 'as ordered' }
    const endpoint = 'POST /v1/files/multipart/presigned-url'
    return control(rig().base, 'POST /faults', { endpoint, effect })
  },
  async provoke() {
    // Without a way to refresh it, a refused token is an error.
    const { refreshToken: _, ...once } = access
    const adapter = bkend({ ...once, singleLimit: 0 })
    const { session } = await adapter.open(describe(3, 'refused.bin'), callOn(rig()))
    return adapter.sign(session, [{ number: 1, offset: 0, size: 3 }], callOn(rig()))
  },
})

test('a token that has expired is refreshed', async () => {
  await control(rig().base, 'POST /expire-tokens', {})
  await uploaderOn(rig(), bkend(bkendAccess(access))).uploadFile(fileOf(3, 'refreshed.bin'))
})

lookBack(bkendList, rig)
