import { expect, test } from 'vitest'
import { requireByte, requireNoFolder } from '../src/readable.ts'

const gone = new DOMException('gone', 'NotFoundError')

/** A file of one mebibyte that cannot be read. Records what was asked for. */
function unreadable(name: string, type = ''): { readonly file: File; readonly asked: unknown[] } {
  const asked: unknown[] = []
  const slice = (start: number, end: number): Pick<Blob, 'arrayBuffer'> => {
    asked.push([start, end])
    return { arrayBuffer: () => Promise.reject(gone) }
  }
  const file = new File([new Uint8Array(1024 * 1024)], name, { type })
  return { file: Object.assign(file, { slice }), asked }
}

test.each(['photos', 'app v1.2', '2026.11.26', 'J. Smith', 'my.photos', '.git'])(
  'a file without an extension that cannot be read is reported as a folder: %s',
  async (name) => {
    const { file, asked } = unreadable(name)
    await expect(requireNoFolder(file)).rejects.toMatchObject({
      code: 'not-accepted',
      message: `"${name}" is gone, or a folder: use filesOf()`,
      cause: gone,
    })
    // Only one byte: reading a file of gigabytes would take it all into memory.
    expect(asked).toEqual([[0, 1]])
  },
)

test.each(['photos.zip', 'take 2.mp4', 'v1.2.tar.gz', 'a.c', 'PHOTO.JPEG'])(
  'a file with an extension is not checked: %s',
  async (name) => {
    const { file, asked } = unreadable(name)
    await requireNoFolder(file)
    expect(asked).toEqual([])
  },
)

test('a file with a type is no folder, whatever its name', async () => {
  const { file, asked } = unreadable('photos', 'image/png')
  await requireNoFolder(file)
  expect(asked).toEqual([])
})

test('a file without an extension that can be read is no folder, even if it is empty', async () => {
  await requireNoFolder(new File(['abcd'], 'README'))
  await requireNoFolder(new File([], 'EMPTY'))
})

test('one readable byte is enough', async () => {
  await requireByte(new Blob(['a']), 'film.mp4')
})

test('a byte that cannot be read or is no longer there makes the file unreadable', async () => {
  const { file } = unreadable('film.mp4')
  const failed = requireByte(file.slice(0, 1), 'film.mp4')
  await expect(failed).rejects.toMatchObject({ code: 'file-unreadable', cause: gone })
  // As in Firefox for a file that has become shorter.
  const shorter = requireByte(new Blob([]), 'film.mp4')
  await expect(shorter).rejects.toMatchObject({ code: 'file-unreadable' })
})

test('an empty file that cannot be read is refused whatever its name, since Chromium shows a deleted file as empty', async () => {
  const gone = Object.assign(new File([], 'film.mov', { type: 'video/quicktime' }), {
    arrayBuffer: () => Promise.reject(new DOMException('', 'NotFoundError')),
  })
  await expect(requireNoFolder(gone)).rejects.toMatchObject({ code: 'not-accepted' })
  await requireNoFolder(new File([], 'film.mov', { type: 'video/quicktime' }))
})
