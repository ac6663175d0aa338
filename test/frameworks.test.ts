/** How libraries that wrap objects treat ours. */
import { createStore } from 'solid-js/store'
import { expect, onTestFinished, test, vi } from 'vitest'
import { isProxy, reactive, ref } from 'vue'
import { RemoteUploader } from '../src/remote/index.ts'
import { StoringTransport } from './fakes/part-transport.ts'
import { fileOf, rig } from './fakes/uploader.ts'
import { fakeWorker } from './fakes/worker.ts'

test('Vue makes no proxies of Uploaders and uploads', async () => {
  const { uploader } = rig({ transport: new StoringTransport() })
  const remote = new RemoteUploader(fakeWorker().worker)
  const all = [uploader, uploader.uploadFile(fileOf(4)), remote, remote.uploadFile(fileOf(4))]
  for (const one of all) {
    expect(isProxy(reactive({ one }).one)).toBe(false)
    expect(isProxy(ref(one).value)).toBe(false)
  }
  // Vue wraps objects of other classes, and then their `#private` fields cannot be read.
  expect(isProxy(reactive({ one: new (class Other {})() }).one)).toBe(true)
  expect(await reactive(uploader).uploadFile(fileOf(5))).toMatchObject({ size: 5 })
})

test("Solid's stores make no proxies of them either", () => {
  const { uploader } = rig()
  const [state] = createStore({ upload: uploader.uploadFile(fileOf(4)) })
  expect(state.upload.state.status).toBe('waiting')
})

test("Vue's reactive objects can be params", () => {
  const { uploader } = rig()
  const file = fileOf(4)
  const upload = uploader.uploadFile(file, { params: reactive({ album: { id: '42' } }) })
  expect(uploader.uploadFile(file, { params: { album: { id: '42' } } })).toBe(upload)
})

test('uploads work with a replaced Promise that takes lists by their length, as zone.js for ES5 does', async () => {
  const { all, allSettled } = Promise
  onTestFinished(() => void vi.restoreAllMocks())
  const byLength = (values: object): unknown[] => Array.from(values as ArrayLike<unknown>)
  // A Set and an iterator have no length, so nothing in them is waited for.
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

test('params may be proxies or have no prototype, and are kept as plain objects', () => {
  const { uploader } = rig()
  const params = new Proxy({ album: new Proxy({ id: '42' }, {}) }, {})
  const file = fileOf(4)
  const upload = uploader.uploadFile(file, { params })
  expect(uploader.uploadFile(file, { params: { album: { id: '42' } } })).toBe(upload)
  const bare = Object.assign(Object.create(null), { album: { id: '42' } })
  expect(uploader.uploadFile(file, { params: bare })).toBe(upload)
  class Album {
    readonly id = '42'
  }
  expect(() => uploader.uploadFile(fileOf(4), { params: new Album() as never })).toThrow(TypeError)
})

test('a file under another name keeps the path that it was picked by', () => {
  const file = Object.defineProperty(fileOf(4), 'webkitRelativePath', { value: 'top/a/file.bin' })
  const upload = rig().uploader.uploadFile(file, { name: 'b.bin' })
  expect(upload.identity).toMatchObject({ name: 'b.bin', relativePath: 'top/a/file.bin' })
})
