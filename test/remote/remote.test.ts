import { describe, expect, test, vi } from 'vitest'
import { memoryCheckpoints } from '../../src/checkpoints/memory.ts'
import {
  BackendError,
  CancelledError,
  FileChangedError,
  FileUnreadableError,
  HttpError,
  NetworkError,
  TooLargeError,
  UploadError,
} from '../../src/errors.ts'
import { identify } from '../../src/identity.ts'
import { RemoteUpload, RemoteUploader, serveUploader } from '../../src/remote/index.ts'
import type { PartInfo } from '../../src/tracker.ts'
import { warnings } from '../../src/warnings.ts'
import { FakeBackend } from '../fakes/backend.ts'
import { flush } from '../fakes/clock.ts'
import { type FakePartTransport, StoringTransport } from '../fakes/part-transport.ts'
import { fileOf, type Rig, rig } from '../fakes/uploader.ts'
import { fakeWorker } from '../fakes/worker.ts'
import { until } from '../until.ts'

const refused = new HttpError({
  endpoint: 'complete',
  status: 400,
  serviceCode: 'Odd',
  detail: 'no',
  retryAfter: undefined,
})

type Remote<R> = R & {
  readonly remote: RemoteUploader
  readonly worker: ReturnType<typeof fakeWorker>['worker']
  readonly off: () => void
}

/** An Uploader on fakes, and the page's side of it. */
function remoteOf<R extends Pick<Rig, 'uploader'>>(made: R): Remote<R> {
  const { worker, scope } = fakeWorker()
  const off = serveUploader(made.uploader, scope)
  return { ...made, worker, off, remote: new RemoteUploader(worker) }
}

/** How many events of this type the worker has sent about its uploads. */
function newsOf(worker: Worker): (event: string) => number {
  const heard: (string | undefined)[] = []
  worker.addEventListener('message', ({ data }) => heard.push(data.longhaul?.event))
  return (event) => heard.filter((one) => one === event).length
}

/** Answers every request for a part until the upload has ended. */
async function storeAll(transport: FakePartTransport, upload: RemoteUpload): Promise<void> {
  await until(() => {
    for (const request of transport.open) request.store()
    expect(upload.state.status).toBe('done')
  })
}

function statuses(upload: RemoteUpload): string[] {
  const seen: string[] = [upload.state.status]
  upload.on('state', ({ status }) => seen.push(status))
  return seen
}

