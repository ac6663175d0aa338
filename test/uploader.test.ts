import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { memoryCheckpoints } from '../src/checkpoints/memory.ts'
import { FileChangedError, HttpError } from '../src/errors.ts'
import type { Checkpoint, CheckpointStore } from '../src/ports.ts'
import { FakeBackend } from './fakes/backend.ts'
import { flush } from './fakes/clock.ts'
import { StoringTransport } from './fakes/part-transport.ts'
import { FakeBrowser } from './fakes/tabs.ts'
import { fileOf, rig } from './fakes/uploader.ts'

const refused = new HttpError({
  endpoint: 'abort',
  status: 400,
  serviceCode: undefined,
  detail: 'no',
  retryAfter: undefined,
})

/** What an earlier visit left of these files: each is opened, and nothing of it is stored. */
async function leftOf(...names: string[]): Promise<CheckpointStore> {
  const checkpoints = memoryCheckpoints()
  const { uploader } = rig({ checkpoints, concurrency: 5 })
  for (const name of names) uploader.uploadFile(fileOf(8, name))
  await flush()
  return checkpoints
}

/** Keeps as many small files at work as are allowed, so that no other begins. None of them ends. */
async function busy(checkpoints: CheckpointStore) {
  const made = rig({ checkpoints, concurrency: 1, partSize: 8 })
  for (let index = 0; index < 4; index++) made.uploader.uploadFile(fileOf(8, `busy ${index}`))
  await flush()
  const [left] = await made.uploader.interrupted()
  return { ...made, left }
}

