import { describe, expect, onTestFinished, test, vi } from 'vitest'
import type { AnyFile } from '../src/batch.ts'
import { FileUnreadableError, NetworkError } from '../src/errors.ts'
import type { PickedFile } from '../src/sources.ts'
import { flush } from './fakes/clock.ts'
import { StoringTransport } from './fakes/part-transport.ts'
import { fileOf, rig } from './fakes/uploader.ts'

function picked(name: string, relativePath: string): PickedFile {
  return { file: fileOf(4, name), handle: undefined, relativePath }
}

describe('uploadFiles', () => {
  test('resolves with the uploads when all have begun, and settled() with all outcomes when all have ended', async () => {
    const { uploader, transport } = rig()
    const batch = uploader.uploadFiles([fileOf(4, 'a'), fileOf(4, 'b')])
    const uploads = await batch
    expect(uploads.map(({ identity }) => identity.name)).toEqual(['a', 'b'])
    for (const request of await transport.take(2)) request.store()
    expect(await batch.settled()).toMatchObject({
      done: 2,
      failed: 0,
      cancelled: 0,
      refused: 0,
      outcomes: [
        { status: 'done', name: 'a', upload: uploads[0], result: { key: 'the-key' } },
        { status: 'done', name: 'b', upload: uploads[1] },
      ],
    })
  })

  test('refuses a file that has the same path, name, size and date as another of the list', async () => {
    const { uploader, transport } = rig({ transport: new StoringTransport() })
    const clips = [picked('C0001.MP4', 'CLIP/C0001.MP4'), picked('C0001.MP4', 'CLIP/C0001.MP4')]
    const batch = uploader.uploadFiles(clips)
    expect(await batch).toHaveLength(1)
    const { outcomes } = await batch.settled()
    expect(outcomes).toMatchObject([
      { status: 'done', name: 'CLIP/C0001.MP4' },
      { status: 'refused', name: 'CLIP/C0001.MP4', error: { code: 'in-use' } },
    ])
    expect((outcomes[1] as { error: Error }).error.message).toContain('another file that is being uploaded')
    expect(transport.stored).toEqual([1])
    // Once that upload has ended, this one is a file like any other.
    await uploader.uploadFiles(clips.slice(1))
    await uploader.uploads[0]
    expect(transport.stored).toEqual([1, 1])
  })

  test('gives one upload for the same file listed twice', async () => {
    const { uploader } = rig({ transport: new StoringTransport() })
    const file = fileOf(4)
    const batch = uploader.uploadFiles([file, file])
    expect(new Set(await batch).size).toBe(1)
    expect(await batch.settled()).toMatchObject({ done: 2, refused: 0 })
  })

  test('yields to the page after a few milliseconds of work, however many files there are', async () => {
    const { uploader, clock } = rig({ transport: new StoringTransport() })
    let [begun, atOnce, most, breaths] = [0, 0, 0, 0]
    // It yields with messages and not with timers, which are a minute late in a background page.
    const channel = vi.spyOn(globalThis, 'MessageChannel')
    const breathe = (): void => {
      if (channel.mock.calls.length === breaths) return
      breaths += 1
      most = Math.max(most, atOnce)
      atOnce = 0
    }
    uploader.on('upload', () => {
      breathe()
      begun += 1
      atOnce += 1
      // Each takes three milliseconds.
      clock.jump(3)
    })
    await uploader.uploadFiles(Array.from({ length: 20 }, (_, index) => fileOf(1, `${index}`)))
    expect([begun, most, breaths]).toEqual([20, 3, 6])
    channel.mockRestore()
    await uploader.stop()
  })

  test('begins all uploads without yielding if there is no MessageChannel, as in Jest with jsdom', async () => {
    vi.stubGlobal('MessageChannel', undefined)
    onTestFinished(() => void vi.unstubAllGlobals())
    const { uploader, clock } = rig({ transport: new StoringTransport() })
    uploader.on('upload', () => clock.jump(30))
    expect(await uploader.uploadFiles([fileOf(1, 'a'), fileOf(1, 'b')])).toHaveLength(2)
    await uploader.stop()
  })

  test('reports failed, cancelled and refused files in the order of the list', async () => {
    const { uploader, transport, backend } = rig({ retry: { attempts: 1 } })
    const files = [
      fileOf(4, 'a.bin'),
      fileOf(4, 'b.bin'),
      fileOf(9, 'c.bin'),
      fileOf(4, 'd.txt'),
      fileOf(4, 'e.bin'),
    ]
    const batch = uploader.uploadFiles(files, { accept: '.bin', maxSize: 8 })
    const uploads = await batch
    expect(uploads).toHaveLength(3)
    expect((await batch.refused()).map(({ name }) => name)).toEqual(['c.bin', 'd.txt'])
    const [a] = await transport.take(2)
    a?.respond({ status: 400 })
    await uploads[1]?.cancel()
    ;(await transport.next()).store()
    const { outcomes, ...counts } = await batch.settled()
    expect(counts).toEqual({ done: 1, failed: 1, cancelled: 1, refused: 2 })
    expect(outcomes).toMatchObject([
      { status: 'failed', name: 'a.bin', error: { code: 'http' } },
      { status: 'cancelled', name: 'b.bin', reason: { name: 'AbortError' } },
      { status: 'refused', name: 'c.bin', error: { code: 'too-large', size: 9, limit: 8 } },
      { status: 'refused', name: 'd.txt', error: { code: 'not-accepted' } },
      { status: 'done', name: 'e.bin' },
    ])
    expect(backend.opened.map(({ name }) => name)).not.toContain('c.bin')
    expect(backend.opened.map(({ name }) => name)).not.toContain('d.txt')
  })

  test('refuses the empty file that a form contains if no file was chosen', async () => {
    const { uploader, backend } = rig()
    const form = new FormData()
    // As an input without a file adds it (HTML, "constructing the entry list").
    form.append('files', new File([], '', { type: 'application/octet-stream' }))
    const { outcomes } = await uploader.uploadFiles(form.getAll('files') as File[]).settled()
    expect(outcomes).toMatchObject([{ status: 'refused', name: '', error: { code: 'not-accepted' } }])
    expect(() => uploader.uploadFile(form.get('files') as File, { name: 'avatar.png' })).toThrow(
      /no file was chosen/,
    )
    expect(backend.opened).toEqual([])
  })

  test('counts an upload as failed even if a listener cancels it as soon as it has failed', async () => {
    const { uploader, transport } = rig()
    uploader.on('upload', (upload) => {
      upload.on('state', ({ status }) => status === 'failed' && void upload.cancel())
    })
    const batch = uploader.uploadFiles([fileOf(4)])
    const settled = batch.settled()
    ;(await transport.next()).respond({ status: 400 })
    expect(await settled).toMatchObject({ failed: 1, cancelled: 0, outcomes: [{ error: { code: 'http' } }] })
    expect(await batch.settled()).toMatchObject({ failed: 0, cancelled: 1 })
  })

  test('takes no more than maxFiles, not counting files refused for other reasons', async () => {
    const { uploader, backend } = rig({ transport: new StoringTransport() })
    const files = [fileOf(4, 'x.txt'), fileOf(4, 'a.bin'), fileOf(4, 'b.bin'), fileOf(4, 'c.bin')]
    const { outcomes } = await uploader.uploadFiles(files, { accept: '.bin', maxFiles: 2 }).settled()
    expect(outcomes.map((one) => (one.status === 'refused' ? one.error.code : one.status))).toEqual([
      'not-accepted',
      'done',
      'done',
      'too-many',
    ])
    expect(backend.opened.map(({ name }) => name)).toEqual(['a.bin', 'b.bin'])
  })

  test('uploads files with the same name in two folders as two uploads, each with its path', async () => {
    const { uploader, backend } = rig({ transport: new StoringTransport() })
    const [one, other] = [picked('a.jpg', 'x/a.jpg'), picked('a.jpg', 'y/a.jpg')]
    const batch = uploader.uploadFiles([one, other, one])
    const [first, second, third] = await batch
    expect(first?.identity.relativePath).toBe('x/a.jpg')
    expect(second).not.toBe(first)
    expect(third).toBe(first)
    expect((await batch.settled()).outcomes.map(({ name }) => name)).toEqual([
      'x/a.jpg',
      'y/a.jpg',
      'x/a.jpg',
    ])
    expect(backend.opened).toHaveLength(2)
  })

  test('refuses the files that a folder cannot give, and uploads the others', async () => {
    const { uploader } = rig({ transport: new StoringTransport() })
    async function* folder(): AsyncGenerator<PickedFile> {
      yield picked('a', 'x/a')
      throw new AggregateError([new FileUnreadableError('x/b')], '1 cannot be read')
    }
    expect(await uploader.uploadFiles(folder()).settled()).toMatchObject({
      done: 1,
      refused: 1,
      outcomes: [{ name: 'x/a' }, { name: 'x/b', error: { code: 'file-unreadable', file: 'x/b' } }],
    })
  })

  test('rejects with a TypeError for undefined in place of a file, as from an empty input', async () => {
    const { uploader } = rig()
    const [none] = [] as readonly File[]
    const batch = uploader.uploadFiles([none as File])
    await expect(batch).rejects.toThrow('Expected `file` to be a File or a Blob, got undefined')
  })

  test.each([
    [undefined, 'undefined'],
    [null, 'null'],
    [fileOf(4), '{} (File)'],
  ])('throws a TypeError if it gets no list: %s', (files, shown) => {
    const { uploader } = rig()
    const wrong = (): unknown => uploader.uploadFiles(files as unknown as readonly File[])
    expect(wrong).toThrow(new TypeError(`Expected \`files\` to be a list of files, got ${shown}`))
  })

  test('names each refused file by its path, its name or its handle', async () => {
    const { uploader } = rig()
    const inFolder = Object.defineProperty(fileOf(9, 'b'), 'webkitRelativePath', { value: 'y/b' })
    const gone = new DOMException('gone', 'NotFoundError')
    const handle = { kind: 'file', name: 'c', getFile: () => Promise.reject(gone) }
    async function* folder(): AsyncGenerator<AnyFile> {
      yield { file: fileOf(9, 'a'), handle: undefined, relativePath: '' }
      yield inFolder
      yield handle as unknown as FileSystemFileHandle
      yield new Blob(['123456789'])
      throw new AggregateError([gone], '1 cannot be read')
    }
    const refused = await uploader.uploadFiles(folder(), { maxSize: 8 }).refused()
    expect(refused.map(({ name, error }) => [name, error.code])).toEqual([
      ['a', 'too-large'],
      ['y/b', 'too-large'],
      ['c', 'file-unreadable'],
      ['blob', 'too-large'],
      ['', 'unexpected'],
    ])
    const [one] = await uploader.uploadFiles([inFolder], { maxFiles: 0 }).refused()
    expect(one?.error.message).toContain('"y/b"')
  })

  test('rejects at an entry that is no file, after it has begun the uploads before it', async () => {
    const { uploader, backend } = rig({ transport: new StoringTransport() })
    const files = [fileOf(4), 42 as unknown as File, fileOf(4, 'never')]
    const batch = uploader.uploadFiles(files)
    await expect(batch).rejects.toThrow('Expected `file` to be a File or a Blob, got 42 (number)')
    await expect(batch.settled()).rejects.toThrow(TypeError)
    await flush()
    expect(backend.opened).toHaveLength(1)
    const wrong = (): unknown => uploader.uploadFiles([], { maxFiles: -1 })
    expect(wrong).toThrow(RangeError)
    expect(wrong).toThrow('`maxFiles`')
  })

  test('rejects with the error of a list that throws', async () => {
    const { uploader } = rig()
    async function* broken(): AsyncGenerator<File> {
      yield* []
      throw new NetworkError('the list of the server')
    }
    await expect(uploader.uploadFiles(broken())).rejects.toThrow('the list of the server')
  })

  test('uploads the whole list even if the caller empties it meanwhile', async () => {
    const { uploader } = rig({ transport: new StoringTransport() })
    const files = [fileOf(4, 'a'), fileOf(4, 'b')]
    const batch = uploader.uploadFiles(files)
    files.length = 0
    expect(await batch).toHaveLength(2)
  })

  test('gives an empty summary for an empty list', async () => {
    const { uploader } = rig()
    expect(await uploader.uploadFiles([]).settled()).toEqual({
      done: 0,
      failed: 0,
      cancelled: 0,
      refused: 0,
      outcomes: [],
    })
  })
})

