import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { memoryCheckpoints } from '../src/checkpoints/memory.ts'
import { HttpError, NetworkError, SessionLostError, UploadError } from '../src/errors.ts'
import { LeaseTabs } from '../src/tabs/lease.ts'
import { WebLockTabs } from '../src/tabs/web-locks.ts'
import { flush } from './fakes/clock.ts'
import { StoringTransport } from './fakes/part-transport.ts'
import { FakeBrowser, type FakeTab } from './fakes/tabs.ts'
import { fileOf, type Rig, rig } from './fakes/uploader.ts'

const otherTab = { status: 'paused', by: 'system', reason: 'other-tab' }

/** Two tabs of one browser, on the same checkpoints. */
function twoTabs(): { browser: FakeBrowser; one: Rig & { tab: FakeTab }; two: Rig & { tab: FakeTab } } {
  const browser = new FakeBrowser()
  const checkpoints = memoryCheckpoints()
  const open = (): Rig & { tab: FakeTab } => {
    const tab = browser.tab()
    return { ...rig({ checkpoints, tabs: tab }), tab }
  }
  return { browser, one: open(), two: open() }
}

describe('two tabs with the same upload', () => {
  test('never both send, even if they start at the same moment', async () => {
    const { one, two } = twoTabs()
    const first = one.uploader.uploadFile(fileOf(8))
    const second = two.uploader.uploadFile(fileOf(8))
    await flush()
    expect([one.transport.open.size, two.transport.open.size]).toEqual([2, 0])
    expect(second.state).toEqual(otherTab)
    for (const request of one.transport.open) request.store()
    expect(await first).toEqual(await second)
    expect([one.backend.opened.length, two.backend.opened.length]).toEqual([1, 0])
    expect(two.transport.sent).toEqual([])
  })

  test('let the waiting tab show what the owner has stored and is sending', async () => {
    const { one, two } = twoTabs()
    one.uploader.uploadFile(fileOf(12))
    const [first, second] = await one.transport.take(2)
    first?.store()
    await flush()
    const watching = two.uploader.uploadFile(fileOf(12))
    await flush()
    expect(watching.progress).toMatchObject({ confirmed: 4, total: 12 })
    expect(watching.parts().map(({ status }) => status)).toEqual(['stored', 'waiting', 'waiting'])
    const seen = vi.fn()
    watching.on('progress', seen)
    second?.progress(3)
    second?.store()
    await one.clock.advance(100)
    await two.clock.advance(100)
    expect(seen).toHaveBeenLastCalledWith(expect.objectContaining({ confirmed: 8 }))
    expect(watching.parts().map(({ status }) => status)).toEqual(['stored', 'stored', 'waiting'])
    expect(two.uploader.progress.rate).toBeGreaterThan(0)
  })

  test('let the waiting tab show the parts even if it waited before the owner had opened the session', async () => {
    const { one, two } = twoTabs()
    const open = one.backend.holdNext('open')
    one.uploader.uploadFile(fileOf(12))
    await flush()
    const watching = two.uploader.uploadFile(fileOf(12))
    const parts = vi.fn()
    watching.on('parts', parts)
    await flush()
    expect([watching.state, watching.parts()]).toEqual([otherTab, []])
    open()
    const [first] = await one.transport.take(2)
    await flush()
    expect(watching.parts().map(({ status }) => status)).toEqual(['sending', 'sending', 'waiting'])
    first?.store()
    await one.clock.advance(100)
    expect(watching.parts().map(({ status }) => status)).toEqual(['stored', 'sending', 'sending'])
    expect(watching.progress).toMatchObject({ confirmed: 4, total: 12 })
    expect(parts).toHaveBeenCalledTimes(1)
    await one.uploader.stop()
    await two.uploader.stop()
  })

  test('tell nothing in the waiting tab after its end, even if it is still reading what is stored', async () => {
    const { one, two } = twoTabs()
    const open = one.backend.holdNext('open')
    one.uploader.uploadFile(fileOf(12))
    await flush()
    const watching = two.uploader.uploadFile(fileOf(12))
    watching.catch(() => {})
    await flush()
    const load = one.checkpoints.load.bind(one.checkpoints)
    let answer = (): void => {}
    const answered = new Promise<void>((resolve) => {
      answer = resolve
    })
    vi.spyOn(one.checkpoints, 'load').mockImplementation((key) => answered.then(() => load(key)))
    open()
    const [first] = await one.transport.take(2)
    first?.store()
    await flush()
    await one.clock.advance(100)
    await flush()
    await two.uploader.stop()
    const heard = vi.fn()
    watching.on('parts', heard)
    watching.on('progress', heard)
    answer()
    await flush()
    expect([heard.mock.calls, two.uploader.progress.confirmed]).toEqual([[], 0])
    await one.uploader.stop()
  })

  test('let the waiting tab take over when the owner dies, and send only what is missing', async () => {
    const { one, two } = twoTabs()
    one.uploader.uploadFile(fileOf(12))
    ;(await one.transport.next()).store()
    await flush()
    const heir = two.uploader.uploadFile(fileOf(12))
    await flush()
    one.tab.close()
    for (const request of await two.transport.take(2)) request.store()
    await heir
    expect(two.transport.sent).toEqual([2, 3])
    expect(two.backend.opened).toEqual([])
  })

  test("leave the owner's figures unchanged if another tab sends figures for its upload", async () => {
    const { browser, one, two } = twoTabs()
    const upload = one.uploader.uploadFile(fileOf(8))
    const [first] = await one.transport.take(2)
    first?.store()
    await flush()
    const [key = ''] = browser.owners.keys()
    two.tab.tell(key, { type: 'progress', confirmed: 0, inFlight: 1 })
    two.tab.tell(key, { type: 'part', number: 2, status: 'stored' })
    await flush()
    expect(upload.progress).toMatchObject({ confirmed: 4, inFlight: 0 })
    expect(upload.parts().map(({ status }) => status)).toEqual(['stored', 'sending'])
    await upload.cancel()
  })

  test('let a third tab hear from the tab that took over', async () => {
    const browser = new FakeBrowser()
    const checkpoints = memoryCheckpoints()
    const open = () => {
      const tab = browser.tab()
      return { ...rig({ checkpoints, tabs: tab }), tab }
    }
    const [one, two, three] = [open(), open(), open()]
    one.uploader.uploadFile(fileOf(8))
    await one.transport.take(2)
    const third = three.uploader.uploadFile(fileOf(8))
    await flush()
    two.uploader.uploadFile(fileOf(8))
    await flush()
    // Leases go to whichever tab asks next, which need not have heard of the other one.
    browser.waiters.reverse()
    one.tab.close()
    const [request] = await two.transport.take(2)
    request?.store()
    await two.clock.advance(100)
    expect(third.progress.confirmed).toBe(4)
    await two.uploader.stop()
    await three.uploader.stop()
  })

  test('keep the owner from telling figures before it knows itself what is stored', async () => {
    const { one, two } = twoTabs()
    const before = rig({ checkpoints: one.checkpoints })
    before.uploader.uploadFile(fileOf(8))
    ;(await before.transport.next()).store()
    await flush()
    await before.uploader.stop()
    one.backend.listed = []
    const release = one.backend.holdNext('reopen')
    const gone = new UploadError('unexpected', 'no list')
    one.backend.failNext('reopen', gone)
    const first = one.uploader.uploadFile(fileOf(8))
    await flush()
    const second = two.uploader.uploadFile(fileOf(8))
    await flush()
    release()
    await flush()
    expect([first.state.status, first.progress.confirmed, second.progress.confirmed]).toEqual([
      'failed',
      0,
      4,
    ])
    await first.cancel()
    await Promise.all([first, second].map((upload) => upload.catch(() => {})))
  })

  test('prefer news from the owner to an older checkpoint that is read later', async () => {
    const { one, two } = twoTabs()
    const first = one.uploader.uploadFile(fileOf(12))
    const [request] = await one.transport.take(2)
    const [stored] = await one.checkpoints.list()
    let answer = (): void => {}
    vi.spyOn(two.checkpoints, 'load').mockImplementationOnce(
      () =>
        new Promise((resolve) => {
          answer = () => resolve(stored)
        }),
    )
    const second = two.uploader.uploadFile(fileOf(12))
    await flush()
    request?.store()
    await one.clock.advance(100)
    expect(second.progress.confirmed).toBe(4)
    answer()
    await flush()
    expect(second.progress.confirmed).toBe(4)
    await first.cancel()
    await second.catch(() => {})
  })

  test('show the parts in the waiting tab before any is stored, and leave no timer after a cancel', async () => {
    const { one, two } = twoTabs()
    const first = one.uploader.uploadFile(fileOf(12))
    await one.transport.take(2)
    const second = two.uploader.uploadFile(fileOf(12))
    await flush()
    expect(second.parts().map(({ status }) => status)).toEqual(['waiting', 'waiting', 'waiting'])
    const confirmed = vi.fn()
    second.on('progress', confirmed)
    for (const request of one.transport.open) request.store()
    await one.clock.advance(100)
    await Promise.all([first, second].map((upload) => upload.catch(() => {})).concat(first.cancel()))
    expect(second.state).toMatchObject({
      status: 'cancelled',
      reason: { message: expect.stringContaining('in another tab') },
    })
    expect(confirmed).toHaveBeenLastCalledWith(expect.objectContaining({ confirmed: 8 }))
    expect([one.clock.sleeping, two.clock.sleeping]).toEqual([0, 0])
  })

  test('leave nothing behind after a cancel in the waiting tab, even if it has just heard figures', async () => {
    const { one, two } = twoTabs()
    const first = one.uploader.uploadFile(fileOf(12))
    first.catch(() => {})
    const [request] = await one.transport.take(2)
    const second = two.uploader.uploadFile(fileOf(12))
    second.catch(() => {})
    await flush()
    request?.store()
    await one.clock.advance(100)
    await second.cancel()
    await first.catch(() => {})
    expect([one.clock.sleeping, two.clock.sleeping]).toEqual([0, 0])
  })

  test('do not begin if the upload is paused while its claim is pending', async () => {
    const { one } = twoTabs()
    let answer = (): void => {}
    const claim = one.tab.claim.bind(one.tab)
    one.tab.claim = async (key) => {
      await new Promise<void>((resolve) => {
        answer = resolve
      })
      return claim(key)
    }
    const upload = one.uploader.uploadFile(fileOf(4))
    await flush()
    upload.pause()
    answer()
    await flush()
    expect([upload.state.status, one.backend.calls]).toEqual(['paused', []])
    upload.resume()
    ;(await one.transport.next()).store()
    await upload
  })

  describe('when the claim is taken away from its owner', () => {
    /** One part of two is stored, and the other is on its way. */
    async function begun() {
      const { browser, one, two } = twoTabs()
      const upload = one.uploader.uploadFile(fileOf(8))
      const [first, second] = await one.transport.take(2)
      first?.store()
      await flush()
      const [key = ''] = browser.owners.keys()
      return { browser, one, two, upload, key, second }
    }

    /** The claim is taken away while the owner completes. The other tab completes too, until it has its answer. */
    async function overtaken({ browser, two, key, second }: Awaited<ReturnType<typeof begun>>) {
      second?.store()
      await flush()
      browser.takeAway(key)
      const answer = two.backend.holdNext('complete')
      const other = two.uploader.uploadFile(fileOf(8))
      await flush()
      return { other, answer }
    }

    test('the former owner does not abort the session on its delayed retry, since another tab continues with it', async () => {
      const { browser, one, two, upload, key } = await begun()
      upload.pause()
      await flush()
      one.backend.failNext('abort', new NetworkError('cut'))
      upload.restart()
      await flush()
      const other = two.uploader.uploadFile(fileOf(8))
      await flush()
      browser.takeAway(key)
      await one.clock.advance(60_000)
      expect(one.backend.aborted).toEqual([])
      other.cancel().catch(() => {})
      upload.cancel().catch(() => {})
      await Promise.allSettled([upload, other])
    })

    test('the owner claims it again and sends only what is missing', async () => {
      const { browser, one, upload, key } = await begun()
      browser.takeAway(key)
      ;(await one.transport.next()).store()
      await upload
      expect([one.transport.sent, one.backend.opened.length]).toEqual([[1, 2, 2], 1])
      expect(browser.owners.size).toBe(0)
    })

    test('the former owner sends nothing while another tab works, and gets its result', async () => {
      const { browser, one, two, upload, key } = await begun()
      const other = two.uploader.uploadFile(fileOf(8))
      await flush()
      browser.takeAway(key)
      await flush()
      expect([upload.state, one.transport.open.size]).toEqual([otherTab, 0])
      for (const request of await two.transport.take(1)) request.store()
      expect(await upload).toEqual(await other)
      expect(two.transport.sent).toEqual([2])
    })

    test('an upload that the user paused stays paused, and on resume waits for the other tab', async () => {
      const { browser, two, upload, key } = await begun()
      upload.pause()
      browser.takeAway(key)
      const other = two.uploader.uploadFile(fileOf(8))
      const request = await two.transport.next()
      expect(upload.state).toEqual({ status: 'paused', by: 'user' })
      upload.resume()
      await flush()
      expect(upload.state).toEqual(otherTab)
      request.store()
      expect(await upload).toEqual(await other)
    })

    test('an upload that has been paused for a while claims it again on resume', async () => {
      const { browser, one, upload, key } = await begun()
      upload.pause()
      await flush()
      browser.takeAway(key)
      await flush()
      expect(upload.state).toEqual({ status: 'paused', by: 'user' })
      upload.resume()
      ;(await one.transport.next()).store()
      await upload
      expect(one.backend.opened).toHaveLength(1)
    })

    test('an upload that is being cancelled still removes its checkpoint', async () => {
      const { browser, one, upload, key } = await begun()
      const release = one.backend.holdNext('abort')
      const cancelled = upload.cancel()
      await flush()
      browser.takeAway(key)
      await flush()
      release()
      await cancelled
      await expect(upload).rejects.toMatchObject({ code: 'cancelled' })
      expect([one.backend.aborted.length, await one.checkpoints.list()]).toEqual([1, []])
    })

    test('an upload that is paused with finishParts is cut', async () => {
      const { browser, one, upload, key } = await begun()
      upload.pause({ finishParts: true })
      browser.takeAway(key)
      await flush()
      expect([upload.state, one.transport.open.size]).toEqual([{ status: 'paused', by: 'user' }, 0])
    })

    test('a late answer to opening does not overwrite what the other tab has stored', async () => {
      const { browser, one, two } = twoTabs()
      const answer = one.backend.holdNext('open')
      const upload = one.uploader.uploadFile(fileOf(8))
      await flush()
      const other = two.uploader.uploadFile(fileOf(8))
      await flush()
      const [key = ''] = browser.owners.keys()
      browser.takeAway(key)
      const [first, second] = await two.transport.take(2)
      first?.store()
      await flush()
      answer()
      await flush()
      const stored = await two.checkpoints.load(key)
      expect(stored?.receipts).toHaveLength(1)
      second?.store()
      expect(await upload).toEqual(await other)
    })

    test('the checkpoint that another tab has changed meanwhile is compared with the file again', async () => {
      const { browser, one, two, upload, key } = await begun()
      upload.pause()
      browser.takeAway(key)
      const edited = new File(['edited..'], 'file.bin', { lastModified: 1 })
      const other = two.uploader.uploadFile(edited)
      await expect(other).rejects.toMatchObject({ code: 'file-changed' })
      other.restart()
      ;(await two.transport.next()).store()
      await flush()
      await two.uploader.stop()
      upload.resume()
      upload.catch(() => {})
      await flush()
      expect([upload.state, one.transport.sent]).toMatchObject([{ error: { code: 'file-changed' } }, [1, 2]])
    })

    test('an upload that another tab has ended meanwhile is not started again, if the result is still kept', async () => {
      const { browser, one, two, upload, key } = await begun()
      upload.pause()
      browser.takeAway(key)
      const other = two.uploader.uploadFile(fileOf(8))
      const request = await two.transport.next()
      const third = browser.tab()
      rig({ checkpoints: one.checkpoints, tabs: third }).uploader.uploadFile(fileOf(8))
      await flush()
      // Killed before it has read the result.
      const save = one.checkpoints.save.bind(one.checkpoints)
      vi.spyOn(one.checkpoints, 'save').mockImplementation((checkpoint) =>
        save(checkpoint).then(() => third.close()),
      )
      request.store()
      await other
      upload.resume()
      await flush()
      expect([upload.state.status, one.transport.sent]).toEqual(['done', [1, 2]])
    })

    test('an upload that is completing is not cut', async () => {
      const { browser, one, upload, key, second } = await begun()
      const complete = one.backend.holdNext('complete')
      second?.store()
      await flush()
      browser.takeAway(key)
      await flush()
      expect(upload.state.status).toBe('completing')
      complete()
      await upload
      expect(one.backend.calls.filter((call) => call === 'complete')).toHaveLength(1)
    })

    test.each([
      [
        'a refusal',
        new HttpError({
          endpoint: 'complete',
          status: 403,
          serviceCode: undefined,
          detail: '',
          retryAfter: undefined,
        }),
      ],
      ['a network error', new NetworkError('cut')],
      ['a lost session', new SessionLostError(new NetworkError('gone'))],
    ])('%s while completing leaves the upload to the tab that owns it by then', async (_, error) => {
      const left = await begun()
      const { one, upload } = left
      const complete = one.backend.holdNext('complete')
      one.backend.failNext('complete', error)
      const { other, answer } = await overtaken(left)
      complete()
      await flush()
      expect([upload.state, other.state.status]).toEqual([otherTab, 'completing'])
      answer()
      expect(await upload).toEqual(await other)
      expect([one.backend.opened.length, one.backend.calls.at(-1)]).toEqual([1, 'complete'])
    })

    test('an upload whose session is gone, as status says, is not started over', async () => {
      const left = await begun()
      const { one, upload } = left
      one.backend.statusIs({ state: 'gone' })
      const status = one.backend.holdNext('status')
      one.backend.failNext('complete', new SessionLostError(new NetworkError('gone')))
      const { other, answer } = await overtaken(left)
      status()
      await flush()
      expect([upload.state, one.backend.opened.length]).toEqual([otherTab, 1])
      answer()
      expect(await upload).toEqual(await other)
    })

    test('an upload that is about to start over leaves its checkpoint to the other tab', async () => {
      const { browser, one, two, upload, key, second } = await begun()
      one.backend.failNext('complete', new SessionLostError(new NetworkError('gone')))
      const abort = one.backend.holdNext('abort')
      second?.store()
      await flush()
      const answer = two.backend.holdNext('complete')
      const other = two.uploader.uploadFile(fileOf(8))
      browser.takeAway(key)
      await flush()
      abort()
      await flush()
      expect([upload.state, one.backend.opened.length]).toEqual([otherTab, 1])
      expect((await two.checkpoints.load(key))?.receipts).toHaveLength(2)
      answer()
      expect(await upload).toEqual(await other)
    })

    test('the answer to opening after a stop does not overwrite what the other tab has stored', async () => {
      const { browser, one, two } = twoTabs()
      const answer = one.backend.holdNext('open')
      const upload = one.uploader.uploadFile(fileOf(8))
      upload.catch(() => {})
      await flush()
      two.uploader.uploadFile(fileOf(8))
      await flush()
      const [key = ''] = browser.owners.keys()
      const stopped = one.uploader.stop()
      browser.takeAway(key)
      const [first] = await two.transport.take(2)
      first?.store()
      await flush()
      answer()
      await stopped
      expect((await two.checkpoints.load(key))?.receipts).toHaveLength(1)
    })
  })

  test('do not make the waiting tab wait twice if it is resumed', async () => {
    const { browser, one, two } = twoTabs()
    one.uploader.uploadFile(fileOf(4))
    await one.transport.next()
    const waiting = two.uploader.uploadFile(fileOf(4))
    await flush()
    waiting.resume()
    await flush()
    expect([waiting.state, browser.waiters.length]).toEqual([otherTab, 1])
    await two.uploader.stop()
    expect(browser.waiters).toEqual([])
  })

  test('do not let a waiting tab take over while its user has paused it, until it is resumed', async () => {
    const { one, two } = twoTabs()
    one.uploader.uploadFile(fileOf(4))
    await one.transport.next()
    const heir = two.uploader.uploadFile(fileOf(4))
    await flush()
    heir.pause()
    one.tab.close()
    await flush()
    expect(heir.state).toEqual({ status: 'paused', by: 'user' })
    expect(two.transport.sent).toEqual([])
    heir.resume()
    ;(await two.transport.next()).store()
    await heir
  })

  test('keep the upload with its owner during a pause of the owner', async () => {
    const { one, two } = twoTabs()
    const first = one.uploader.uploadFile(fileOf(4))
    await one.transport.next()
    const second = two.uploader.uploadFile(fileOf(4))
    await flush()
    first.pause()
    await flush()
    expect(second.state).toEqual(otherTab)
    first.resume()
    ;(await one.transport.next()).store()
    await Promise.all([first, second])
  })

  test('are both cancelled by a cancel in either tab, and the server is told once', async () => {
    for (const where of ['one', 'two'] as const) {
      const { one, two } = twoTabs()
      const uploads = { one: one.uploader.uploadFile(fileOf(8)), two: two.uploader.uploadFile(fileOf(8)) }
      await one.transport.take(2)
      await uploads[where].cancel()
      await expect(uploads.one).rejects.toMatchObject({ name: 'AbortError' })
      await expect(uploads.two).rejects.toMatchObject({ name: 'AbortError' })
      expect([...one.backend.aborted, ...two.backend.aborted]).toEqual(['session-1'])
      expect(await one.checkpoints.list()).toEqual([])
      expect([one.transport.open.size, two.transport.open.size]).toEqual([0, 0])
    }
  })

  test('keep what a sleeping owner holds if the other tab cancels, and abort it once the owner is gone', async () => {
    const { browser, one, two } = twoTabs()
    one.uploader.uploadFile(fileOf(8))
    await one.transport.take(2)
    const upload = two.uploader.uploadFile(fileOf(8))
    await flush()
    browser.listeners = browser.listeners.filter(({ tab }) => tab !== one.tab)
    const cancelled = upload.cancel()
    await two.clock.advance(3_600_000)
    expect(upload.state.status).toBe('cancelled')
    expect(two.backend.aborted).toEqual([])
    expect(await one.checkpoints.list()).toMatchObject([{ checkpoint: { stage: 'opened' } }])
    one.tab.close()
    await cancelled
    expect(two.backend.aborted).toEqual(['session-1'])
    expect(await one.checkpoints.list()).toEqual([])
    await expect(upload).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('do not cancel a file that is added in one tab while the other still cleans up after its cancel', async () => {
    const { one, two } = twoTabs()
    const cancelled = one.uploader.uploadFile(fileOf(4))
    await one.transport.next()
    const before = two.uploader.uploadFile(fileOf(4, 'before'))
    const release = one.backend.holdNext('abort')
    const cancelling = cancelled.cancel()
    await flush()
    await two.clock.advance(1)
    const added = two.uploader.uploadFile(fileOf(4))
    await flush()
    expect(added.state).toEqual(otherTab)
    release()
    await cancelling
    for (const request of await two.transport.take(2)) request.store()
    expect(await added).toMatchObject({ key: 'the-key' })
    await before
    expect(await one.checkpoints.list()).toEqual([])
  })

  test('are cancelled in a third tab too, which therefore does not continue when the owner dies', async () => {
    const browser = new FakeBrowser()
    const checkpoints = memoryCheckpoints()
    const tabs = [browser.tab(), browser.tab(), browser.tab()]
    const rigs = tabs.map((tab) => rig({ checkpoints, tabs: tab }))
    const uploads = rigs.map(({ uploader }) => uploader.uploadFile(fileOf(8)))
    await rigs[0]?.transport.take(2)
    for (const upload of uploads) upload.catch(() => {})
    browser.listeners = browser.listeners.filter(({ tab }) => tab !== tabs[0])
    const cancelled = uploads[2]?.cancel()
    tabs[0]?.close()
    await cancelled
    await expect(uploads[1]).rejects.toMatchObject({ name: 'AbortError' })
    expect(rigs.flatMap(({ backend }) => backend.aborted)).toEqual(['session-1'])
    expect(rigs.slice(1).flatMap(({ transport }) => transport.sent)).toEqual([])
    expect([await checkpoints.list(), browser.owners.size, browser.waiters]).toEqual([[], 0, []])
  })

  test('do not list an upload as interrupted while another tab works on it', async () => {
    const { one, two } = twoTabs()
    one.uploader.uploadFile(fileOf(8))
    ;(await one.transport.next()).store()
    await flush()
    expect(await two.uploader.interrupted()).toEqual([])
    one.tab.close()
    expect(await two.uploader.interrupted()).toHaveLength(1)
  })

  test('show the waiting tab the whole file as stored at the end, whatever it has heard before', async () => {
    const { browser, one, two } = twoTabs()
    one.uploader.uploadFile(fileOf(8))
    const requests = await one.transport.take(2)
    const second = two.uploader.uploadFile(fileOf(8))
    await flush()
    browser.listeners = browser.listeners.filter(({ tab }) => tab !== two.tab)
    const last = vi.fn()
    second.on('progress', last)
    for (const request of requests) request.store()
    await second
    const whole = expect.objectContaining({ confirmed: 8, inFlight: 0, total: 8 })
    expect(last).toHaveBeenLastCalledWith(whole)
    expect(second.progress).toEqual(whole)
  })

  test('leave nothing behind when the upload is over', async () => {
    const { browser, one, two } = twoTabs()
    const uploads = [one.uploader.uploadFile(fileOf(4)), two.uploader.uploadFile(fileOf(4))]
    ;(await one.transport.next()).store()
    await Promise.all(uploads)
    expect([browser.owners.size, browser.waiters.length, browser.listeners.length]).toEqual([0, 0, 0])
    expect(await one.checkpoints.list()).toEqual([])
    expect([one.clock.sleeping, two.clock.sleeping]).toEqual([0, 0])
  })

  test('leave nothing behind after a cancel before anything was stored, and the waiting tab begins', async () => {
    const { one, two } = twoTabs()
    one.backend.failNext('open', new TypeError('no'))
    const first = one.uploader.uploadFile(fileOf(4))
    await expect(first).rejects.toMatchObject({ code: 'unexpected' })
    const heir = two.uploader.uploadFile(fileOf(4))
    await flush()
    expect(heir.state).toEqual(otherTab)
    await first.cancel()
    await first.catch(() => {})
    ;(await two.transport.next()).store()
    expect(await heir).toMatchObject({ size: 4 })
    expect(await two.checkpoints.list()).toEqual([])
  })

  test('ignore a cancel by a listener to the last progress in the waiting tab, since the upload is done', async () => {
    const { one, two } = twoTabs()
    one.uploader.uploadFile(fileOf(4))
    const request = await one.transport.next()
    const heir = two.uploader.uploadFile(fileOf(4))
    await flush()
    heir.on('progress', ({ confirmed }) => confirmed === 4 && heir.cancel())
    request.store()
    expect(await heir).toMatchObject({ size: 4 })
    expect(heir.state.status).toBe('done')
  })

  test.each(['done', 'cancelled'] as const)('tell a third tab about the end too: %s', async (end) => {
    const browser = new FakeBrowser()
    const checkpoints = memoryCheckpoints()
    const rigs = [1, 2, 3].map(() => rig({ checkpoints, tabs: browser.tab() }))
    const uploads = rigs.map(({ uploader }) => uploader.uploadFile(fileOf(4)))
    for (const upload of uploads) upload.catch(() => {})
    const request = await rigs[0]?.transport.next()
    if (end === 'done') request?.store()
    else await uploads[0]?.cancel()
    await flush()
    expect(uploads.map(({ state }) => state.status)).toEqual([end, end, end])
    expect(rigs.map(({ transport }) => transport.sent)).toEqual([[1], [], []])
    expect([await checkpoints.list(), browser.owners.size, browser.waiters]).toEqual([[], 0, []])
  })

  // Firefox refuses channels to a page whose cookies are blocked, and to a frame from another site.
  test('a browser that refuses locks and channels does not prevent uploads', async () => {
    const refuse = (): never => {
      throw new DOMException('The operation is insecure.', 'SecurityError')
    }
    class Refused {
      readonly channel = refuse()
    }
    vi.stubGlobal('BroadcastChannel', Refused)
    try {
      const locks = { request: async () => refuse(), query: async () => refuse() } as unknown as LockManager
      const { uploader, transport } = rig({ tabs: new WebLockTabs(locks), transport: new StoringTransport() })
      await uploader.uploadFile(fileOf(8))
      expect(transport.stored).toEqual([1, 2])
    } finally {
      vi.unstubAllGlobals()
    }
  })

  test('claims that always fail do not prevent uploads', async () => {
    const tab = new FakeBrowser().tab()
    tab.claim = () => Promise.reject(new DOMException('no', 'SecurityError'))
    const { uploader, transport } = rig({ transport: new StoringTransport(), tabs: tab })
    await uploader.uploadFile(fileOf(8))
    expect(transport.stored).toEqual([1, 2])
  })
})

describe('throwing away what an earlier visit left', () => {
  async function left(): Promise<{ browser: FakeBrowser; store: Rig['checkpoints'] }> {
    const browser = new FakeBrowser()
    const tab = browser.tab()
    const first = rig({ tabs: tab })
    first.uploader.uploadFile(fileOf(8))
    ;(await first.transport.next()).store()
    await flush()
    tab.close()
    return { browser, store: first.checkpoints }
  }

  test('prevents another tab from continuing it meanwhile', async () => {
    const { browser, store } = await left()
    const [one, two] = [browser.tab(), browser.tab()].map((tabs) => rig({ tabs, checkpoints: store }))
    const release = one?.backend.holdNext('abort')
    const [entry] = (await one?.uploader.interrupted()) ?? []
    const cancelled = entry?.cancel()
    await flush()
    const upload = two?.uploader.uploadFile(fileOf(8))
    await flush()
    expect(upload?.state).toEqual(otherTab)
    release?.()
    await cancelled
    await expect(upload).rejects.toMatchObject({ name: 'AbortError' })
    expect([one?.backend.aborted, two?.backend.aborted]).toEqual([['session-1'], []])
    expect([await store.list(), browser.owners.size]).toEqual([[], 0])
  })

  test('cancels the upload if another tab has continued it meanwhile', async () => {
    const { browser, store } = await left()
    const [one, two] = [browser.tab(), browser.tab()].map((tabs) => rig({ tabs, checkpoints: store }))
    const [entry] = (await one?.uploader.interrupted()) ?? []
    const upload = two?.uploader.uploadFile(fileOf(8))
    await two?.transport.next()
    await entry?.cancel()
    await expect(upload).rejects.toMatchObject({ name: 'AbortError' })
    expect([one?.backend.aborted, two?.backend.aborted]).toEqual([[], ['session-1']])
    expect(await store.list()).toEqual([])
  })

  test('is refused by forget() if the upload is under way again, here or in another tab', async () => {
    const { browser, store } = await left()
    const [one, two] = [browser.tab(), browser.tab()].map((tabs) => rig({ tabs, checkpoints: store }))
    const [entry] = (await one?.uploader.interrupted()) ?? []
    const [same] = (await two?.uploader.interrupted()) ?? []
    two?.uploader.uploadFile(fileOf(8))
    await two?.transport.next()
    await expect(entry?.forget()).rejects.toMatchObject({ code: 'in-use' })
    await expect(same?.forget()).rejects.toMatchObject({ code: 'in-use' })
    expect(await store.list()).toHaveLength(1)
  })

  test('releases the claim after forget()', async () => {
    const { browser, store } = await left()
    const { uploader } = rig({ tabs: browser.tab(), checkpoints: store })
    const [entry] = await uploader.interrupted()
    await entry?.forget()
    expect([await store.list(), browser.owners.size]).toEqual([[], 0])
  })
})

describe('throwing away if the storage does not answer', () => {
  test('is given up after 10 s, and the file can be uploaded again', async () => {
    const first = rig()
    first.uploader.uploadFile(fileOf(4))
    await first.transport.next()
    const { checkpoints } = first
    const { uploader, clock } = rig({ transport: new StoringTransport(), checkpoints })
    const [entry] = await uploader.interrupted()
    checkpoints.remove = () => new Promise(() => {})
    const forgotten = entry?.forget()
    const refused = expect(forgotten).rejects.toThrow('gave no answer within 10 s')
    await clock.advance(10_000)
    await refused
    const upload = uploader.uploadFile(fileOf(4))
    await clock.advance(10_000)
    await upload
  })
})

describe('a restart', () => {
  test('does not end the upload in a waiting tab', async () => {
    const { one, two } = twoTabs()
    const upload = one.uploader.uploadFile(fileOf(8))
    await one.transport.take(2)
    const waiting = two.uploader.uploadFile(fileOf(8))
    await flush()
    upload.pause()
    await flush()
    const hold = one.backend.holdNext('open')
    upload.restart()
    await flush()
    one.tab.close()
    for (const request of await two.transport.take(2)) request.store()
    expect(await waiting).toMatchObject({ key: 'the-key' })
    hold()
  })
})

describe('a cancel that could not be reported to the server', () => {
  const refused = new HttpError({
    endpoint: 'abort',
    status: 400,
    serviceCode: undefined,
    detail: '',
    retryAfter: undefined,
  })

  test('is reported after the next start, and the same file can be uploaded meanwhile', async () => {
    const first = rig()
    first.backend.failNext('abort', refused)
    const upload = first.uploader.uploadFile(fileOf(4))
    await first.transport.next()
    await upload.cancel()
    expect(first.backend.aborted).toEqual([])

    const second = rig({ transport: new StoringTransport(), checkpoints: first.checkpoints })
    expect(await second.uploader.interrupted()).toEqual([])
    await second.uploader.uploadFile(fileOf(4))
    expect(second.backend.aborted).toEqual(['session-1'])
    expect(await second.checkpoints.list()).toEqual([])
  })

  test('is reported even if the page died before it had recorded the cancel', async () => {
    const first = rig()
    first.backend.failNext('abort', refused)
    const upload = first.uploader.uploadFile(fileOf(4))
    await first.transport.next()
    const { checkpoints } = first
    const { save, remove } = checkpoints
    let saves = 0
    // From the second write on, none arrives.
    checkpoints.save = (checkpoint) => {
      saves += 1
      return saves === 1 ? save.call(checkpoints, checkpoint) : new Promise(() => {})
    }
    checkpoints.remove = () => new Promise(() => {})
    void upload.cancel()
    await flush()
    Object.assign(checkpoints, { save, remove })

    const second = rig({ transport: new StoringTransport(), checkpoints })
    await second.uploader.uploadFile(fileOf(4))
    const third = rig({ checkpoints })
    expect(await third.uploader.interrupted()).toEqual([])
    await flush()
    expect([...second.backend.aborted, ...third.backend.aborted]).toEqual(['session-1'])
    expect(await checkpoints.list()).toEqual([])
  })

  test('is kept as long as the server cannot be reached', async () => {
    const first = rig()
    first.backend.failNext('abort', refused)
    const upload = first.uploader.uploadFile(fileOf(4))
    await first.transport.next()
    await upload.cancel()
    const second = rig({ checkpoints: first.checkpoints })
    second.backend.failNext('abort', refused)
    await second.uploader.interrupted()
    await flush()
    const third = rig({ checkpoints: first.checkpoints })
    await third.uploader.interrupted()
    await flush()
    expect(third.backend.aborted).toEqual(['session-1'])
  })
})

describe('interrupted()', () => {
  async function left(tabs = new FakeBrowser().tab()): Promise<Rig> {
    const first = rig()
    first.uploader.uploadFile(fileOf(12))
    ;(await first.transport.next()).store()
    await flush()
    return rig({ checkpoints: first.checkpoints, tabs })
  }

  test('answers several callers at once, as React effects under StrictMode are', async () => {
    const { uploader } = await left()
    const asked = await Promise.all([uploader.interrupted(), uploader.interrupted()])
    expect(asked.map((uploads) => uploads.length)).toEqual([1, 1])
  })

  test("claims nothing, so that it is in nobody's way", async () => {
    const tabs = new FakeBrowser().tab()
    const claim = vi.spyOn(tabs, 'claim')
    const { uploader } = await left(tabs)
    expect(await uploader.interrupted()).toHaveLength(1)
    expect(claim).not.toHaveBeenCalled()
  })
})

describe('a file with a handle', () => {
  function handleOf(file: File): FileSystemFileHandle {
    const requestPermission = async (): Promise<PermissionState> => 'granted'
    const handle = { kind: 'file', name: file.name, getFile: async () => file, requestPermission }
    return handle as unknown as FileSystemFileHandle
  }

  async function leftWith(handle: FileSystemFileHandle | undefined): Promise<Rig<StoringTransport>> {
    const first = rig()
    first.uploader.uploadFile(fileOf(12), handle ? { handle } : {})
    ;(await first.transport.next()).store()
    await flush()
    return rig({ transport: new StoringTransport(), checkpoints: first.checkpoints })
  }

  test('continues after a reload without being picked again', async () => {
    const { uploader, transport } = await leftWith(handleOf(fileOf(12)))
    const [left] = await uploader.interrupted()
    expect(left?.needsFile).toBe(false)
    await left?.resume()
    expect(transport.stored).toEqual([2, 3])
  })

  type Ask = () => Promise<PermissionState>
  const isDenied: Ask = async () => 'denied'

  /** The first attempt by handle fails and needs the file. From then on the user allows the handle. */
  async function inVain(requestPermission: Ask) {
    const handle = Object.assign(handleOf(fileOf(12)), { requestPermission })
    const { uploader, transport } = await leftWith(handle)
    const [left] = await uploader.interrupted()
    const upload = left?.resume()
    await flush()
    expect(upload?.state).toMatchObject({ status: 'paused', reason: 'needs-file' })
    handle.requestPermission = async () => 'granted'
    return { left, upload, transport }
  }

  test('must be picked if the user denies permission, and asks again on the next click', async () => {
    const { upload, transport } = await inVain(isDenied)
    upload?.resume()
    await upload
    expect(transport.stored).toEqual([2, 3])
  })

  test('asks for no permission on a resume after a pause or a failure if it was granted or the file is at hand', async () => {
    const ask = vi.fn<Ask>(async () => 'granted')
    const handle = Object.assign(handleOf(fileOf(12)), { requestPermission: ask })
    const { uploader, transport, checkpoints } = rig()
    const upload = uploader.uploadFile(fileOf(12), { handle })
    const [request] = await transport.take(2)
    upload.pause()
    upload.resume()
    expect(ask).not.toHaveBeenCalled()
    request?.store()
    await flush()
    for (const open of transport.open) open.respond({ status: 400 })
    await flush()
    expect(upload.state.status).toBe('failed')
    upload.resume()
    expect(ask).not.toHaveBeenCalled()
    await uploader.stop()
    ask.mockResolvedValueOnce('denied')
    const next = rig({ checkpoints })
    const [left] = await next.uploader.interrupted()
    const again = left?.resume()
    await flush()
    again?.resume()
    await next.transport.next()
    again?.pause()
    again?.resume()
    expect(ask).toHaveBeenCalledTimes(2)
    await again?.cancel()
  })

  test('asks for permission again if the interrupted upload is resumed once more after the user denied it', async () => {
    const { left, upload, transport } = await inVain(isDenied)
    expect(left?.resume()).toBe(upload)
    await upload
    expect(transport.stored).toEqual([2, 3])
  })

  test('must be picked if the browser does not ask because nobody has clicked', async () => {
    const noClick = new DOMException('User activation is required', 'SecurityError')
    const { upload, transport } = await inVain(() => Promise.reject(noClick))
    upload?.resume()
    await upload
    expect(transport.stored).toEqual([2, 3])
  })

  test('asks for permission again even if the user has paused everything that waited for files', async () => {
    const { upload, transport } = await inVain(isDenied)
    upload?.pause()
    expect(upload?.state).toEqual({ status: 'paused', by: 'user' })
    upload?.resume()
    await upload
    expect(transport.stored).toEqual([2, 3])
  })

  test('is opened by a handle that is passed to resume(), in place of the kept one', async () => {
    const { uploader, transport } = await leftWith(undefined)
    const [left] = await uploader.interrupted()
    await left?.resume(undefined, { handle: handleOf(fileOf(12)) })
    expect(transport.stored).toEqual([2, 3])
  })

  test('continues without being picked again even if it was given another name', async () => {
    const first = rig()
    first.uploader.uploadFile(fileOf(12), { handle: handleOf(fileOf(12)), name: 'day-1.bin' })
    ;(await first.transport.next()).store()
    await flush()
    const { uploader, transport } = rig({ transport: new StoringTransport(), checkpoints: first.checkpoints })
    const [left] = await uploader.interrupted()
    await left?.resume()
    expect(transport.stored).toEqual([2, 3])
  })

  test('is refused if the file has changed', async () => {
    const { uploader } = await leftWith(handleOf(fileOf(12, 'file.bin', 99)))
    const [left] = await uploader.interrupted()
    await expect(left?.resume()).rejects.toMatchObject({ code: 'file-changed' })
    expect(uploader.uploads).toHaveLength(1)
  })

  test('must be picked if no handle was kept, and resume() without it throws', async () => {
    const { uploader } = await leftWith(undefined)
    const [left] = await uploader.interrupted()
    expect(left?.needsFile).toBe(true)
    expect(() => left?.resume()).toThrow(TypeError)
  })
})

describe('leases in an IndexedDB that never answers', () => {
  beforeEach(() => {
    vi.useFakeTimers()
    vi.stubGlobal('indexedDB', { open: () => ({}) })
    // Node's own timeout does not follow the fake timers.
    vi.spyOn(AbortSignal, 'timeout').mockImplementation((milliseconds) => {
      const late = new AbortController()
      setTimeout(() => late.abort(new DOMException('late', 'TimeoutError')), milliseconds)
      return late.signal
    })
  })
  afterEach(() => {
    vi.useRealTimers()
    vi.unstubAllGlobals()
    vi.restoreAllMocks()
  })

  test('are not waited for: the upload ends', async () => {
    const { uploader } = rig({ tabs: new LeaseTabs(), transport: new StoringTransport() })
    const upload = uploader.uploadFile(fileOf(8))
    await vi.advanceTimersByTimeAsync(30_000)
    expect(upload.state.status).toBe('done')
  })

  test('are waited for only once, not at the end of each file', async () => {
    const { uploader } = rig({ tabs: new LeaseTabs(), transport: new StoringTransport() })
    const first = uploader.uploadFile(fileOf(8))
    await vi.advanceTimersByTimeAsync(11_000)
    expect(first.state.status).toBe('done')
    const second = uploader.uploadFile(fileOf(9))
    await vi.advanceTimersByTimeAsync(1_000)
    expect(second.state.status).toBe('done')
  })

  test('do not prevent interrupted() from listing uploads', async () => {
    const checkpoints = memoryCheckpoints()
    rig({ checkpoints }).uploader.uploadFile(fileOf(8))
    await vi.advanceTimersByTimeAsync(0)
    const shown = rig({ checkpoints, tabs: new LeaseTabs() }).uploader.interrupted()
    await vi.advanceTimersByTimeAsync(30_000)
    expect(await shown).toHaveLength(1)
  })
})