describe('an upload through a worker', () => {
  test('ends with the storage holding exactly the bytes of the file, and reports everything on the way', async () => {
    const { remote, transport, uploader } = remoteOf(rig({ transport: new StoringTransport() }))
    const totals = vi.fn()
    remote.on('progress', totals)
    const file = fileOf(41)
    const upload = remote.uploadFile(file)
    const seen = statuses(upload)
    const parts: unknown[] = []
    upload.on('part', ({ number, status }) => parts.push(`${number} ${status}`))
    expect(await upload).toEqual({ key: 'the-key', size: 41, checksums: {} })
    expect(transport.object()).toEqual(new Uint8Array(await file.arrayBuffer()))
    expect(seen).toEqual(['waiting', 'opening', 'uploading', 'completing', 'done'])
    expect(parts).toContain('11 stored')
    expect(upload.progress).toMatchObject({ confirmed: 41, inFlight: 0, total: 41 })
    expect(remote.progress).toMatchObject({ confirmed: 41, files: { total: 1, done: 1, failed: 0 } })
    expect(totals).toHaveBeenCalled()
    expect(uploader.uploads).toEqual([])
  })

  test('passes the params, the path and the handle of the file to the worker', async () => {
    const { remote, backend } = remoteOf(rig({ transport: new StoringTransport() }))
    await remote.uploadFile(
      { file: fileOf(4), handle: undefined, relativePath: 'a/b.bin' },
      { params: { album: '7' } },
    )
    expect(backend.opened[0]).toMatchObject({
      relativePath: 'a/b.bin',
      params: { album: '7' },
      name: 'file.bin',
    })
  })

  test('gets all its parts once per run from the worker, and then each part as it changes', async () => {
    const { remote, transport, uploader, worker } = remoteOf(rig())
    const told = newsOf(worker)
    const upload = remote.uploadFile(fileOf(12))
    expect(upload.parts()).toEqual([])
    const seen: (readonly PartInfo[])[] = []
    upload.on('parts', (parts) => seen.push(parts))
    const first = await transport.next()
    await flush()
    const [inWorker] = uploader.uploads
    expect(upload.parts()).toEqual([
      { number: 1, offset: 0, size: 4, status: 'sending' },
      { number: 2, offset: 4, size: 4, status: 'sending' },
      { number: 3, offset: 8, size: 4, status: 'waiting' },
    ])
    first.store()
    await flush()
    expect(upload.parts().map(({ status }) => status)).toEqual(['stored', 'sending', 'sending'])
    upload.pause()
    await flush()
    expect(upload.parts().map(({ status }) => status)).toEqual(['stored', 'waiting', 'waiting'])
    expect(upload.parts()).toEqual(inWorker?.parts())
    upload.resume()
    await storeAll(transport, upload)
    expect(upload.parts().map(({ status }) => status)).toEqual(['stored', 'stored', 'stored'])
    expect(seen.map((parts) => parts.map(({ status }) => status).join(' '))).toEqual([
      'waiting waiting waiting',
      'stored waiting waiting',
    ])
    expect(told('parts')).toBe(2)
    expect(told('part')).toBeGreaterThan(6)
  })

  test('gives a new list of parts at each call, and leaves earlier lists unchanged', async () => {
    const { remote, transport } = remoteOf(rig())
    const upload = remote.uploadFile(fileOf(8))
    const first = await transport.next()
    await flush()
    const before = upload.parts()
    first.store()
    await flush()
    expect(before.map(({ status }) => status)).toEqual(['sending', 'sending'])
    await upload.cancel()
  })

  test('shows a rate that falls while nothing moves, and leaves no timer once it has ended', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const { remote, transport, clock } = remoteOf(rig())
      const upload = remote.uploadFile(fileOf(8))
      const [first, second] = await transport.take(2)
      for (const sent of [1, 2, 3]) {
        first?.progress(sent)
        second?.progress(sent)
        await clock.advance(100)
      }
      const { rate } = upload.progress
      expect(rate).toBeGreaterThan(0)
      expect(remote.progress.rate).toBeGreaterThan(0)
      await clock.advance(1_000)
      expect(upload.progress.rate).toBe(rate)
      await vi.advanceTimersByTimeAsync(1_000)
      expect(upload.progress.rate).toBeLessThan(rate)
      expect(remote.progress.rate).toBeLessThan(rate)
      first?.store()
      second?.store()
      await upload
      await flush()
      expect(vi.getTimerCount()).toBe(0)
    } finally {
      vi.useRealTimers()
    }
  })

  test('pauses, and sends only the missing parts when it is resumed', async () => {
    const { remote, transport } = remoteOf(rig())
    const upload = remote.uploadFile(fileOf(12))
    const first = await transport.next()
    first.store()
    await until(() => expect(transport.open.has(first)).toBe(false))
    await flush()
    upload.pause()
    await flush()
    expect(upload.state).toEqual({ status: 'paused', by: 'user' })
    expect(transport.open.size).toBe(0)
    upload.resume()
    const numbers = []
    for (let sent = 0; sent < 2; ) {
      const request = await transport.next()
      if (!transport.open.has(request)) continue
      numbers.push(request.number)
      request.store()
      sent += 1
    }
    await upload
    expect(numbers).toEqual([2, 3])
  })

  test('lets parts that are on their way arrive if pause() asks for that', async () => {
    const { remote, transport } = remoteOf(rig())
    const upload = remote.uploadFile(fileOf(12))
    const [first, second] = [await transport.next(), await transport.next()]
    upload.pause({ finishParts: true })
    await flush()
    expect(transport.open.size).toBe(2)
    first.store()
    second.store()
    await flush()
    expect(upload.progress.confirmed).toBe(8)
    expect(transport.open.size).toBe(0)
  })

  test('fails with an error of the same class and message as in the worker, and can be resumed', async () => {
    const backend = new FakeBackend()
    backend.failNext('complete', refused)
    const { remote } = remoteOf(rig({ backend, transport: new StoringTransport() }))
    const upload = remote.uploadFile(fileOf(8))
    const error = await upload.catch((reason: unknown) => reason)
    expect(error).toBeInstanceOf(HttpError)
    expect(error).toMatchObject({
      name: 'HttpError',
      code: 'http',
      message: refused.message,
      retryable: false,
      status: 400,
      serviceCode: 'Odd',
      help: refused.help,
    })
    expect(upload.state).toMatchObject({ status: 'failed', error })
    upload.resume()
    await flush()
    expect(await upload).toMatchObject({ key: 'the-key' })
    expect(upload.state.status).toBe('done')
  })

  test('rejects for whoever awaits it each time it fails, even the second time', async () => {
    const backend = new FakeBackend()
    backend.failNext('complete', refused)
    backend.failNext(
      'complete',
      new BackendError({ endpoint: 'complete', field: 'key', expected: 'a string', received: 1 }),
    )
    const { remote } = remoteOf(rig({ backend, transport: new StoringTransport() }))
    const upload = remote.uploadFile(fileOf(8))
    await expect(upload).rejects.toBeInstanceOf(HttpError)
    upload.resume()
    await flush()
    await expect(upload).rejects.toMatchObject({ name: 'BackendError', field: 'key', code: 'backend' })
    upload.resume()
    await flush()
    expect(await upload).toMatchObject({ size: 8 })
  })

  test("is cancelled with the page's reason, even if no message can carry that reason", async () => {
    const { remote, backend, transport, uploader } = remoteOf(rig())
    const upload = remote.uploadFile(fileOf(8))
    await transport.next()
    const reason = { why: () => 'because' }
    const go = backend.holdNext('abort')
    const all = Promise.all([upload.cancel(reason), upload.cancel('late')])
    await until(() => expect(upload.state).toEqual({ status: 'cancelled', reason }))
    const again = vi.fn()
    void upload.cancel().then(again)
    await flush()
    expect(again).not.toHaveBeenCalled()
    go()
    await all
    await expect(upload).rejects.toBe(reason)
    expect(again).toHaveBeenCalled()
    expect(backend.aborted).toHaveLength(1)
    expect(uploader.uploads).toEqual([])
    await upload.cancel()
  })

  test('can be cancelled after it has failed, and warns if aborting goes wrong', async () => {
    const backend = new FakeBackend()
    backend.failNext('complete', refused)
    backend.failNext('abort', refused)
    const { remote } = remoteOf(rig({ backend, transport: new StoringTransport() }))
    const upload = remote.uploadFile(fileOf(8))
    await expect(upload).rejects.toBeInstanceOf(HttpError)
    const warned = vi.fn()
    upload.on('warning', warned)
    await upload.cancel('enough')
    await expect(upload).rejects.toBe('enough')
    expect(warned).toHaveBeenCalledWith(expect.objectContaining({ code: 'abort' }))
    expect(remote.uploads).toEqual([])
  })

  test('is cancelled if cancel() is called while its worker loads, even if the worker then cannot be loaded', async () => {
    const { worker } = fakeWorker()
    const remote = new RemoteUploader(worker)
    const upload = remote.uploadFile(fileOf(8))
    const seen = statuses(upload)
    const cancelled = upload.cancel('enough')
    worker.dispatchEvent(new Event('error'))
    await cancelled
    await expect(upload).rejects.toBe('enough')
    expect(seen).toEqual(['waiting', 'cancelled'])
    expect(remote.uploads).toEqual([])
  })

  test('is cancelled by its signal, and does not begin if the signal was aborted before', async () => {
    const { remote, backend, transport } = remoteOf(rig())
    const control = new AbortController()
    const upload = remote.uploadFile(fileOf(8), { signal: control.signal })
    await transport.next()
    control.abort('enough')
    await expect(upload).rejects.toBe('enough')
    const late = remote.uploadFile(fileOf(8), { signal: control.signal })
    expect(late.state).toEqual({ status: 'cancelled', reason: 'enough' })
    await expect(late).rejects.toBe('enough')
    await flush()
    expect(backend.opened).toHaveLength(1)
  })

  test('is cancelled by either signal if it was requested twice with one each', async () => {
    for (const which of [0, 1]) {
      const { remote, transport } = remoteOf(rig())
      const controls = [new AbortController(), new AbortController()]
      const file = fileOf(12)
      const [first, second] = controls.map(({ signal }) => remote.uploadFile(file, { signal }))
      expect(second).toBe(first)
      await transport.next()
      controls[which]?.abort(`by ${which}`)
      await expect(first).rejects.toBe(`by ${which}`)
    }
  })

  test('goes on if it is requested again with a signal that was already aborted', async () => {
    const { remote, transport } = remoteOf(rig())
    const first = remote.uploadFile(fileOf(4))
    const second = remote.uploadFile(fileOf(4), { signal: AbortSignal.abort('no') })
    await expect(second).rejects.toBe('no')
    expect(remote.uploads).toEqual([first])
    ;(await transport.next()).store()
    expect((await first).size).toBe(4)
  })

  test('leaves no listener on any signal', async () => {
    const { remote } = remoteOf(rig({ transport: new StoringTransport() }))
    const { signal } = new AbortController()
    const add = vi.spyOn(signal, 'addEventListener')
    const file = fileOf(4)
    void remote.uploadFile(file)
    const upload = remote.uploadFile(file, { signal })
    const [[, , options] = []] = add.mock.calls
    const isGone = () => typeof options === 'object' && options.signal?.aborted
    expect([add.mock.calls.length, isGone()]).toEqual([1, false])
    await upload
    expect(isGone()).toBe(true)
  })

  test('reports its states to every listener in order, even if one of them resumes it', async () => {
    const { worker } = fakeWorker()
    const remote = new RemoteUploader(() => worker)
    const upload = remote.uploadFile(fileOf(8))
    const resume = vi.fn(() => upload.resume())
    const off = upload.on('state', ({ status }) => status === 'failed' && resume())
    const seen = statuses(upload)
    worker.dispatchEvent(new Event('error'))
    off()
    expect(resume).toHaveBeenCalledOnce()
    expect(seen).toEqual(['waiting', 'failed', 'waiting'])
    worker.dispatchEvent(new Event('error'))
    await expect(upload).rejects.toThrow('could not be started')
  })

  test('reports done if it completes although cancel() was called', async () => {
    const backend = new FakeBackend()
    const go = backend.holdNext('complete')
    const { remote } = remoteOf(rig({ backend, transport: new StoringTransport() }))
    const upload = remote.uploadFile(fileOf(8))
    await until(() => expect(upload.state.status).toBe('completing'))
    const cancelled = upload.cancel()
    go()
    await cancelled
    expect(await upload).toMatchObject({ key: 'the-key' })
  })

  test('passes on warnings with their cause', async () => {
    const store = Object.assign(memoryCheckpoints(), {
      save: () => Promise.reject(new DOMException('full', 'QuotaExceededError')),
    })
    const { remote } = remoteOf(rig({ checkpoints: store, transport: new StoringTransport() }))
    const upload = remote.uploadFile(fileOf(8))
    const warned = vi.fn()
    upload.on('warning', warned)
    expect(upload.persistence).toBe('storage')
    await upload
    expect(upload.persistence).toBe('memory')
    const [[warning]] = warned.mock.calls as [[{ readonly code: string; readonly cause: unknown }]]
    expect(warning).toMatchObject({ code: 'checkpoint', message: warnings.checkpoint })
    // The cause arrives as it was thrown, not wrapped in an UploadError.
    expect(warning.cause).toBeInstanceOf(Error)
    expect(warning.cause).not.toBeInstanceOf(UploadError)
    expect(warning.cause).toMatchObject({ name: 'QuotaExceededError', message: 'full' })
  })

  test('passes on a warning without a cause', async () => {
    const store = Object.assign(memoryCheckpoints(), {
      load: async () => ({ checkpoint: 'odd', receipts: [] }),
    })
    const { remote } = remoteOf(rig({ checkpoints: store, transport: new StoringTransport() }))
    const upload = remote.uploadFile(fileOf(8))
    const warned = vi.fn()
    upload.on('warning', warned)
    await upload
    expect(warned.mock.calls).toEqual([
      [{ code: 'checkpoint-damaged', message: warnings['checkpoint-damaged'], cause: undefined }],
    ])
  })

  test('begins and resumes with a handle that no message can carry, and asks for permission in the page', async () => {
    const file = fileOf(8)
    const transport = new StoringTransport()
    transport.fault = () => new FileUnreadableError('file.bin')
    const { remote, worker } = remoteOf(rig({ transport }))
    const post = worker.postMessage.bind(worker)
    worker.postMessage = (message: { longhaul: { handle?: unknown } }) => {
      if (message.longhaul.handle !== undefined) throw new DOMException('a function', 'DataCloneError')
      post(message)
    }
    const asked = vi.fn(async () => 'granted')
    const polyfilled = { name: 'file.bin', requestPermission: asked, getFile: async () => file }
    const handle = polyfilled as unknown as FileSystemFileHandle
    const upload = remote.uploadFile(file, { handle, params: { album: '7' } })
    await until(() => expect(upload.state).toMatchObject({ status: 'paused', reason: 'needs-file' }))
    transport.fault = () => undefined
    upload.resume()
    expect(await upload).toMatchObject({ size: 8 })
    expect(asked).toHaveBeenCalledOnce()
  })

  test('rejects with the cancellation for whoever awaits it later, if it is cancelled or stopped after a failure', async () => {
    const enders = [
      ({ upload }: { upload: RemoteUpload }) => upload.cancel('enough'),
      ({ remote }: { remote: RemoteUploader }) => remote.stop(),
    ]
    for (const end of enders) {
      const backend = new FakeBackend()
      backend.failNext('complete', refused)
      const { remote } = remoteOf(rig({ backend, transport: new StoringTransport() }))
      const upload = remote.uploadFile(fileOf(8))
      await expect(upload).rejects.toBeInstanceOf(HttpError)
      void end({ upload, remote })
      const reason = await upload.catch((thrown: unknown) => thrown)
      expect(reason).not.toBeInstanceOf(HttpError)
      expect(upload.state).toEqual({ status: 'cancelled', reason })
    }
  })

  test('fails even if no message can carry its error', async () => {
    const backend = new FakeBackend()
    const odd = Object.assign(new UploadError('backend', 'odd'), { retry: () => {}, step: 3 })
    backend.failNext('complete', odd)
    const { remote } = remoteOf(rig({ backend, transport: new StoringTransport() }))
    await expect(remote.uploadFile(fileOf(8))).rejects.toMatchObject({
      code: 'backend',
      message: 'odd',
      step: 3,
    })
  })

  test('throws at once for arguments that the page refuses', () => {
    const { remote } = remoteOf(rig())
    expect(() => remote.uploadFile(fileOf(8), { maxSize: 4 })).toThrow(TooLargeError)
    expect(() => remote.uploadFile(fileOf(8), { accept: 'image/*' })).toThrow('expected image/*')
    expect(() => remote.uploadFile('file' as unknown as File)).toThrow(
      'Expected `file` to be a File or a Blob',
    )
  })

  test('fails with the reason if the worker refuses it', async () => {
    const { remote, uploader } = remoteOf(rig())
    vi.spyOn(uploader, 'uploadFile').mockImplementation(() => {
      throw new TypeError('no')
    })
    const upload = remote.uploadFile(fileOf(8))
    await expect(upload).rejects.toMatchObject({ code: 'unexpected', message: 'no' })
    expect(upload.state.status).toBe('failed')
    vi.mocked(uploader.uploadFile).mockRestore()
    expect(remote.uploadFile(fileOf(8))).toBe(upload)
    expect(upload.state.status).toBe('waiting')
    await upload.cancel('enough')
    expect(upload.state).toEqual({ status: 'cancelled', reason: 'enough' })
    await expect(upload).rejects.toBe('enough')
  })

  test('can be cancelled after it was not accepted', async () => {
    const { remote, uploader } = remoteOf(rig())
    vi.spyOn(uploader, 'uploadFile').mockImplementation(() => {
      throw new TypeError('no')
    })
    const upload = remote.uploadFile(fileOf(8))
    await expect(upload).rejects.toMatchObject({ message: 'no' })
    upload.pause()
    expect(upload.state.status).toBe('failed')
    await upload.cancel('enough')
    expect(upload.state).toEqual({ status: 'cancelled', reason: 'enough' })
    await expect(upload).rejects.toBe('enough')
    expect(remote.uploads).toEqual([])
  })

  test('is awaited to its next end if it is resumed at the moment it fails', async () => {
    const backend = new FakeBackend()
    backend.failNext('complete', refused)
    const { remote } = remoteOf(rig({ backend, transport: new StoringTransport() }))
    const upload = remote.uploadFile(fileOf(8))
    const again = new Promise((resolve) => {
      upload.on('state', ({ status }) => {
        if (status !== 'failed') return
        upload.resume()
        upload.resume()
        resolve(upload.then())
      })
    })
    await expect(upload).rejects.toBeInstanceOf(HttpError)
    expect(await again).toMatchObject({ key: 'the-key' })
  })
})

