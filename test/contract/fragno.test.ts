/** The library's client for Fragno's contract, against its reference server. */
import { expect, test } from 'vitest'
import { demoToken } from '../../demo/server/backends/reference/control.ts'
import { fragno } from '../../src/backends/fragno.ts'
import type { FragnoOptions } from '../../src/backends/fragno-options.ts'
import { type FragnoFiles, fragnoFiles } from '../../src/files/fragno-files.ts'
import { fragnoContract } from '../demo/contract/fragno.ts'
import {
  callOn,
  clientRig,
  collect,
  describe,
  fileOf,
  lookBack,
  mebibyte,
  tellsCodes,
  uploaderOn,
} from './client-rig.ts'

const rig = clientRig(fragnoContract)

const headers = { authorization: `Bearer ${demoToken}` }

function backend(options: Partial<FragnoOptions> = {}): ReturnType<typeof fragno> {
  return fragno({ baseUrl: rig().base, headers, provider: 's3', ...options })
}

function files(): FragnoFiles {
  return fragnoFiles({ baseUrl: rig().base, headers, api: rig().api })
}

test.each(['direct-single', 'direct-multipart', 'proxy'] as const)(
  'a file goes by %s, with every detail that it can have',
  async (strategy) => {
    rig().demo.controls.fragno.settings.change({ strategy, partSize: 5 * mebibyte })
    const file = fileOf(11 * mebibyte, `${strategy}.bin`)
    const said = { tags: ['a'], visibility: 'public', uploaderId: 'me', metadata: { album: 42 } } as const
    const { key } = await uploaderOn(rig(), backend(said)).uploadFile(file)
    const { url } = await files().downloadUrl({ provider: 's3', fileKey: key })
    const stored = Buffer.from(await (await fetch(url)).arrayBuffer())
    expect(stored.equals(Buffer.from(await file.arrayBuffer()))).toBe(true)
    expect(await files().get({ provider: 's3', fileKey: key })).toMatchObject({
      filename: file.name,
      ...said,
    })
  },
)

test('recorded parts are listed, progress is reported, and an upload is aborted', async () => {
  rig().demo.controls.fragno.settings.change({ strategy: 'direct-multipart', partSize: 5 * mebibyte })
  const [call, file, adapter] = [callOn(rig()), describe(11 * mebibyte), backend()]
  const { session } = await adapter.open(file, call)
  await adapter.record?.(session, [{ number: 2, size: 5 * mebibyte, etag: '"a"' }], call)
  await adapter.report?.(session, { bytes: 5 * mebibyte, parts: 1 }, call)
  const listed = { number: 2, size: 5 * mebibyte, etag: '"a"' }
  expect(await adapter.reopen?.(session, file, call)).toEqual({ parts: [listed], source: 'record' })
  await adapter.abort?.(session, call)
  expect(await adapter.status?.(session, call)).toEqual({ state: 'gone' })
})

test('files are listed page by page, changed and deleted', async () => {
  rig().demo.controls.fragno.settings.change({ strategy: 'direct-single' })
  const options = { uploaderId: 'lister' }
  for (const name of ['1', '2']) await uploaderOn(rig(), backend(options)).uploadFile(fileOf(3, name))
  const query = { uploaderId: 'lister', provider: 's3', prefix: '', status: 'ready', pageSize: 1 } as const
  const [first, second] = await collect(files().all(query))
  if (first === undefined || second === undefined) throw new Error('Expected two files')
  const changes = { filename: 'new', visibility: 'unlisted', tags: ['b'], metadata: { a: 1 } } as const
  expect(await files().update(first, changes)).toMatchObject(changes)
  await files().delete(second)
  expect((await files().get(second)).status).toBe('deleted')
})

tellsCodes({
  codes: fragnoContract.codes,
  order: async (code) => {
    const effect = { kind: 'error', code, message: 'as ordered' } as const
    rig().demo.controls.fragno.faults.add({ endpoint: 'POST /uploads/:uploadId/parts', effect })
  },
  async provoke() {
    rig().demo.controls.fragno.settings.change({ strategy: 'direct-multipart' })
    const file = describe(11 * mebibyte, 'refused.bin')
    const { session } = await backend().open(file, callOn(rig()))
    return backend().sign(session, [{ number: 1, offset: 0, size: 5 * mebibyte }], callOn(rig()))
  },
})

lookBack(fragnoContract, rig)
