/** Files that only their content tells apart: the path, name, size and date are equal. */
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { memoryCheckpoints } from '../src/checkpoints/memory.ts'
import { FileUnreadableError } from '../src/errors.ts'
import { fingerprint } from '../src/fingerprint.ts'
import { requireItsOwn } from '../src/identity.ts'
import { requireFile } from '../src/options.ts'
import type { Checkpoint } from '../src/ports.ts'
import { flush } from './fakes/clock.ts'
import { StoringTransport } from './fakes/part-transport.ts'
import { FakeBrowser } from './fakes/tabs.ts'
import { FakeHasher, type Rig, rig } from './fakes/uploader.ts'

/** A recorder's clip, which differs from another only in its content. */
function clip(content: string): File {
  return new File([content], 'A0001.WAV', { lastModified: 1 })
}

const theirs = { code: 'in-use', message: expect.stringContaining('A0001.WAV') }
const changed = { code: 'file-changed' }

describe('a Blob, which has no name or date of its own,', () => {
  test('is a separate upload even if fifty have one size within one millisecond', async () => {
    const { uploader, backend } = rig({ transport: new StoringTransport() })
    const blobs = Array.from({ length: 50 }, (_, index) => new Blob([String(100 + index)]))
    const uploads = blobs.map((blob) => uploader.uploadFile(blob, { name: 'chunk.bin' }))
    await Promise.all(uploads)
    expect([new Set(uploads).size, backend.opened.length]).toEqual([50, 50])
    const batch = uploader.uploadFiles(blobs)
    expect(await batch.settled()).toMatchObject({ done: 50, refused: 0 })
    expect(backend.opened).toHaveLength(100)
  })

  test('is one upload if it is passed twice while that is under way', async () => {
    const { uploader, transport } = rig()
    const blob = new Blob(['abcd'])
    const upload = uploader.uploadFile(blob)
    expect(uploader.uploadFile(blob)).toBe(upload)
    ;(await transport.next()).store()
    await upload
    const again = uploader.uploadFile(blob)
    expect(again).not.toBe(upload)
    await again.cancel()
    await again.catch(() => {})
  })

  test('keeps its type and gets a date of about now', () => {
    vi.useFakeTimers({ now: 5_000 })
    try {
      const files = ['a', 'b'].map((text) => requireFile(new Blob([text], { type: 'video/webm' })))
      expect(files.map(({ type }) => type)).toEqual(['video/webm', 'video/webm'])
      const [first = 0, second] = files.map(({ lastModified }) => lastModified)
      expect(first).toBeGreaterThanOrEqual(5_000)
      expect(second).toBe(first + 1)
    } finally {
      vi.useRealTimers()
    }
  })
})

test('a File from another window is one file, however often it is passed', () => {
  // Not an instance of this window's File.
  const foreign = Object.assign(new Blob(['ours']), { name: 'A0001.WAV', lastModified: 7 })
  const ours = requireFile(foreign)
  expect([ours.name, ours.lastModified, ours instanceof File]).toEqual(['A0001.WAV', 7, true])
  expect(requireFile(foreign)).toBe(ours)
})