describe('the same file twice', () => {
  test('is one upload while that is under way, even with its params in another order', async () => {
    const { remote, backend, transport } = remoteOf(rig({ transport: new StoringTransport() }))
    const begun = vi.fn()
    remote.on('upload', begun)
    const params = { album: '7', tag: { a: 1, b: 2 } }
    const file = fileOf(8)
    const upload = remote.uploadFile(file, { params })
    expect(remote.uploadFile(file, { params: { tag: { b: 2, a: 1 }, album: '7' } })).toBe(upload)
    const other = remote.uploadFile(file, { params: { album: '8' } })
    expect(other).not.toBe(upload)
    expect(remote.uploads).toEqual([upload, other])
    expect([upload.id, other.id]).toEqual(['1', '2'])
    await Promise.all([upload, other])
    expect(begun.mock.calls).toEqual([[upload], [other]])
    expect(backend.opened).toHaveLength(2)
    expect(transport.stored.toSorted()).toEqual([1, 1, 2, 2])
    expect(remote.uploads).toEqual([])
  })

  test('resumes the upload if it was paused', async () => {
    const { remote, transport } = remoteOf(rig())
    const upload = remote.uploadFile(fileOf(8))
    await transport.next()
    upload.pause()
    await until(() => expect(upload.state.status).toBe('paused'))
    expect(remote.uploadFile(fileOf(8))).toBe(upload)
    await storeAll(transport, upload)
  })

  test('resumes the upload if it had failed, and awaiting it waits for its next end', async () => {
    const backend = new FakeBackend()
    backend.failNext('complete', refused)
    const { remote } = remoteOf(rig({ backend, transport: new StoringTransport() }))
    const upload = remote.uploadFile(fileOf(8))
    await expect(upload).rejects.toBeInstanceOf(HttpError)
    expect(remote.uploads).toEqual([upload])
    const again = remote.uploadFile(fileOf(8))
    expect(again).toBe(upload)
    expect(await again).toMatchObject({ key: 'the-key' })
  })

  test('is a new upload once the first is done, or as soon as the first is being cancelled', async () => {
    const { remote, backend, transport } = remoteOf(rig({ transport: new StoringTransport() }))
    const first = remote.uploadFile(fileOf(8))
    await first
    const second = remote.uploadFile(fileOf(8))
    expect(second).not.toBe(first)
    const cancelled = second.cancel('enough')
    expect(second.state.status).toBe('waiting')
    const third = remote.uploadFile(fileOf(8))
    expect(third).not.toBe(second)
    await cancelled
    await expect(second).rejects.toBe('enough')
    expect(remote.uploads).toEqual([third])
    expect(await third).toMatchObject({ key: 'the-key' })
    expect(backend.completed).toHaveLength(2)
    expect(transport.stored.slice(0, 2).toSorted()).toEqual([1, 2])
  })

  test('lets an upload whose file could not be read go on when the file is picked again', async () => {
    const transport = new StoringTransport()
    transport.fault = () => new FileUnreadableError('file.bin')
    const { remote } = remoteOf(rig({ transport }))
    const upload = remote.uploadFile(fileOf(8))
    await until(() => expect(upload.state).toMatchObject({ status: 'paused', reason: 'needs-file' }))
    transport.fault = () => undefined
    expect(remote.uploadFile(fileOf(8))).toBe(upload)
    expect(await upload).toMatchObject({ size: 8 })
  })

  test('joins an upload that the worker began by itself, with its parts and figures', async () => {
    const { remote, transport, uploader, backend } = remoteOf(rig())
    const own = uploader.uploadFile(fileOf(8))
    ;(await transport.next()).store()
    await flush()
    own.pause()
    await flush()
    const upload = remote.uploadFile(fileOf(8))
    await until(() => expect(upload.progress.confirmed).toBe(4))
    expect(upload.parts()[0]).toEqual({ number: 1, offset: 0, size: 4, status: 'stored' })
    await storeAll(transport, upload)
    expect(await own).toEqual(await upload)
    expect(backend.opened).toHaveLength(1)
  })
})

