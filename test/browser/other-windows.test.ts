/** Files, params and drops of a frame's or another window's, whose classes are not this page's. */
import { afterEach, expect, test } from 'vitest'
import { presigned } from '../../src/backends/presigned.ts'
import { takeDrops } from '../../src/drop-zone.ts'
import { FileChangedError } from '../../src/errors.ts'
import type { PickedFile } from '../../src/sources.ts'
import { Uploader } from '../../src/uploader.ts'
import { leave, stand } from './stand.ts'

/** What of a window is used here. */
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

test('a file of another window is uploaded, also when that window is gone', async () => {
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

test('so are its Blobs, and the list of its input', async () => {
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

test('the file of an interrupted upload may be picked again in another window', async () => {
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

test('what looks like a file is none, in whatever window', () => {
  const other = openWindow()
  const uploader = new Uploader(stand().options)
  for (const odd of [{ name: 'a', size: 1 }, Object.create(other.File.prototype), other.File, 'a', null])
    expect(() => uploader.uploadFile(odd as File)).toThrow(TypeError)
})

test('what an endpoint of the application’s has from the fetch of another window is read as its answer', async () => {
  const other = openWindow()
  const { options } = stand()
  const startUpload = async (): Promise<Response> => new other.Response('{"error":"no"}', { status: 403 })
  const uploader = new Uploader({ ...options, backend: presigned({ endpoints: { startUpload } }) })
  const upload = uploader.uploadFile(new File(['abcd'], 'e.bin'))
  await expect(upload).rejects.toMatchObject({ code: 'http', status: 403 })
})

test('an element of another window takes drops', async () => {
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