describe('a file that only looks like the one under way in the same page', () => {
  test('is refused, and can be sent once that upload has ended', async () => {
    const { uploader, transport, backend } = rig()
    const first = uploader.uploadFile(clip('one1'))
    const request = await transport.next()
    expect(() => uploader.uploadFile(clip('two2'))).toThrow(expect.objectContaining(theirs))
    const batch = uploader.uploadFiles([clip('two2')])
    expect(await batch.settled()).toMatchObject({ refused: 1, outcomes: [{ error: theirs }] })
    request.store()
    await first
    const second = uploader.uploadFile(clip('two2'))
    ;(await transport.next()).store()
    await second
    expect(backend.opened).toHaveLength(2)
  })

  test('is refused while that upload waits for the network', async () => {
    const { uploader, transport, connectivity } = rig()
    const first = uploader.uploadFile(clip('one1'))
    const request = await transport.next()
    connectivity.online = false
    request.cut()
    await flush()
    expect(first.state).toMatchObject({ status: 'paused', reason: 'offline' })
    expect(() => uploader.uploadFile(clip('two2'))).toThrow(expect.objectContaining(theirs))
    await first.cancel()
  })

  test('is refused while that upload waits for another tab', async () => {
    const checkpoints = memoryCheckpoints()
    const browser = new FakeBrowser()
    const [other, one] = [1, 2].map(() => rig({ checkpoints, tabs: browser.tab() })) as [Rig, Rig]
    other.uploader.uploadFile(clip('one1'))
    await flush()
    const first = one.uploader.uploadFile(clip('one1'))
    await flush()
    expect(first.state).toMatchObject({ status: 'paused', reason: 'other-tab' })
    expect(() => one.uploader.uploadFile(clip('two2'))).toThrow(expect.objectContaining(theirs))
    await one.uploader.stop()
    await other.uploader.stop()
  })

  test('does not take its place after a pause before anything is stored, but the original does', async () => {
    const { uploader, transport, backend } = rig()
    const own = clip('one1')
    const upload = uploader.uploadFile(own)
    await transport.next()
    upload.pause()
    expect(uploader.uploadFile(clip('two2'))).toBe(upload)
    await expect(upload).rejects.toMatchObject(changed)
    upload.resume()
    await expect(upload).rejects.toMatchObject(changed)
    expect(uploader.uploadFile(own)).toBe(upload)
    ;(await transport.next()).store()
    await upload
    expect(backend.opened).toHaveLength(1)
  })

  test('does not take its place through resume() while it is under way', async () => {
    const { uploader, transport } = rig()
    const upload = uploader.uploadFile(clip('one1'))
    await transport.next()
    upload.resume(clip('two2'))
    upload.pause()
    await flush()
    upload.resume()
    const request = await transport.next()
    expect(await request.body.text()).toBe('one1')
    request.store()
    await upload
  })

  test('takes its place through restart()', async () => {
    const { uploader, transport } = rig({ transport: new StoringTransport() })
    transport.fault = () => ({ status: 400, headers: {}, body: '' })
    const upload = uploader.uploadFile(clip('one1'))
    await expect(upload).rejects.toMatchObject({ code: 'http' })
    uploader.uploadFile(clip('two2'))
    await expect(upload).rejects.toMatchObject(changed)
    transport.fault = () => undefined
    upload.restart()
    await upload
    expect(new TextDecoder().decode(transport.object())).toBe('two2')
  })

  test('takes its place through restart() even if an earlier run has not ended yet', async () => {
    const { uploader, backend, transport } = rig({ transport: new StoringTransport() })
    const release = backend.holdNext('open')
    const upload = uploader.uploadFile(clip('one1'))
    await flush()
    upload.pause()
    uploader.uploadFile(clip('two2'))
    upload.pause()
    upload.restart()
    release()
    await upload
    expect(new TextDecoder().decode(transport.object())).toBe('two2')
  })

  test('continues the upload if its content is the same, even before anything was opened', async () => {
    const { uploader, backend } = rig({ transport: new StoringTransport() })
    backend.failNext('open', new Error('no'))
    const upload = uploader.uploadFile(clip('one1'))
    await expect(upload).rejects.toMatchObject({ code: 'unexpected' })
    await uploader.uploadFile(clip('one1'))
    expect(upload.state.status).toBe('done')
  })

  test('is not compared with a file that can no longer be read', async () => {
    const hasher = new FakeHasher()
    const { uploader, transport } = rig({ transport: new StoringTransport(), hasher })
    transport.fault = () => new FileUnreadableError('A0001.WAV')
    const own = clip('one1')
    const upload = uploader.uploadFile(own)
    while (upload.state.status !== 'paused') await flush()
    transport.fault = () => undefined
    const digest = hasher.digestAll.bind(hasher)
    vi.spyOn(hasher, 'digestAll').mockImplementation((blob, ...more) =>
      blob === own ? Promise.reject(new FileUnreadableError('A0001.WAV')) : digest(blob, ...more),
    )
    await uploader.uploadFile(clip('one1'))
    expect(upload.state.status).toBe('done')
  })
})

describe('a file that is opened again by its handle', () => {
  /** An earlier visit stored the first of three parts. */
  async function left(file: File) {
    const handle = { kind: 'file', name: file.name, getFile: async () => file }
    const before = rig()
    const options = { handle: handle as unknown as FileSystemFileHandle }
    before.uploader.uploadFile(clip('one1one1one1'), options)
    ;(await before.transport.next()).store()
    await flush()
    await before.uploader.stop()
    const after = rig({ checkpoints: before.checkpoints })
    const [one] = await after.uploader.interrupted()
    if (one === undefined) throw new Error('nothing was left')
    return { ...after, upload: one.resume() }
  }

  test('is told from a lookalike just as a picked file is', async () => {
    const { uploader, transport, upload } = await left(clip('one1one1one1'))
    const request = await transport.next()
    expect(() => uploader.uploadFile(clip('two2two2two2'))).toThrow(expect.objectContaining(theirs))
    request.store()
    ;(await transport.next()).store()
    await upload
    expect(transport.sent).toEqual([2, 3])
  })

  test('does not prevent the user from picking the original if it has changed', async () => {
    const { uploader, transport, upload } = await left(clip('two2two2two2'))
    await expect(upload).rejects.toMatchObject(changed)
    expect(uploader.uploadFile(clip('one1one1one1'))).toBe(upload)
    for (const _ of [2, 3]) (await transport.next()).store()
    await upload
    expect(transport.sent).toEqual([2, 3])
  })
})