describe('a file that only looks like one that is under way', () => {
  const clip = (content: string): File => new File([content], 'A0001.WAV', { lastModified: 1 })
  const theirs = { code: 'in-use', message: expect.stringContaining('A0001.WAV') }

  test('is refused in the page, and can be sent after the other has ended', async () => {
    const { remote, transport, backend } = remoteOf(rig())
    const first = remote.uploadFile(clip('one1'))
    await transport.next()
    expect(() => remote.uploadFile(clip('two2'))).toThrow(expect.objectContaining(theirs))
    const batch = remote.uploadFiles([clip('two2')])
    expect(await batch.settled()).toMatchObject({ refused: 1, outcomes: [{ error: theirs }] })
    await storeAll(transport, first)
    await storeAll(transport, remote.uploadFile(clip('two2')))
    expect(backend.opened).toHaveLength(2)
  })

  test('does not replace the file of a paused upload', async () => {
    const { remote, transport } = remoteOf(rig())
    const own = clip('one1')
    const upload = remote.uploadFile(own)
    await transport.next()
    upload.pause()
    await until(() => expect(upload.state.status).toBe('paused'))
    expect(remote.uploadFile(clip('two2'))).toBe(upload)
    await expect(upload).rejects.toMatchObject({ code: 'file-changed' })
    expect(remote.uploadFile(own)).toBe(upload)
    await storeAll(transport, upload)
    await upload
  })

  test('is refused if another page of the same worker uploads the other one, while a file of the same content joins it', async () => {
    const { remote, transport, uploader, backend } = remoteOf(rig())
    const { worker, scope } = fakeWorker()
    serveUploader(uploader, scope)
    const other = new RemoteUploader(worker)
    const first = remote.uploadFile(clip('one1'))
    await transport.next()
    const refused = other.uploadFile(clip('two2'))
    await expect(refused).rejects.toMatchObject(theirs)
    await refused.cancel()
    const joined = other.uploadFile(clip('one1'))
    await until(() => expect(joined.state.status).toBe('uploading'))
    await storeAll(transport, first)
    expect(await joined).toEqual(await first)
    // The other upload has ended, so this file can be sent now.
    await storeAll(transport, other.uploadFile(clip('two2')))
    expect(backend.opened).toHaveLength(2)
  })
})

test('pause() and resume() take effect on joining, if they were called while the files were still being compared', async () => {
  const { remote, transport, uploader } = remoteOf(rig())
  const { worker, scope } = fakeWorker()
  serveUploader(uploader, scope)
  const other = new RemoteUploader(worker)
  const first = remote.uploadFile(fileOf(8))
  await transport.next()
  const joined = other.uploadFile(fileOf(8))
  joined.pause()
  await until(() => expect([first.state.status, joined.state.status]).toEqual(['paused', 'paused']))
  joined.resume()
  await storeAll(transport, first)
  expect(await joined).toEqual(await first)
})

