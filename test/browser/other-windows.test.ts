/** Files, params and drops of a frame or of another window, whose classes differ from this page's. */
import { afterEach, expect, test } from 'vitest'
import { presigned } from '../../src/backends/presigned.ts'
import { takeDrops } from '../../src/drop-zone.ts'
import { FileChangedError } from '../../src/errors.ts'
import type { PickedFile } from '../../src/sources.ts'
import { Uploader } from '../../src/uploader.ts'
import { leave, stand } from './stand.ts'

/** The properties of a window that this test uses. */
type Other = Window &
  Pick<typeof globalThis, 'File' | 'Blob' | 'DataTransfer' | 'DragEvent' | 'Object' | 'Response'>

const frames: HTMLIFrameElement[] = []

function openWindow(): Other {
  const frame = document.createElement('iframe')
  document.body.append(frame)
  frames.push(frame)
  return frame.contentWindow as Other
}

afterEach(() => {
  for (const frame of frames.splice(0)) frame.remove()
})

test('a file of another window is uploaded, even after that window is gone', async () => {
  const other = openWindow()
  const { options, transport } = stand()
  const uploader = new Uploader(options)
  const file = new other.File([new Uint8Array(8)], 'a.bin', { lastModified: 5, type: 'image/png' })
  expect(file).not.toBeInstanceOf(File)
  const params: { album: string } = Object.assign(new other.Object(), { album: '42' })
  const upload = uploader.uploadFile(file, { params })
  expect(upload.identity).toMatchObject({ name: 'a.bin', size: 8, lastModified: 5, type: 'image/png' })
  frames[0]?.remove()
  await transport.storeAll(upload)
  expect(await upload).toMatchObject({ size: 8 })
})

test('Blobs of another window and the list of its input are uploaded', async () => {
  const other = openWindow()
  const { options, transport } = stand()
  const uploader = new Uploader(options)
  const blob = uploader.uploadFile(new other.Blob(['abcd']), { name: 'b.bin' })
  const list = new other.DataTransfer()
  list.items.add(new other.File(['abcd'], 'c.bin'))
  const batch = uploader.uploadFiles(list.files).settled()
  await transport.storeAll(Promise.all([blob, batch]))
  expect(blob.identity.name).toBe('b.bin')
  expect(await batch).toMatchObject({ done: 1, refused: 0 })
})

test('the file of an interrupted upload can be picked again in another window', async () => {
  const other = openWindow()
  const { options, transport } = stand(await leave())
  const uploader = new Uploader(options)
  const [left] = await uploader.interrupted()
  const picked = (size: number): File =>
    new other.File([new Uint8Array(size)], 'file.bin', { lastModified: 1 })
  expect(() => left?.resume(picked(13))).toThrow(FileChangedError)
  const upload = left?.resume(picked(12))
  upload?.pause()
  upload?.resume(picked(12))
  await transport.storeAll(Promise.resolve(upload))
  expect(transport.sent).toHaveLength(2)
  expect(upload?.state.status).toBe('done')
})

test('an object that only looks like a file is refused in every window', () => {
  const other = openWindow()
  const uploader = new Uploader(stand().options)
  for (const odd of [{ name: 'a', size: 1 }, Object.create(other.File.prototype), other.File, 'a', null])
    expect(() => uploader.uploadFile(odd as File)).toThrow(TypeError)
})

test("a Response from the fetch of another window is read as an endpoint's answer", async () => {
  const other = openWindow()
  const { options } = stand()
  const startUpload = async (): Promise<Response> => new other.Response('{"error":"no"}', { status: 403 })
  const uploader = new Uploader({ ...options, backend: presigned({ endpoints: { startUpload } }) })
  const upload = uploader.uploadFile(new File(['abcd'], 'e.bin'))
  await expect(upload).rejects.toMatchObject({ code: 'http', status: 403 })
})

test('takeDrops() works on an element of another window', async () => {
  const other = openWindow()
  const zone = other.document.body.appendChild(other.document.createElement('div'))
  const found: AsyncIterable<PickedFile>[] = []
  const off = takeDrops(zone, { onFiles: (files) => found.push(files) })
  const dataTransfer = new other.DataTransfer()
  dataTransfer.items.add(new other.File(['abcd'], 'd.bin'))
  const drop = new other.DragEvent('drop', { dataTransfer, cancelable: true })
  zone.dispatchEvent(drop)
  expect(drop.defaultPrevented).toBe(true)
  const names: string[] = []
  for (const files of found) for await (const { file } of files) names.push(file.name)
  expect(names).toEqual(['d.bin'])
  off()
})