describe('uploadFile', () => {
  test('throws for a file that is not accepted, and begins nothing', async () => {
    const { uploader, backend } = rig()
    expect(() => uploader.uploadFile(fileOf(9), { maxSize: 8 })).toThrow(
      expect.objectContaining({ code: 'too-large' }),
    )
    await flush()
    expect([uploader.uploads, backend.calls]).toEqual([[], []])
  })

  test('takes a file with its handle and path, and options override them', () => {
    const { uploader } = rig()
    const one = picked('a.jpg', 'x/a.jpg')
    expect(uploader.uploadFile(one).identity.relativePath).toBe('x/a.jpg')
    const none = {
      relativePath: undefined,
      handle: undefined,
      signal: undefined,
      params: undefined,
      name: undefined,
    }
    expect(uploader.uploadFile(one, none)).toBe(uploader.uploadFile(one))
    expect(uploader.uploadFile(one, { relativePath: 'z' }).identity.relativePath).toBe('z')
    expect(uploader.uploadFile(one.file, { relativePath: 'w' }).identity.relativePath).toBe('w')
  })

  test('keeps the handle that a file comes with, and its path even under another name', async () => {
    const { uploader, checkpoints, transport } = rig()
    const handle = { name: 'file.bin' } as FileSystemFileHandle
    uploader.uploadFile({ file: fileOf(4), handle, relativePath: '' })
    const file = Object.defineProperty(fileOf(4, 'b'), 'webkitRelativePath', { value: 'y/b' })
    const { identity } = uploader.uploadFile(file, { name: 'c' })
    expect(identity).toMatchObject({ name: 'c', relativePath: 'y/b' })
    await transport.take(2)
    await uploader.stop()
    const left = await rig({ checkpoints }).uploader.interrupted()
    expect(left.map((one) => [one.identity.name, one.handle === handle])).toEqual([
      ['file.bin', true],
      ['c', false],
    ])
  })

  test('lets a file from a folder be picked again on its own, without its folder', async () => {
    const first = rig()
    first.uploader.uploadFile(picked('a.jpg', 'x/a.jpg'))
    await first.transport.next()
    const second = rig({ transport: new StoringTransport(), checkpoints: first.checkpoints })
    const [left] = await second.uploader.interrupted()
    await left?.resume(fileOf(4, 'a.jpg'))
    expect(second.transport.stored).toEqual([1])
    expect(() => left?.resume(fileOf(4, 'b.jpg'))).toThrow('Expected "x/a.jpg"')
  })
})