describe('many files', () => {
  test('begin in their order, with refusals and one summary, as without a worker', async () => {
    const { remote } = remoteOf(rig({ transport: new StoringTransport() }))
    const begun: RemoteUpload[] = []
    remote.on('upload', (upload) => begun.push(upload))
    const files = [
      fileOf(4, 'a.bin'),
      fileOf(9, 'b.bin'),
      fileOf(4, 'c.txt'),
      fileOf(4, 'd.bin'),
      fileOf(4, 'e.bin'),
    ]
    const batch = remote.uploadFiles(files, {
      accept: '.bin',
      maxSize: 8,
      maxFiles: 2,
      params: { album: '7' },
    })
    const uploads = await batch
    expect(uploads).toEqual(begun)
    expect(uploads.map(({ identity }) => identity.name)).toEqual(['a.bin', 'd.bin'])
    expect((await batch.refused()).map(({ name, error }) => [name, error.code])).toEqual([
      ['b.bin', 'too-large'],
      ['c.txt', 'not-accepted'],
      ['e.bin', 'too-many'],
    ])
    const { outcomes, ...counts } = await batch.settled()
    expect(counts).toEqual({ done: 2, failed: 0, cancelled: 0, refused: 3 })
    expect(outcomes[0]).toMatchObject({ status: 'done', upload: uploads[0], result: { key: 'the-key' } })
  })

  test('fail and are cancelled one by one', async () => {
    const backend = new FakeBackend()
    backend.failNext('complete', refused)
    const { remote } = remoteOf(rig({ backend, transport: new StoringTransport() }))
    const batch = remote.uploadFiles([fileOf(4, 'a'), fileOf(4, 'b')])
    const [, second] = await batch
    await second?.cancel('enough')
    expect((await batch.settled()).outcomes).toMatchObject([
      { status: 'failed', name: 'a', error: { code: 'http', status: 400 } },
      { status: 'cancelled', name: 'b', reason: 'enough' },
    ])
  })

  test('begin as they arrive, and none begins after stop()', async () => {
    const { remote, backend } = remoteOf(rig())
    let next = (): void => {}
    async function* slowly(): AsyncGenerator<File> {
      yield fileOf(4, 'a')
      await new Promise<void>((resolve) => {
        next = resolve
      })
      yield fileOf(4, 'b')
    }
    const batch = remote.uploadFiles(slowly())
    await until(() => expect(remote.uploads).toHaveLength(1))
    await remote.stop()
    next()
    const { outcomes } = await batch.settled()
    expect(outcomes).toMatchObject([{ name: 'a', status: 'cancelled' }])
    await flush()
    expect(backend.opened.map(({ name }) => name)).toEqual(['a'])
  })

  test('throw at once if they are not a list of files', async () => {
    const { remote } = remoteOf(rig())
    expect(() => remote.uploadFiles([], { maxFiles: -1 })).toThrow(RangeError)
    await expect(remote.uploadFiles([42 as unknown as File])).rejects.toThrow(TypeError)
  })
})

/** A handle whose permission prompt stays open until the test answers. */
function asking(file: File) {
  const answers: ((permission: string) => void)[] = []
  const requestPermission = (): Promise<string> => new Promise((resolve) => answers.push(resolve))
  const handle = { name: file.name, requestPermission, getFile: async () => file }
  const answer = (permission: string): void => {
    for (const one of answers) one(permission)
  }
  return { handle: handle as unknown as FileSystemFileHandle, answer }
}

