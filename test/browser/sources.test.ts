import { describe, expect, inject, test } from 'vitest'
import { droppedFiles, type FileSource, filesOf, type PickedFile } from '../../src/sources.ts'
import { Uploader } from '../../src/uploader.ts'
import { dragAndDrop } from './drag.ts'
import { stand } from './stand.ts'

async function all(source: FileSource | null): Promise<PickedFile[]> {
  const picked: PickedFile[] = []
  for await (const one of filesOf(source)) picked.push(one)
  return picked
}

async function write(folder: FileSystemDirectoryHandle, name: string): Promise<void> {
  const handle = await folder.getFileHandle(name, { create: true })
  const writable = await handle.createWritable()
  await writable.write(name)
  await writable.close()
}

/** photos/{a.jpg, 2026/{a.jpg, empty/}} in the browser's own file system. */
async function photos(): Promise<FileSystemDirectoryHandle> {
  const root = await navigator.storage.getDirectory()
  await root.removeEntry('photos', { recursive: true }).catch(() => {})
  const folder = await root.getDirectoryHandle('photos', { create: true })
  const inner = await folder.getDirectoryHandle('2026', { create: true })
  await inner.getDirectoryHandle('empty', { create: true })
  await write(folder, 'a.jpg')
  await write(inner, 'a.jpg')
  return folder
}

/** What a real drop of that folder, from the disk, results in. */
async function droppedFolder<T>(
  path: string,
  take: (transfer: DataTransfer | null) => T | Promise<T>,
): Promise<T> {
  const undo = new AbortController()
  window.addEventListener('dragover', (event) => event.preventDefault(), undo)
  const dropped = new Promise<T>((resolve) => {
    window.addEventListener(
      'drop',
      (event) => {
        event.preventDefault()
        resolve(take(event.dataTransfer))
      },
      undo,
    )
  })
  await dragAndDrop(path)
  return dropped.finally(() => undo.abort())
}

describe('filesOf', () => {
  test('walks a directory handle completely, with paths and handles', async () => {
    const picked = await all(await photos())
    expect(picked.map(({ relativePath }) => relativePath).sort()).toEqual([
      'photos/2026/a.jpg',
      'photos/a.jpg',
    ])
    for (const { file, handle } of picked) {
      expect(await file.text()).toBe('a.jpg')
      expect(handle).toBeInstanceOf(FileSystemFileHandle)
    }
  })

  test('takes a file handle as one file without a path', async () => {
    const handle = await (await photos()).getFileHandle('a.jpg')
    expect(await all(handle)).toMatchObject([{ handle, relativePath: '' }])
  })

  test('reports a folder that has disappeared at the end', async () => {
    const folder = await (await photos()).getDirectoryHandle('2026')
    await (await navigator.storage.getDirectory()).removeEntry('photos', { recursive: true })
    await expect(all(folder)).rejects.toMatchObject({
      name: 'AggregateError',
      errors: [expect.objectContaining({ code: 'file-unreadable', file: '2026' })],
    })
  })

  test.each(['handles', 'entries'])('walks a dropped folder by its %s', async (way) => {
    const ask = DataTransferItem.prototype as { getAsFileSystemHandle?: unknown }
    const own = ask.getAsFileSystemHandle
    if (way === 'entries') delete ask.getAsFileSystemHandle
    try {
      const picked = await droppedFolder(inject('dropped'), droppedFiles)
      expect(picked.map(({ relativePath }) => relativePath).sort()).toEqual([
        'dropped/a.txt',
        'dropped/inner/b.txt',
        ...Array.from({ length: 120 }, (_, index) => `dropped/many/${index}.txt`).sort(),
      ])
      expect(await picked.find(({ file }) => file.name === 'b.txt')?.file.text()).toBe('b')
      expect(picked.every(({ handle }) => (handle === undefined) === (way === 'entries'))).toBe(true)
    } finally {
      ask.getAsFileSystemHandle = own
    }
  })

  test('makes a dropped folder that it cannot walk a file that fails, and says what to do', async () => {
    const [folder] = await droppedFolder(inject('dropped'), (transfer) => [...(transfer?.files ?? [])])
    const { options, backend } = stand()
    const upload = new Uploader(options).uploadFile(folder as File)
    await expect(upload).rejects.toMatchObject({
      code: 'not-accepted',
      message: expect.stringMatching(/"dropped".*filesOf/),
    })
    expect(backend.calls).toEqual([])
  })

  test('gives the files of a drop even after the turn of its event', async () => {
    const transfer = new DataTransfer()
    transfer.items.add(new File(['abc'], 'a.txt'))
    transfer.items.add('no file', 'text/plain')
    const files = filesOf(transfer)
    transfer.items.clear()
    const picked: PickedFile[] = []
    for await (const one of files) picked.push(one)
    expect(picked).toMatchObject([{ file: { name: 'a.txt' }, handle: undefined, relativePath: '' }])
  })

  test('keeps the paths that an input has given to its files', async () => {
    const file = new File([], 'a.txt')
    Object.defineProperty(file, 'webkitRelativePath', { value: 'docs/a.txt' })
    expect(await all([file, new File([], 'b.txt')])).toMatchObject([
      { relativePath: 'docs/a.txt' },
      { relativePath: '' },
    ])
  })

  test('has no files for null, and throws for anything else', async () => {
    expect(await all(null)).toEqual([])
    expect(await droppedFiles(null)).toEqual([])
    for (const wrong of [42, 'text', {}, undefined])
      expect(() => filesOf(wrong as unknown as FileSource)).toThrow(TypeError)
  })
})