describe('an interrupted upload', () => {
  test('tells when it began, and is listed even if only its digest was under way', async () => {
    const checkpoints = await leftOf('a')
    const [stored] = await checkpoints.list()
    const { session: _, layout: __, ...checkpoint } = Object(stored?.checkpoint)
    await checkpoints.save({ ...checkpoint, stage: 'identified' })
    const { uploader, clock } = rig({ checkpoints })
    const left = await uploader.interrupted()
    expect(left).toMatchObject([{ identity: { name: 'a' }, confirmed: 0, startedAt: clock.date() }])
  })

  test('is read once for everything that the first look needs, and once more after the other tabs were asked', async () => {
    const checkpoints = await leftOf('a', 'b')
    const list = vi.spyOn(checkpoints, 'list')
    const { uploader } = rig({ checkpoints })
    expect(await uploader.interrupted()).toHaveLength(2)
    expect(list).toHaveBeenCalledTimes(2)
  })

  test('is cancelled with at most 50 calls at once, and is recorded as cancelled before its turn', async () => {
    const names = Array.from({ length: 120 }, (_, index) => `${index}`)
    const checkpoints = memoryCheckpoints()
    const [stored] = await (await leftOf('a')).list()
    const one = stored?.checkpoint as Checkpoint
    for (const key of names) await checkpoints.save({ ...one, key })
    const { uploader, backend } = rig({ checkpoints })
    let most = 0
    let asked = 0
    let out = 0
    const answers: (() => void)[] = []
    backend.abort = async () => {
      asked += 1
      out += 1
      most = Math.max(most, out)
      await new Promise<void>((resolve) => answers.push(resolve))
      out -= 1
    }
    const cancelled = Promise.all((await uploader.interrupted()).map((left) => left.cancel()))
    await flush()
    expect((await checkpoints.list()).map(({ checkpoint }) => Object(checkpoint).stage)).toEqual(
      names.map(() => 'aborting'),
    )
    while (asked < names.length || answers.length > 0) {
      for (const answer of answers.splice(0)) answer()
      await flush()
    }
    await cancelled
    expect([asked, most]).toEqual([120, 50])
  })

  test('and files waiting in line are cancelled in groups of fifty, between which the page can respond', async () => {
    const { uploader } = await busy(memoryCheckpoints())
    const channel = vi.spyOn(globalThis, 'MessageChannel')
    onTestFinished(() => channel.mockRestore())
    const ends = Array.from({ length: 120 }, (_, index) => {
      const upload = uploader.uploadFile(fileOf(8, `${index}`))
      upload.catch(() => {})
      return upload
    }).map((upload) => upload.cancel())
    await Promise.all(ends)
    expect(channel).toHaveBeenCalledTimes(2)
    await uploader.stop()
  })

  test('is not listed if it has ended and is only kept for a waiting tab', async () => {
    const checkpoints = await leftOf('a')
    const [stored] = await checkpoints.list()
    const { session: _, layout: __, ...checkpoint } = Object(stored?.checkpoint)
    await checkpoints.save({ ...checkpoint, stage: 'ended', result: 'cancelled' })
    expect(await rig({ checkpoints }).uploader.interrupted()).toEqual([])
  })

  test('is under way once it is resumed, even while it waits for its turn', async () => {
    const { uploader, left } = await busy(await leftOf('a'))
    const upload = left?.resume(fileOf(8, 'a'))
    await flush()
    expect(upload?.state.status).toBe('waiting')
    expect(await uploader.interrupted()).toEqual([])
    await expect(left?.forget()).rejects.toMatchObject({
      code: 'in-use',
      message: 'the upload is under way in this tab or in another',
      help: expect.stringContaining('cancel the upload'),
    })
    await uploader.stop()
    expect((await uploader.interrupted()).map(({ identity }) => identity.name)).toContain('a')
  })

  test('is cancelled together with the upload that resumed it', async () => {
    const { uploader, backend, checkpoints } = rig({ checkpoints: await leftOf('a') })
    const [left] = await uploader.interrupted()
    const upload = left?.resume(fileOf(8, 'a'))
    await flush()
    await Promise.all([left?.cancel(), expect(upload).rejects.toMatchObject({ code: 'cancelled' })])
    expect([backend.calls.filter((call) => call === 'abort').length, await checkpoints.list()]).toEqual([
      1,
      [],
    ])
  })

  test('is not listed if it was completed or cancelled, and is only kept for others', async () => {
    const checkpoints = await leftOf('ended', 'cancelled', 'left')
    for (const stored of await checkpoints.list()) {
      const { layout: _, ...checkpoint } = Object(stored.checkpoint)
      const result = { key: 'k', size: 8, checksums: {} }
      if (checkpoint.identity.name === 'ended')
        await checkpoints.save({ ...checkpoint, stage: 'ended', result })
      if (checkpoint.identity.name === 'cancelled')
        await checkpoints.save({ ...checkpoint, stage: 'aborting' })
    }
    const { uploader, backend } = rig({ checkpoints })
    backend.failNext('abort', refused)
    expect((await uploader.interrupted()).map(({ identity }) => identity.name)).toEqual(['left'])
  })

  test('is listed even if another record is damaged', async () => {
    const checkpoints = await leftOf('a', 'damaged', 'c')
    const damaged = (await checkpoints.list()).map(({ checkpoint }) => Object(checkpoint))[1]
    await checkpoints.save({ ...damaged, version: 'x' })
    const left = await rig({ checkpoints }).uploader.interrupted()
    expect(left.map(({ identity }) => identity.name)).toEqual(['a', 'c'])
  })

  test('is kept for a week by default, and without a scope it is listed for everyone without a scope', async () => {
    const checkpoints = await leftOf('a')
    const { createdAt, expiresAt } = Object((await checkpoints.list())[0]?.checkpoint)
    expect(expiresAt - createdAt).toBe(7 * 24 * 60 * 60 * 1_000)
    expect(await rig({ checkpoints, scope: '' }).uploader.interrupted()).toHaveLength(1)
  })

  test('that has expired is checked again before its removal, since it may have been started again meanwhile', async () => {
    const checkpoints = await leftOf('cancelled', 'expired')
    for (const { checkpoint } of await checkpoints.list()) {
      const { layout: _, ...kept } = Object(checkpoint)
      if (kept.identity.name === 'cancelled') await checkpoints.save({ ...kept, stage: 'aborting' })
      else await checkpoints.save({ ...Object(checkpoint), expiresAt: 0 })
    }
    const { uploader, backend } = rig({ checkpoints })
    const release = backend.holdNext('abort')
    expect(await uploader.interrupted()).toEqual([])
    await flush()
    expect(backend.calls).toEqual(['abort'])
    uploader.uploadFile(fileOf(8, 'expired'))
    await flush()
    await uploader.stop()
    release()
    await flush()
    const left = await uploader.interrupted()
    expect(left.map(({ identity }) => identity.name)).toEqual(['expired'])
  })

  test('that has expired is left to a tab that took its lock away meanwhile', async () => {
    const checkpoints = await leftOf('expired')
    const [{ checkpoint } = { checkpoint: {} }] = await checkpoints.list()
    await checkpoints.save({ ...Object(checkpoint), expiresAt: 0 })
    const browser = new FakeBrowser()
    const load = checkpoints.load.bind(checkpoints)
    // Between the last look and the removal.
    checkpoints.load = async (key) => {
      browser.takeAway(key)
      await flush()
      return load(key)
    }
    const { uploader } = rig({ checkpoints, tabs: browser.tab() })
    expect(await uploader.interrupted()).toEqual([])
    await flush()
    expect(await checkpoints.list()).toHaveLength(1)
  })

  test('can be uploaded again while it is being cancelled, even if that fails', async () => {
    const checkpoints = await leftOf('a')
    const backend = new FakeBackend()
    const { uploader, transport } = rig({ backend, checkpoints, transport: new StoringTransport() })
    const release = backend.holdNext('abort')
    backend.failNext('abort', refused)
    const [left] = await uploader.interrupted()
    const cancelled = left?.cancel()
    await flush()
    expect(backend.calls).toEqual(['abort'])
    const upload = uploader.uploadFile(fileOf(8, 'a'))
    const states: string[] = []
    upload.on('state', ({ status }) => states.push(status))
    await flush()
    expect([states, upload.state.status]).toEqual([[], 'waiting'])
    release()
    await expect(cancelled).rejects.toBe(refused)
    await upload
    expect([states.includes('paused'), transport.stored]).toEqual([false, [1, 2]])
  })
})