describe('an upload left by an earlier visit', () => {
  async function interrupted(handle?: FileSystemFileHandle) {
    const checkpoints = memoryCheckpoints()
    const before = rig({ checkpoints })
    const upload = before.uploader.uploadFile(fileOf(12), { params: { album: '7' }, handle })
    ;(await before.transport.next()).store()
    await flush()
    await before.uploader.stop()
    await upload.catch(() => {})
    return remoteOf(rig({ checkpoints, transport: new StoringTransport() }))
  }

  test('is listed, and goes on when its file is picked again', async () => {
    const { remote, transport } = await interrupted()
    const [left] = await remote.interrupted()
    expect(left).toMatchObject({
      identity: { name: 'file.bin', size: 12 },
      params: { album: '7' },
      confirmed: 4,
      needsFile: true,
      handle: undefined,
    })
    const upload = left?.resume(fileOf(12))
    await upload
    expect(transport.stored).toEqual([2, 3])
    expect(upload?.state.status).toBe('done')
    expect(await remote.interrupted()).toEqual([])
  })

  test('goes on with a file whose name differs from the name that the upload was given', async () => {
    const one = remoteOf(rig())
    const upload = one.remote.uploadFile(fileOf(12), { name: 'day-1.bin' })
    ;(await one.transport.next()).store()
    await one.remote.stop()
    await upload.catch(() => {})
    const { checkpoints } = one
    const { remote, transport } = remoteOf(rig({ checkpoints, transport: new StoringTransport() }))
    const [left] = await remote.interrupted()
    const again = left?.resume(fileOf(12))
    await again
    expect([again?.identity.name, transport.stored]).toEqual(['day-1.bin', [2, 3]])
  })

  test('refuses another file, and needs one', async () => {
    const { remote } = await interrupted()
    const [left] = await remote.interrupted()
    expect(() => left?.resume(fileOf(13))).toThrow(FileChangedError)
    expect(() => left?.resume()).toThrow('Expected `file` to be a File')
    expect(await remote.interrupted()).toHaveLength(1)
  })

  test('can be forgotten or cancelled', async () => {
    const one = await interrupted()
    await (await one.remote.interrupted())[0]?.forget()
    expect(one.backend.aborted).toEqual([])
    expect(await one.remote.interrupted()).toEqual([])
    const other = await interrupted()
    await (await other.remote.interrupted())[0]?.cancel()
    expect(other.backend.aborted).toHaveLength(1)
  })

  test('is forgotten or cancelled alone, however often the list was asked for', async () => {
    const checkpoints = memoryCheckpoints()
    const before = rig({ checkpoints, concurrency: 5 })
    for (const name of ['a', 'b', 'c']) before.uploader.uploadFile(fileOf(8, name))
    await flush()
    const { remote, backend } = remoteOf(rig({ checkpoints }))
    await remote.interrupted()
    const [a, b] = await remote.interrupted()
    await remote.interrupted()
    await a?.forget()
    await b?.cancel()
    expect((await remote.interrupted()).map(({ identity }) => identity.name)).toEqual(['c'])
    expect(backend.aborted).toHaveLength(1)
  })

  test('says why it cannot be forgotten', async () => {
    const { remote, transport } = await interrupted()
    const [left] = await remote.interrupted()
    transport.fault = () => new NetworkError('down')
    left?.resume(fileOf(12)).catch(() => {})
    await expect(left?.forget()).rejects.toMatchObject({ name: 'UploadError', code: 'in-use' })
  })

  test('is cancelled together with an upload that waits for permission to read its file', async () => {
    const handle = { name: 'file.bin', requestPermission: () => new Promise(() => {}), getFile: vi.fn() }
    const { remote, backend } = await interrupted(handle as unknown as FileSystemFileHandle)
    const [left] = await remote.interrupted()
    const upload = left?.resume()
    expect(upload?.state.status).toBe('waiting')
    await left?.cancel()
    expect(upload?.state.status).toBe('cancelled')
    expect(backend.aborted).toHaveLength(1)
    expect([await remote.interrupted(), remote.uploads]).toEqual([[], []])
  })

  test('asks for permission within the click, and for the file if the user denies it', async () => {
    const file = fileOf(12)
    const asked = vi.fn(async () => 'denied')
    const handle = { name: 'file.bin', requestPermission: asked, getFile: async () => file }
    const { remote } = await interrupted(handle as unknown as FileSystemFileHandle)
    const [left] = await remote.interrupted()
    expect(left).toMatchObject({ needsFile: false, handle })
    const upload = left?.resume()
    expect(asked).toHaveBeenCalledOnce()
    await flush()
    expect(upload?.state).toEqual({ status: 'paused', by: 'system', reason: 'needs-file' })
    asked.mockResolvedValue('granted')
    upload?.resume()
    expect(asked).toHaveBeenCalledTimes(2)
    expect(await upload).toMatchObject({ size: 12 })
  })

  test('is told apart from a file that only looks like it, after its handle was opened', async () => {
    const { handle, answer } = asking(fileOf(12))
    const { remote, backend } = await interrupted(handle)
    const release = backend.holdNext('complete')
    const [left] = await remote.interrupted()
    const upload = left?.resume()
    answer('granted')
    await until(() => expect(upload?.state.status).toBe('completing'))
    const again = (): unknown => remote.uploadFile(fileOf(12), { params: { album: '7' } })
    expect(again).toThrow(expect.objectContaining({ code: 'in-use' }))
    release()
    expect(await upload).toMatchObject({ size: 12 })
  })

  test('asks for permission within the click even if it was paused after its file could not be read', async () => {
    const file = fileOf(12)
    const asked = vi.fn(async () => 'granted')
    const handle = { name: 'file.bin', requestPermission: asked, getFile: async () => file }
    const transport = new StoringTransport()
    transport.fault = () => new FileUnreadableError('file.bin')
    const { remote, backend } = remoteOf(rig({ transport }))
    const release = backend.holdNext('complete')
    const upload = remote.uploadFile(file, { handle: handle as unknown as FileSystemFileHandle })
    await until(() => expect(upload.state).toMatchObject({ status: 'paused', reason: 'needs-file' }))
    upload.pause()
    await until(() => expect(upload.state).toEqual({ status: 'paused', by: 'user' }))
    transport.fault = () => undefined
    upload.resume()
    expect(asked).toHaveBeenCalledOnce()
    // Once the file can be read, permission is not asked for again.
    await until(() => expect(upload.state.status).toBe('completing'))
    expect(() => remote.uploadFile(fileOf(12))).toThrow(expect.objectContaining({ code: 'in-use' }))
    upload.pause()
    upload.resume()
    release()
    expect(await upload).toMatchObject({ size: 12 })
    expect(asked).toHaveBeenCalledOnce()
  })

  test('gives the worker the handle that was passed to resume()', async () => {
    const { remote, worker } = await interrupted()
    const posted = vi.spyOn(worker, 'postMessage')
    const handle = { name: 'file.bin', getFile: async () => fileOf(12) } as unknown as FileSystemFileHandle
    const [left] = await remote.interrupted()
    const upload = left?.resume(fileOf(12))
    upload?.pause()
    upload?.resume(fileOf(12), handle)
    await upload
    expect(posted.mock.calls.map(([message]) => message.longhaul.type)).toContain('resume')
    expect(posted.mock.calls.map(([message]) => message.longhaul.handle)).toContain(handle)
  })

  test('reaches the worker once, however often it is resumed while the user is asked for permission', async () => {
    const { handle, answer } = asking(fileOf(12))
    const { remote, worker } = await interrupted(handle)
    const posted = vi.spyOn(worker, 'postMessage')
    const [left] = await remote.interrupted()
    const upload = left?.resume()
    upload?.pause()
    upload?.resume()
    upload?.resume()
    answer('granted')
    await upload
    const orders = posted.mock.calls.map(([message]) => message.longhaul.type)
    expect(orders.filter((type) => type === 'upload')).toHaveLength(1)
  })

  test('stays cancelled if it was cancelled while the user was asked, whatever the user answers', async () => {
    for (const permission of ['granted', 'denied']) {
      const { handle, answer } = asking(fileOf(12))
      const { remote, transport } = await interrupted(handle)
      const [left] = await remote.interrupted()
      const upload = left?.resume()
      upload?.catch(() => {})
      await upload?.cancel()
      answer(permission)
      await flush()
      upload?.resume(fileOf(12))
      await flush()
      expect([upload?.state.status, transport.stored, remote.uploads]).toEqual(['cancelled', [], []])
    }
  })

  test('stays paused if it is paused again while the user is asked for permission', async () => {
    const file = fileOf(12)
    const { handle, answer } = asking(file)
    const transport = new StoringTransport()
    transport.fault = () => new FileUnreadableError('file.bin')
    const { remote } = remoteOf(rig({ transport }))
    const upload = remote.uploadFile(file, { handle })
    await until(() => expect(upload.state).toMatchObject({ status: 'paused', reason: 'needs-file' }))
    transport.fault = () => undefined
    upload.resume()
    upload.pause()
    answer('granted')
    await flush()
    expect([upload.state, transport.stored]).toEqual([{ status: 'paused', by: 'user' }, []])
    upload.resume(file)
    expect(await upload).toMatchObject({ size: 12 })
  })

  test('counts as under way, no longer as interrupted, while the user is asked for permission', async () => {
    const { handle, answer } = asking(fileOf(12))
    const { remote, transport } = await interrupted(handle)
    const begun = vi.fn()
    remote.on('upload', begun)
    const [left] = await remote.interrupted()
    const upload = left?.resume()
    expect(begun).toHaveBeenCalledWith(upload)
    expect(await remote.interrupted()).toEqual([])
    upload?.pause()
    expect(upload?.state).toEqual({ status: 'paused', by: 'user' })
    answer('granted')
    await flush()
    expect(transport.stored).toEqual([])
    upload?.resume()
    await upload
    expect(transport.stored).toEqual([2, 3])
  })

  test('can be stopped while the user is asked for permission', async () => {
    const handle = { name: 'file.bin', requestPermission: () => new Promise(() => {}), getFile: vi.fn() }
    const { remote } = await interrupted(handle as unknown as FileSystemFileHandle)
    const [left] = await remote.interrupted()
    const upload = left?.resume()
    await remote.stop()
    await expect(upload).rejects.toBeInstanceOf(CancelledError)
    expect(remote.uploads).toEqual([])
    expect(await remote.interrupted()).toHaveLength(1)
  })

  test('goes on if the user denies permission but the file was passed along', async () => {
    const handle = { name: 'file.bin', requestPermission: async () => 'denied', getFile: vi.fn() }
    const { remote } = await interrupted(handle as unknown as FileSystemFileHandle)
    const [left] = await remote.interrupted()
    const upload = left?.resume(fileOf(12))
    expect(left?.resume()).toBe(upload)
    const seen = vi.fn()
    upload?.on('state', ({ status }) => seen(status))
    expect(await upload).toMatchObject({ size: 12 })
    expect(seen).not.toHaveBeenCalledWith('paused')
  })

  test('returns the upload that already goes on with it', async () => {
    const { remote } = await interrupted()
    const [left] = await remote.interrupted()
    const file = fileOf(12)
    const upload = left?.resume(file)
    expect(left?.resume(file)).toBe(upload)
    expect(remote.uploadFile(file, { params: { album: '7' } })).toBe(upload)
    expect(await upload).toMatchObject({ size: 12 })
  })

  test('is cancelled for good while the user is asked for permission, and after the user has denied it', async () => {
    for (const permission of [undefined, 'denied']) {
      const { handle, answer } = asking(fileOf(12))
      const { remote, backend } = await interrupted(handle)
      const [left] = await remote.interrupted()
      const upload = left?.resume()
      if (permission !== undefined) answer(permission)
      await flush()
      const release = backend.holdNext('abort')
      const cancelled = upload?.cancel('no')
      expect(upload?.state).toEqual({ status: 'cancelled', reason: 'no' })
      const again = remote.uploadFile(fileOf(12), { params: { album: '7' } })
      expect(again).not.toBe(upload)
      await flush()
      expect(backend.opened).toEqual([])
      release()
      await cancelled
      await expect(upload).rejects.toBe('no')
      expect(backend.aborted).toHaveLength(1)
      expect(await again).toMatchObject({ size: 12 })
      expect(backend.opened).toHaveLength(1)
    }
  })

  test('stays paused by the user if permission is denied meanwhile, and asks for the file when it is resumed', async () => {
    const { handle, answer } = asking(fileOf(12))
    const { remote } = await interrupted(handle)
    const [left] = await remote.interrupted()
    const upload = left?.resume() as RemoteUpload
    const seen = statuses(upload)
    upload.pause()
    answer('denied')
    await flush()
    expect(upload.state).toEqual({ status: 'paused', by: 'user' })
    upload.resume()
    await until(() => expect(upload.state).toMatchObject({ by: 'system', reason: 'needs-file' }))
    expect(seen).toEqual(['waiting', 'paused', 'waiting', 'paused'])
    expect(await upload.cancel()).toBeUndefined()
  })

  test('asks for the file once, however often the user was asked and denied permission', async () => {
    const { handle, answer } = asking(fileOf(12))
    const { remote } = await interrupted(handle)
    const [left] = await remote.interrupted()
    const upload = left?.resume() as RemoteUpload
    upload.pause()
    upload.resume()
    const seen = statuses(upload)
    answer('denied')
    await until(() => expect(upload.state).toMatchObject({ by: 'system', reason: 'needs-file' }))
    await flush()
    expect(seen).toEqual(['waiting', 'paused'])
  })
})

