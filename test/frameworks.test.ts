/** What libraries that wrap objects do with ours. */
import { expect, onTestFinished, test, vi } from 'vitest'
import { RemoteUploader } from '../src/remote/index.ts'
import { StoringTransport } from './fakes/part-transport.ts'
import { fileOf, rig } from './fakes/uploader.ts'
import { fakeWorker } from './fakes/worker.ts'

/** What Vue makes proxies of, and Alpine by it (@vue/reactivity 3.5, `targetTypeMap` of reactive.ts): their `#private` cannot be read. */
const wrapped = ['Object', 'Array', 'Map', 'Set', 'WeakMap', 'WeakSet']

function tagOf(value: unknown): string {
  return Object.prototype.toString.call(value).slice(8, -1)
}

test('Vue leaves Uploaders and uploads as they are', () => {
  const { uploader } = rig()
  const remote = new RemoteUploader(fakeWorker().worker)
  const all = [uploader, uploader.uploadFile(fileOf(4)), remote, remote.uploadFile(fileOf(4))]
  expect(all.map(tagOf)).toEqual(['Uploader', 'Upload', 'Uploader', 'Upload'])
  expect(wrapped).not.toContain(tagOf(uploader))
  expect(wrapped).not.toContain(tagOf(all[1]))
})

test('a Promise that was put in place of the own one may take lists by their length, as zone.js in ES5 does', async () => {
  const { all, allSettled } = Promise
  onTestFinished(() => void vi.restoreAllMocks())
  const byLength = (values: object): unknown[] => Array.from(values as ArrayLike<unknown>)
  // A Set and an iterator have no length: nothing of them is waited for.
  const asZone = (values: object): unknown[] => ('length' in values ? byLength(values) : [])
  vi.spyOn(Promise, 'all').mockImplementation((values) => all.call(Promise, asZone(values)) as never)
  vi.spyOn(Promise, 'allSettled').mockImplementation(
    (values) => allSettled.call(Promise, asZone(values)) as never,
  )
  const transport = new StoringTransport()
  const { uploader } = rig({ transport, checksum: 'crc32c' })
  expect(await uploader.uploadFile(fileOf(40))).toMatchObject({ size: 40 })
  expect(transport.stored.length).toBeGreaterThan(1)
})

test('params may be wrapped, or have no prototype, and what is kept of them is plain', () => {
  const { uploader } = rig()
  const params = new Proxy({ album: new Proxy({ id: '42' }, {}) }, {})
  const upload = uploader.uploadFile(fileOf(4), { params })
  expect(uploader.uploadFile(fileOf(4), { params: { album: { id: '42' } } })).toBe(upload)
  const bare = Object.assign(Object.create(null), { album: { id: '42' } })
  expect(uploader.uploadFile(fileOf(4), { params: bare })).toBe(upload)
  class Album {
    readonly id = '42'
  }
  expect(() => uploader.uploadFile(fileOf(4), { params: new Album() as never })).toThrow(TypeError)
})

test('a file under another name has the path that it was picked by', () => {
  const file = Object.defineProperty(fileOf(4), 'webkitRelativePath', { value: 'top/a/file.bin' })
  const upload = rig().uploader.uploadFile(file, { name: 'b.bin' })
  expect(upload.identity).toMatchObject({ name: 'b.bin', relativePath: 'top/a/file.bin' })
})