test('requireItsOwn() tells apart only files that are at hand, and its error carries the other upload', () => {
  const state = { status: 'uploading' } as const
  const [own, other] = [clip('one1'), clip('two2')]
  expect(() => requireItsOwn({ state, file: own }, own)).not.toThrow()
  // The user is being asked for it.
  const asked = Promise.resolve(own)
  expect(() => requireItsOwn({ state, file: asked }, other)).not.toThrow()
  expect(() => requireItsOwn({ state, file: own }, asked)).not.toThrow()
  const upload = { state, file: own }
  expect(() => requireItsOwn(upload, other)).toThrow(expect.objectContaining({ ...theirs, upload }))
  expect(() => requireItsOwn({ state: { status: 'paused', by: 'user' }, file: own }, other)).not.toThrow()
})

describe('a file that only looks like the one in another tab', () => {
  let checkpoints = memoryCheckpoints()
  let browser = new FakeBrowser()

  beforeEach(() => {
    checkpoints = memoryCheckpoints()
    browser = new FakeBrowser()
  })

  type Options = { readonly verify?: 'none' | 'full'; readonly hasher?: FakeHasher }

  function tab(options: Options = {}): Rig<StoringTransport> {
    return rig({ checkpoints, tabs: browser.tab(), transport: new StoringTransport(), ...options })
  }

  /** Both begin, and the first one is done. */
  async function both(
    [mine, other]: readonly [File, File],
    options: Options = {},
    heirs: Options = options,
  ): Promise<{
    one: Rig<StoringTransport>
    two: Rig<StoringTransport>
    heir: ReturnType<Rig['uploader']['uploadFile']>
  }> {
    const [one, two] = [tab(options), tab(heirs)]
    const release = one.backend.holdNext('complete')
    const first = one.uploader.uploadFile(mine)
    await flush()
    const heir = two.uploader.uploadFile(other)
    await flush()
    expect(heir.state).toMatchObject({ reason: 'other-tab' })
    release()
    await first
    return { one, two, heir }
  }

  const sentBy = ({ transport }: Rig<StoringTransport>): string =>
    new TextDecoder().decode(transport.object())

  test('is sent once that one has ended', async () => {
    const { one, two, heir } = await both([clip('one1'), clip('two2')])
    expect(await heir).toMatchObject({ size: 4 })
    expect([sentBy(one), sentBy(two)]).toEqual(['one1', 'two2'])
    expect(await checkpoints.list()).toEqual([])
  })

  test('ends with it if the content is the same', async () => {
    const { one, two, heir } = await both([clip('one1'), clip('one1')])
    expect(await heir).toMatchObject({ size: 4 })
    expect([sentBy(one), sentBy(two), two.backend.opened.length]).toEqual(['one1', '', 0])
    expect(heir.progress).toMatchObject({ confirmed: 4, total: 4 })
  })

  test('is sent if the other file can no longer be read', async () => {
    const hasher = new FakeHasher()
    vi.spyOn(hasher, 'digestAll').mockRejectedValue(new FileUnreadableError('A0001.WAV'))
    const { two, heir } = await both([clip('one1'), clip('one1')], { hasher }, {})
    await heir
    expect(sentBy(two)).toBe('one1')
  })

  test("is not compared with verify 'none', and compared entirely with verify 'full'", async () => {
    const { two, heir } = await both([clip('one1'), clip('two2')], { verify: 'none' })
    await heir
    expect([sentBy(two), two.hasher.digested]).toEqual(['', []])
    const mixed = await both([clip('one1'), clip('two2')], {}, { verify: 'none' })
    await mixed.heir
    expect(sentBy(mixed.two)).toBe('')
    const full = await both([clip('one1'), clip('two2')], { verify: 'full' })
    await full.heir
    expect(sentBy(full.two)).toBe('two2')
  })

  test('is asked for if it cannot be read, and then ends without being sent', async () => {
    const hasher = new FakeHasher()
    vi.spyOn(hasher, 'digestAll').mockRejectedValueOnce(new FileUnreadableError('A0001.WAV'))
    const { two, heir } = await both([clip('one1'), clip('one1')], {}, { hasher })
    while (heir.state.status !== 'paused') await flush()
    expect(heir.state).toMatchObject({ reason: 'needs-file' })
    heir.resume(clip('one1'))
    await heir
    expect([sentBy(two), heir.state.status]).toEqual(['', 'done'])
  })

  test('can be paused while it is read, and is done after the resume', async () => {
    const hasher = new FakeHasher()
    const digest = hasher.digestAll.bind(hasher)
    const hung = vi
      .spyOn(hasher, 'digestAll')
      .mockImplementationOnce(
        (_blob, _algorithms, { signal }) =>
          new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      )
    const { two, heir } = await both([clip('one1'), clip('one1')], {}, { hasher })
    await flush()
    expect(hung).toHaveBeenCalledTimes(1)
    heir.pause()
    await flush()
    expect(heir.state).toEqual({ status: 'paused', by: 'user' })
    hung.mockImplementation(digest)
    heir.resume()
    await heir
    expect(sentBy(two)).toBe('')
  })

  test('does not hold up the end of the other upload if reading that file hangs', async () => {
    const hasher = new FakeHasher()
    const digest = vi.spyOn(hasher, 'digestAll').mockImplementation(() => new Promise(() => {}))
    const [one, two] = [tab({ hasher }), tab()]
    const release = one.backend.holdNext('complete')
    const first = one.uploader.uploadFile(clip('one1'))
    await flush()
    const heir = two.uploader.uploadFile(clip('one1'))
    await flush()
    release()
    await flush()
    expect([digest.mock.calls.length, first.state.status]).toEqual([1, 'completing'])
    const cancelling = first.cancel()
    await one.clock.advance(120_000)
    await cancelling
    expect(first.state.status).toBe('done')
    await heir
    expect(sentBy(two)).toBe('one1')
  })

  test('is sent if restart() was called meanwhile', async () => {
    const [one, two] = [tab(), tab()]
    const release = one.backend.holdNext('complete')
    const first = one.uploader.uploadFile(clip('one1'))
    await flush()
    const heir = two.uploader.uploadFile(clip('one1'))
    await flush()
    heir.restart()
    release()
    await first
    await heir
    expect(sentBy(two)).toBe('one1')
  })

  test('leaves a result for the other tab with a fingerprint, and no content', async () => {
    const saved: Checkpoint[] = []
    const save = checkpoints.save.bind(checkpoints)
    vi.spyOn(checkpoints, 'save').mockImplementation((checkpoint) => {
      saved.push(checkpoint)
      return save(checkpoint)
    })
    const { heir } = await both([clip('one1'), clip('one1')])
    await heir
    expect(saved.find(({ stage }) => stage === 'ended')).toMatchObject({
      result: { size: 4 },
      fingerprint: expect.stringMatching(/^all [0-9a-f]{8}$/),
    })
  })
})