describe('a RemoteUploader', () => {
  test('throws a TypeError without a worker', () => {
    const message = 'Expected `worker` to have a method `postMessage`'
    expect(() => new RemoteUploader({} as Worker)).toThrow(message)
    const url: unknown = new URL('https://app.example/upload-worker.js')
    expect(() => new RemoteUploader(url as Worker)).toThrow(
      `${message}, got "https://app.example/upload-worker.js" (URL)`,
    )
    expect(() => serveUploader(rig().uploader, {} as MessagePort)).toThrow(
      '`through` to have a method `postMessage`',
    )
  })

  test('can use a port to an Uploader, and closes it at the end', async () => {
    const { uploader } = rig({ transport: new StoringTransport() })
    const { port1, port2 } = new MessageChannel()
    serveUploader(uploader, port1)
    const remote = new RemoteUploader(port2)
    expect(await remote.interrupted()).toEqual([])
    const closed = new Promise((resolve) => port1.addEventListener('close', resolve))
    await remote.close()
    await closed
    await expect(remote.interrupted()).rejects.toThrow('the RemoteUploader was closed')
  })

  test('has the figures of uploads that others began, without waiting for their next event', async () => {
    const { uploader, transport } = rig()
    uploader.uploadFile(fileOf(8))
    ;(await transport.next()).store()
    await flush()
    const { worker, scope } = fakeWorker()
    serveUploader(uploader, scope)
    const remote = new RemoteUploader(worker)
    await flush()
    expect(remote.progress).toMatchObject({ confirmed: 4, total: 8, files: { total: 1 } })
    await remote.stop()
  })

  test('opens a SharedWorker, and connects to it again after stop()', async () => {
    const { uploader } = rig({ transport: new StoringTransport() })
    const made: SharedWorker[] = []
    const remote = new RemoteUploader(() => {
      const { port1, port2 } = new MessageChannel()
      serveUploader(uploader, port1)
      made.push(Object.assign(new EventTarget(), { port: port2 }) as SharedWorker)
      return made.at(-1) as SharedWorker
    })
    expect(await remote.interrupted()).toEqual([])
    await remote.stop()
    expect(await remote.interrupted()).toEqual([])
    expect(made).toHaveLength(2)
    await remote.close()
  })

  test('says so if its SharedWorker cannot be loaded', async () => {
    const worker = Object.assign(new EventTarget(), { port: new MessageChannel().port1 }) as SharedWorker
    const left = new RemoteUploader(worker).interrupted()
    worker.dispatchEvent(new Event('error'))
    await expect(left).rejects.toThrow('the worker could not be started')
  })

  test('stops all uploads with stop(), and keeps what is stored', async () => {
    const { remote, transport } = remoteOf(rig())
    const upload = remote.uploadFile(fileOf(12))
    ;(await transport.next()).store()
    await flush()
    await remote.stop()
    await expect(upload).rejects.toBeInstanceOf(CancelledError)
    expect(await remote.interrupted()).toMatchObject([{ confirmed: 4 }])
  })

  test('waits in stop() for an upload that is completing, which then is done', async () => {
    const backend = new FakeBackend()
    const release = backend.holdNext('complete')
    const { remote } = remoteOf(rig({ backend, transport: new StoringTransport() }))
    const upload = remote.uploadFile(fileOf(4))
    await until(() => expect(upload.state.status).toBe('completing'))
    const stopping = remote.stop()
    expect(upload.state.status).toBe('completing')
    release()
    await stopping
    expect(await upload).toMatchObject({ key: 'the-key' })
  })

  test('can be used again right after stop(): the same file is a new upload', async () => {
    const { remote, transport } = remoteOf(rig())
    const upload = remote.uploadFile(fileOf(12))
    ;(await transport.next()).store()
    await until(() => expect(upload.parts()[0]?.status).toBe('stored'))
    const stopped = remote.stop()
    const other = remote.uploadFile(fileOf(12))
    expect(other).not.toBe(upload)
    await stopped
    await expect(upload).rejects.toBeInstanceOf(CancelledError)
    await storeAll(transport, other)
    expect(transport.sent.filter((number) => number === 1)).toHaveLength(1)
    expect(remote.uploads).toEqual([])
  })

  test('ends its worker with close(), and reports being closed from then on', async () => {
    const { remote, worker, transport } = remoteOf(rig())
    const upload = remote.uploadFile(fileOf(12))
    await transport.next()
    await remote.close()
    await remote.close()
    expect(worker.isTerminated).toBe(true)
    await expect(upload).rejects.toBeInstanceOf(CancelledError)
    await expect(remote.interrupted()).rejects.toMatchObject({ message: 'the RemoteUploader was closed' })
    const late = remote.uploadFile(fileOf(4))
    await expect(late).rejects.toMatchObject({ code: 'unexpected', retryable: true })
    expect(late.state.status).toBe('failed')
  })

  test('fails everything that was asked for if the worker cannot be started', async () => {
    const { worker } = fakeWorker()
    const remote = new RemoteUploader(worker)
    const upload = remote.uploadFile(fileOf(4))
    const left = remote.interrupted()
    worker.dispatchEvent(Object.assign(new Event('error'), { message: '404' }))
    await expect(upload).rejects.toThrow('the worker could not be started: 404')
    await expect(left).rejects.toBeInstanceOf(UploadError)
    expect(worker.isTerminated).toBe(true)
  })

  test('keeps working after any other error in the worker, even if the worker was serving before the RemoteUploader existed', async () => {
    const { worker, scope } = fakeWorker()
    serveUploader(rig({ transport: new StoringTransport() }).uploader, scope)
    await flush()
    const remote = new RemoteUploader(worker)
    await flush()
    worker.dispatchEvent(Object.assign(new Event('error'), { message: 'some code' }))
    expect(await remote.uploadFile(fileOf(4))).toMatchObject({ size: 4 })
  })

  test("ignores the application's own messages", async () => {
    const { remote, worker } = remoteOf(rig({ transport: new StoringTransport() }))
    worker.postMessage({ token: 'a' })
    worker.postMessage(undefined)
    worker.dispatchEvent(new MessageEvent('message', { data: 'hello' }))
    expect(await remote.uploadFile(fileOf(4))).toMatchObject({ size: 4 })
  })

  test('gets no answer once the worker has stopped serving', async () => {
    const { remote, off, backend } = remoteOf(rig())
    off()
    remote.uploadFile(fileOf(4)).catch(() => {})
    await flush()
    expect(backend.opened).toEqual([])
  })

  test('restores the causes of errors', async () => {
    const backend = new FakeBackend()
    const cause = new NetworkError('down', { cause: new TypeError('failed to fetch') })
    backend.failNext('complete', new UploadError('unexpected', 'odd', { cause }))
    const { remote } = remoteOf(rig({ backend, transport: new StoringTransport() }))
    const error = (await remote.uploadFile(fileOf(4)).catch((reason: unknown) => reason)) as UploadError
    expect(error.cause).toBeInstanceOf(NetworkError)
    expect((error.cause as NetworkError).cause).toMatchObject({
      name: 'TypeError',
      message: 'failed to fetch',
    })
  })
})

