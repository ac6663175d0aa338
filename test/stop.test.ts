import { describe, expect, test } from 'vitest'
import { NetworkError } from '../src/errors.ts'
import { FakeBackend } from './fakes/backend.ts'
import { flush } from './fakes/clock.ts'
import { StoringTransport } from './fakes/part-transport.ts'
import { FakeBrowser } from './fakes/tabs.ts'
import { fileOf, rig } from './fakes/uploader.ts'

/** Waits for an answer to complete, which will be a failure. */
async function completing() {
  const backend = new FakeBackend()
  const release = backend.holdNext('complete')
  backend.failNext('complete', new NetworkError('no answer'))
  const one = rig({ backend, transport: new StoringTransport() })
  const upload = one.uploader.uploadFile(fileOf(4))
  await flush()
  return { ...one, upload, release }
}

describe('stop()', () => {
  test('ends running uploads and keeps what is stored, so that the next visit can continue', async () => {
    const browser = new FakeBrowser()
    const first = rig({ tabs: browser.tab() })
    const upload = first.uploader.uploadFile(fileOf(12))
    ;(await first.transport.next()).store()
    await flush()
    await first.uploader.stop()
    await expect(upload).rejects.toMatchObject({
      code: 'cancelled',
      message: expect.stringContaining('stopped'),
    })
    expect(first.uploader.uploads).toEqual([])
    expect([first.transport.open.size, first.clock.sleeping]).toEqual([0, 0])
    expect(first.backend.aborted).toEqual([])

    const second = rig({
      tabs: browser.tab(),
      transport: new StoringTransport(),
      checkpoints: first.checkpoints,
    })
    const [left] = await second.uploader.interrupted()
    expect(left?.confirmed).toBe(4)
    await left?.resume(fileOf(12))
    expect(second.transport.stored).toEqual([2, 3])
    expect(second.backend.opened).toEqual([])
  })

  test.each(['pause', 'fail', 'wait'] as const)('releases an idle upload: %s', async (rest) => {
    const browser = new FakeBrowser()
    const { uploader, transport, checkpoints } = rig({ tabs: browser.tab(), concurrency: 1, partSize: 4 })
    const upload = uploader.uploadFile(fileOf(8))
    const request = await transport.next()
    if (rest === 'pause') upload.pause()
    if (rest === 'fail') request.respond({ status: 400 })
    if (rest === 'wait') for (let index = 0; index < 20; index++) uploader.uploadFile(fileOf(4, `f${index}`))
    await flush()
    await uploader.stop()
    expect(uploader.uploads).toEqual([])
    const next = rig({ tabs: browser.tab(), transport: new StoringTransport(), checkpoints })
    expect((await next.uploader.interrupted()).some(({ identity }) => identity.name === 'file.bin')).toBe(
      true,
    )
  })

  test('leaves an upload of another tab to that tab', async () => {
    const browser = new FakeBrowser()
    const owner = rig({ tabs: browser.tab() })
    owner.uploader.uploadFile(fileOf(8))
    const [one, two] = await owner.transport.take(2)
    const { uploader } = rig({ tabs: browser.tab(), checkpoints: owner.checkpoints })
    const shown = uploader.uploadFile(fileOf(8))
    await flush()
    expect(shown.state).toMatchObject({ status: 'paused', reason: 'other-tab' })
    await uploader.stop()
    one?.store()
    two?.store()
    expect(await owner.uploader.uploads[0]).toMatchObject({ key: 'the-key' })
  })

  test('ends a list whose files are still coming, and begins none of them later', async () => {
    const { uploader, backend } = rig()
    let release = (): void => {}
    const more = new Promise<void>((resolve) => {
      release = resolve
    })
    let isClosed = false
    async function* folder(): AsyncGenerator<File> {
      try {
        yield fileOf(4, 'a')
        await more
        yield fileOf(4, 'b')
        yield fileOf(4, 'c')
      } finally {
        isClosed = true
      }
    }
    const batch = uploader.uploadFiles(folder())
    await flush()
    expect(uploader.uploads).toHaveLength(1)
    await uploader.stop()
    release()
    expect((await batch).map(({ identity }) => identity.name)).toEqual(['a'])
    expect(await batch.settled()).toMatchObject({ cancelled: 1, done: 0 })
    expect([uploader.uploads, isClosed]).toEqual([[], true])
    expect(backend.opened.map(({ name }) => name)).toEqual(['a'])
  })

  test('waits for the answer if an upload is completing', async () => {
    const backend = new FakeBackend()
    const release = backend.holdNext('complete')
    const { uploader } = rig({ backend, transport: new StoringTransport() })
    const upload = uploader.uploadFile(fileOf(4))
    await flush()
    expect(upload.state.status).toBe('completing')
    const stopping = uploader.stop()
    release()
    await stopping
    expect(upload.state.status).toBe('done')
  })

  test('does not undo an earlier cancel', async () => {
    const { uploader, backend, checkpoints, upload, release } = await completing()
    upload.catch(() => {})
    const both = [upload.cancel(), uploader.stop()]
    release()
    await Promise.all(both)
    expect(backend.aborted).toEqual(['session-1'])
    expect(await checkpoints.list()).toEqual([])
  })

  test('does not prevent a later cancel from aborting the upload', async () => {
    const { uploader, backend, checkpoints, upload, release } = await completing()
    upload.catch(() => {})
    const both = [uploader.stop(), upload.cancel()]
    release()
    await Promise.all(both)
    expect(backend.aborted).toEqual(['session-1'])
    expect(await checkpoints.list()).toEqual([])
  })

  test('keeps what is stored if it is called twice', async () => {
    const { uploader, backend, transport, checkpoints } = rig()
    const upload = uploader.uploadFile(fileOf(12))
    ;(await transport.next()).store()
    await flush()
    await Promise.all([uploader.stop(), uploader.stop()])
    await expect(upload).rejects.toMatchObject({ code: 'cancelled' })
    expect(backend.aborted).toEqual([])
    expect(await checkpoints.list()).toMatchObject([{ receipts: [{ number: 1 }] }])
  })

  test('is not undone by a pause and a resume while it waits for the answer to complete', async () => {
    const { uploader, backend, checkpoints, upload, release } = await completing()
    const stopping = uploader.stop()
    upload.pause()
    upload.resume()
    release()
    await stopping
    await expect(upload).rejects.toMatchObject({ code: 'cancelled' })
    expect([uploader.uploads, backend.aborted]).toEqual([[], []])
    expect((await checkpoints.list()).length).toBe(1)
  })

  test('leaves the Uploader usable', async () => {
    const { uploader, transport } = rig({ transport: new StoringTransport() })
    await uploader.stop()
    await uploader.uploadFile(fileOf(4))
    expect(transport.stored).toEqual([1])
  })
})