describe('the fingerprint of a file', () => {
  const mebibyte = 1024 * 1024
  const { signal } = new AbortController()
  const of = (
    bytes: Uint8Array<ArrayBuffer>,
    verify: 'sample' | 'full' | 'none',
  ): Promise<string | undefined> =>
    fingerprint(new File([bytes], 'f'), { hasher: new FakeHasher(), verify }, signal)

  /** Whether the fingerprint changes if this byte does. */
  async function shows(
    size: number,
    position: number,
    verify: 'sample' | 'full' = 'sample',
  ): Promise<boolean> {
    const bytes = new Uint8Array(size)
    const before = await of(bytes, verify)
    bytes[position] = 1
    return (await of(bytes, verify)) !== before
  }

  test('covers all of a file of one mebibyte, and sixteen pieces of a larger one', async () => {
    expect(await shows(mebibyte, 300_000)).toBe(true)
    const size = 4 * mebibyte
    expect(await shows(size, 0)).toBe(true)
    expect(await shows(size, size - 1)).toBe(true)
    // Pieces begin about every 275,251 bytes and have 65,536 each.
    expect(await shows(size, 8 * 275_251 + 10)).toBe(true)
    expect(await shows(size, 100_000)).toBe(false)
  })

  test("covers the whole file with verify 'full', and is undefined with verify 'none'", async () => {
    expect(await shows(4 * mebibyte, 100_000, 'full')).toBe(true)
    expect(await of(new Uint8Array(4), 'none')).toBeUndefined()
  })
})