describe('a file with a different name on the server', () => {
  const name = 'day-1/sensors.csv'

  test('is picked again by its name on the disk', async () => {
    const before = rig()
    before.uploader.uploadFile(fileOf(8, 'sensors.csv'), { name })
    ;(await before.transport.next()).store()
    await flush()
    const { checkpoints } = before
    const { uploader, transport } = rig({ checkpoints, transport: new StoringTransport() })
    const [left] = await uploader.interrupted()
    expect(left?.identity.name).toBe(name)
    expect(() => left?.resume(fileOf(8, 'other.csv'))).toThrow(FileChangedError)
    await left?.resume(fileOf(8, 'sensors.csv'))
    expect(transport.stored).toEqual([2])
  })

  test('gets a name that can be sent to a server, or its own', async () => {
    const { uploader, backend } = rig()
    for (const given of ['cut \ud83d', null, 5]) {
      const upload = uploader.uploadFile(fileOf(8, 'sensors.csv'), { name: given as never })
      await flush()
      await upload.cancel().catch(() => {})
    }
    expect(backend.opened.map((file) => file.name)).toEqual(['cut \ufffd', 'sensors.csv', '5'])
    // The server does not need the name on the disk.
    expect(backend.opened.filter((file) => 'ownName' in file)).toEqual([])
  })

  test('is the same upload if it is added again, and `accept` looks at the given name', async () => {
    const { uploader, backend } = rig()
    const file = fileOf(8, 'sensors')
    const upload = uploader.uploadFile(file, { name, accept: '.csv' })
    expect(uploader.uploadFile(file, { name })).toBe(upload)
    upload.pause()
    upload.resume(fileOf(8, 'sensors'))
    await flush()
    expect(backend.opened.map((file) => file.name)).toEqual([name])
    await upload.cancel().catch(() => {})
    await upload.catch(() => {})
  })
})