/** A RemoteUploader that creates its own workers, all on one storage. */
function maker() {
  const checkpoints = memoryCheckpoints()
  const made: (Rig<StoringTransport> & { readonly worker: ReturnType<typeof fakeWorker>['worker'] })[] = []
  const make = vi.fn((): Worker => {
    const { worker, scope } = fakeWorker()
    const one = rig({ checkpoints, transport: new StoringTransport() })
    serveUploader(one.uploader, scope)
    made.push({ ...one, worker })
    return worker
  })
  return { remote: new RemoteUploader(make), make, made, checkpoints }
}

describe('a RemoteUploader that creates its own worker', () => {
  test('creates it once, at the first call that needs it', async () => {
    const { remote, make } = maker()
    remote.on('upload', () => {})
    expect([remote.uploads, remote.progress.files.total]).toEqual([[], 0])
    await remote.stop()
    await remote.uploadFile(fileOf(4), { signal: AbortSignal.abort() }).catch(() => {})
    expect(make).not.toHaveBeenCalled()
    await Promise.all([remote.uploadFile(fileOf(4)), remote.interrupted()])
    expect(make).toHaveBeenCalledOnce()
  })

  test('ends the worker with stop(), and creates another for the next upload, which goes on with what is stored', async () => {
    const { remote, made } = maker()
    const upload = remote.uploadFile(fileOf(12))
    upload.on('part', ({ status }) => {
      if (status === 'stored') stopped ??= remote.stop()
    })
    let stopped: Promise<void> | undefined
    await expect(upload).rejects.toBeInstanceOf(CancelledError)
    const [left] = await remote.interrupted()
    await stopped
    expect(made.map(({ worker }) => worker.isTerminated)).toEqual([true, false])
    expect(left?.confirmed).toBeGreaterThan(0)
    expect(await left?.resume(fileOf(12))).toMatchObject({ size: 12 })
    const [first, second] = made.map(({ transport }) => transport.stored)
    expect([...(first ?? []), ...(second ?? [])].toSorted()).toEqual([1, 2, 3])
    await expect(left?.forget()).resolves.toBeUndefined()
    await remote.close()
    expect(made.map(({ worker }) => worker.isTerminated)).toEqual([true, true])
  })

  test('creates another worker to forget or cancel an upload that an ended worker listed', async () => {
    for (const what of ['forget', 'cancel'] as const) {
      const { remote, made } = maker()
      const upload = remote.uploadFile(fileOf(12))
      upload.on('part', ({ status }) => void (status === 'stored' && remote.stop()))
      await expect(upload).rejects.toBeInstanceOf(CancelledError)
      const [left] = await remote.interrupted()
      expect(left?.confirmed).toBeGreaterThan(0)
      await remote.stop()
      await left?.[what]()
      expect(await remote.interrupted()).toEqual([])
      expect(made.map(({ backend }) => backend.aborted.length)).toEqual([0, 0, what === 'cancel' ? 1 : 0])
      await remote.close()
    }
  })

  test('creates another worker for a call made while stop() still waits for the first', async () => {
    const { remote, made } = maker()
    const upload = remote.uploadFile(fileOf(8))
    await until(() => expect(made).toHaveLength(1))
    const stopped = remote.stop()
    const other = remote.uploadFile(fileOf(8))
    await stopped
    await expect(upload).rejects.toBeInstanceOf(CancelledError)
    expect(await other).toMatchObject({ size: 8 })
    expect(made.map(({ worker }) => worker.isTerminated)).toEqual([true, false])
  })

  test('leaves a failed upload as it was if resume() cannot create a worker', async () => {
    const { remote, make } = maker()
    make.mockImplementationOnce(() => fakeWorker().worker)
    const upload = remote.uploadFile(fileOf(4))
    make.mock.results[0]?.value.dispatchEvent(new Event('error'))
    await expect(upload).rejects.toThrow('the worker could not be started')
    make.mockImplementationOnce(() => {
      throw new DOMException('not from there', 'SecurityError')
    })
    expect(() => upload.resume()).toThrow('not from there')
    expect(upload.state.status).toBe('failed')
    upload.resume()
    expect(await upload).toMatchObject({ size: 4 })
  })

  test('asks the user for no permission if the worker cannot be created', async () => {
    const requestPermission = vi.fn(async () => 'denied')
    const upload = new RemoteUpload({
      id: 1,
      identity: identify(fileOf(4)),
      params: {},
      file: Promise.reject(new FileUnreadableError('file.bin')),
      handle: { requestPermission } as unknown as FileSystemFileHandle,
      signal: undefined,
      link: () => {
        throw new DOMException('not from there', 'SecurityError')
      },
      onEnd: () => {},
    })
    await until(() => expect(upload.state).toMatchObject({ status: 'paused', reason: 'needs-file' }))
    expect(() => upload.resume()).toThrow('not from there')
    expect(upload.state).toMatchObject({ status: 'paused', reason: 'needs-file' })
    expect(requestPermission).not.toHaveBeenCalled()
  })

  test('creates another worker if the first could not be started, for the same upload too', async () => {
    const { remote, make, made } = maker()
    make.mockImplementationOnce(() => fakeWorker().worker)
    const upload = remote.uploadFile(fileOf(4))
    const { id } = upload
    make.mock.results[0]?.value.dispatchEvent(new Event('error'))
    await expect(upload).rejects.toThrow('the worker could not be started')
    expect(upload.state.status).toBe('failed')
    upload.resume()
    expect(await upload).toMatchObject({ size: 4 })
    expect([upload.id, made.length]).toEqual([id, 1])
  })

  test('restarts an upload that no worker knows, and throws the reason if no worker can be created', async () => {
    const { remote, make } = maker()
    make.mockImplementationOnce(() => {
      throw new DOMException('not from there', 'SecurityError')
    })
    expect(() => remote.uploadFile(fileOf(4))).toThrow('not from there')
    await expect(remote.uploadFile(fileOf(4))).resolves.toMatchObject({ size: 4 })
    make.mockImplementationOnce(() => fakeWorker().worker)
    await remote.stop()
    const upload = remote.uploadFile(fileOf(4))
    make.mock.results.at(-1)?.value.dispatchEvent(new Event('error'))
    await expect(upload).rejects.toThrow('the worker could not be started')
    upload.restart()
    expect(await upload).toMatchObject({ size: 4 })
  })

  test('fails again instead of hanging if the worker that it was given is dead', async () => {
    const { worker } = fakeWorker()
    const remote = new RemoteUploader(worker)
    const upload = remote.uploadFile(fileOf(4))
    let tries = 0
    upload.on('state', ({ status }) => {
      if (status !== 'failed' || tries === 3) return
      tries += 1
      upload.resume()
    })
    worker.dispatchEvent(new Event('error'))
    expect(tries).toBe(1)
    await until(() => expect(tries).toBe(3))
    await until(() => expect(upload.state.status).toBe('failed'))
    await expect(upload).rejects.toThrow('the worker could not be started')
    await upload.cancel('enough')
    expect(remote.uploads).toEqual([])
  })
})