describe('a cancel that could not be reported to the server', () => {
  test('is reported at the first use, once, whatever becomes of the others', async () => {
    const checkpoints = await leftOf('a', 'b')
    const before = rig({ checkpoints })
    for (const _ of [1, 2]) before.backend.failNext('abort', refused)
    for (const left of await before.uploader.interrupted()) await expect(left.cancel()).rejects.toBe(refused)
    const list = vi.spyOn(checkpoints, 'list')
    const { uploader, backend } = rig({ checkpoints })
    backend.failNext('abort', refused)
    for (const name of ['c', 'd', 'e']) uploader.uploadFile(fileOf(4, name))
    await flush()
    expect([list.mock.calls.length, backend.calls.filter((call) => call === 'abort').length]).toEqual([1, 2])
    await uploader.stop()
    const kept = (await checkpoints.list()).map(({ checkpoint }) => Object(checkpoint).stage)
    expect(kept.filter((stage) => stage === 'aborting')).toHaveLength(1)
  })

  test.each(['scope', 'backend'])('is not reported by an Uploader of another %s', async (field) => {
    const checkpoints = await leftOf('a')
    const { layout: _, ...opened } = Object((await checkpoints.list())[0]?.checkpoint)
    await checkpoints.remove(opened.key)
    await checkpoints.save({ ...opened, [field]: 'another', stage: 'aborting' })
    const { uploader, backend } = rig({ checkpoints })
    await uploader.interrupted()
    await flush()
    expect([backend.calls, await checkpoints.list()]).toMatchObject([
      [],
      [{ checkpoint: { stage: 'aborting' } }],
    ])
  })

  test('is not reported if the server has given that session to the next upload of the file', async () => {
    const checkpoints = await leftOf('a')
    const { layout: _, ...opened } = Object((await checkpoints.list())[0]?.checkpoint)
    await checkpoints.save({ ...opened, stage: 'aborting', key: `${opened.key} aborting 1` })
    const { uploader, backend } = rig({ checkpoints })
    expect(await uploader.interrupted()).toHaveLength(1)
    await flush()
    const kept = (await checkpoints.list()).map(({ checkpoint }) => Object(checkpoint).stage)
    expect([backend.calls, kept]).toEqual([[], ['opened']])
  })

  test.each([
    ['beside it', ' aborting 1'],
    ['in its place', ''],
  ])(
    'is not reported if the session goes to another page after the records were listed: %s',
    async (_, beside) => {
      const checkpoints = await leftOf('a')
      const { layout, key, ...opened } = Object((await checkpoints.list())[0]?.checkpoint)
      await checkpoints.remove(key)
      await checkpoints.save({ ...opened, stage: 'aborting', key: `${key}${beside}` })
      const listed = await checkpoints.list()
      vi.spyOn(checkpoints, 'list').mockResolvedValueOnce(listed).mockResolvedValueOnce(listed)
      await checkpoints.save({ ...opened, layout, key })
      const { uploader, backend } = rig({ checkpoints })
      await uploader.interrupted()
      await flush()
      const kept = (await checkpoints.list()).map(({ checkpoint }) => Object(checkpoint).stage)
      expect([backend.calls, kept]).toEqual([[], ['opened']])
    },
  )
})

test("a file of more than one part takes the place of a large one, by the application's part size", async () => {
  const backend = new FakeBackend({ partSize: undefined })
  const { uploader } = rig({ backend, concurrency: 1, partSize: 4 })
  for (const name of ['a', 'b']) uploader.uploadFile(fileOf(5, name))
  for (const name of ['c', 'd']) uploader.uploadFile(fileOf(4, name))
  await flush()
  expect(backend.opened.map(({ name }) => name)).toEqual(['a', 'c', 'd'])
  await uploader.stop()
})

test('five parts are sent at once at first if the application sets no concurrency', async () => {
  const { uploader, transport } = rig({ concurrency: undefined })
  uploader.uploadFile(fileOf(40))
  await flush()
  expect(transport.sent).toEqual([1, 2, 3, 4, 5])
  await uploader.stop()
})

test('Vue makes no proxy of an Uploader or an upload', async () => {
  const { uploader } = rig()
  const upload = uploader.uploadFile(fileOf(4))
  expect([uploader, upload].map(String)).toEqual(['[object Uploader]', '[object Upload]'])
  await uploader.stop()
})
