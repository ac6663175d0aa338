import { createStore, get, set, type UseStore } from 'idb-keyval'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Uploader } from '../../src/index.ts'
import { LeaseTabs } from '../../src/tabs/lease.ts'
import { describeTabs } from '../contracts/tabs.ts'
import { describeWebLockTabs } from '../contracts/web-locks.ts'
import { until } from '../until.ts'
import { fileOf, stand } from './stand.ts'

describeWebLockTabs()
describeTabs('LeaseTabs', () => new LeaseTabs())

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

describe('LeaseTabs', () => {
  /** Leaves no open connection, which would keep the database from being deleted. */
  async function inLeases<T>(work: (leases: UseStore) => Promise<T>): Promise<T> {
    const leases = createStore('longhaul-leases', 'leases')
    const done = await work(leases)
    await leases('readonly', ({ transaction }) => transaction.db.close())
    return done
  }

  /** Puts all clocks of the browser forward without running timers, as after a sleep. */
  function sleep(milliseconds: number): void {
    const now = Date.now()
    vi.spyOn(Date, 'now').mockImplementation(() => now + milliseconds)
  }

  test('lets a living page keep its claim, even if its timers have not run for long', async () => {
    const [one, two, key] = [new LeaseTabs(), new LeaseTabs(), crypto.randomUUID()]
    vi.stubGlobal('setInterval', () => 0)
    const claim = await one.claim(key)
    for (const hours of [1, 2]) {
      sleep(hours * 3_600_000)
      expect(await two.isTaken(key)).toBe(true)
      expect(await two.claim(key)).toBeUndefined()
    }
    claim?.release()
    await until(async () => expect(await two.isTaken(key)).toBe(false))
  })

  test('lets another page take the claims of a dead page', async () => {
    const [tabs, key] = [new LeaseTabs(), crypto.randomUUID()]
    await inLeases((leases) => set(key, { owner: 'dead', until: Date.now() - 1, wantedUntil: 0 }, leases))
    expect(await tabs.isTaken(key)).toBe(false)
    const claim = await tabs.claim(key)
    expect(claim).toBeDefined()
    claim?.release()
  })

  test('shows the claims of a page that has just died, and lets them be taken when its lease has run out', async () => {
    const [tabs, key] = [new LeaseTabs(), crypto.randomUUID()]
    const left = { owner: 'dead', until: Date.now() + 9_900, wantedUntil: 0 }
    await inLeases((leases) => set(key, left, leases))
    expect(await tabs.isTaken(key)).toBe(false)
    expect(await tabs.claim(key)).toBeUndefined()
    sleep(10_000)
    const claim = await tabs.claim(key)
    expect(claim).toBeDefined()
    claim?.release()
  })

  test("shows a page's claims even if its clock stands still, as it does for 0.1 s in Firefox with resistFingerprinting", async () => {
    const [one, two, key] = [new LeaseTabs(), new LeaseTabs(), crypto.randomUUID()]
    vi.spyOn(Date, 'now').mockReturnValue(Date.now())
    const claim = await one.claim(key)
    expect([await one.isTaken(key), await two.isTaken(key)]).toEqual([true, true])
    claim?.release()
  })

  test("does not keep a dead page's claim when a clock is set back", async () => {
    const [tabs, key] = [new LeaseTabs(), crypto.randomUUID()]
    await inLeases((leases) =>
      set(key, { owner: 'dead', until: Date.now() + 3_600_000, wantedUntil: 0 }, leases),
    )
    const claim = await tabs.claim(key)
    expect(claim).toBeDefined()
    claim?.release()
  })

  test('remembers that a page waits, although its wait failed, until it has asked again', async () => {
    const [one, two, key] = [new LeaseTabs(), new LeaseTabs(), crypto.randomUUID()]
    const claim = await one.claim(key)
    const call = new AbortController()
    const waiting = two.wait(key, call).catch(() => {})
    await until(async () => expect(await one.isWanted(key)).toBe(true))
    call.abort()
    await waiting
    // The pause of Ownership, and the time that a claim then takes.
    sleep(2_500)
    expect(await one.isWanted(key)).toBe(true)
    claim?.release()
  })

  test('allows the database to be deleted, and creates it again', async () => {
    const [tabs, key] = [new LeaseTabs(), crypto.randomUUID()]
    await tabs.isTaken(key)
    await new Promise((resolve, reject) => {
      const request = indexedDB.deleteDatabase('longhaul-leases')
      request.onsuccess = resolve
      request.onblocked = () => reject(new Error('blocked'))
    })
    const claim = await tabs.claim(key)
    expect(claim).toBeDefined()
    claim?.release()
  })

  test('does not release a claim that another page has taken over', async () => {
    const [tabs, key] = [new LeaseTabs(), crypto.randomUUID()]
    const claim = await tabs.claim(key)
    const theirs = { owner: 'another', until: Date.now() + 5_000, wantedUntil: 0 }
    await inLeases((leases) => set(key, theirs, leases))
    claim?.release()
    expect(await tabs.claim(key)).toBeUndefined()
    expect(await inLeases((leases) => get(key, leases))).toEqual(theirs)
  })
})

test('an upload whose lock is taken away, as Safari does with pages in its back/forward cache, waits for the lock again', async () => {
  const { options, transport } = stand()
  const upload = new Uploader(options).uploadFile(fileOf(12))
  ;(await transport.next()).store()
  await until(() => expect(upload.progress.confirmed).toBe(4))
  const { held = [] } = await navigator.locks.query()
  const { name = '' } = held.find((lock) => lock.name?.includes(options.scope ?? '?')) ?? {}
  let release = (): void => {}
  const taking = new Promise<void>((taken) => {
    const hold = (): Promise<void> =>
      new Promise((resolve) => {
        release = resolve
        taken()
      })
    navigator.locks.request(name, { steal: true }, hold)
  })
  await taking
  await until(() => expect(upload.state).toEqual({ status: 'paused', by: 'system', reason: 'other-tab' }))
  expect(transport.open.size).toBe(0)
  release()
  await transport.storeAll(upload)
  expect(upload.state.status).toBe('done')
  expect(new Set(transport.sent)).toEqual(new Set([1, 2, 3]))
  expect(transport.sent.filter((number) => number === 1)).toHaveLength(1)
})

test("other messages on the origin's channel, such as those of another version of longhaul, do no harm", async () => {
  const [one, two] = [stand('same'), stand('same')]
  const channel = new BroadcastChannel('longhaul:')
  const keys = new Set<string>()
  channel.onmessage = ({ data }) => data.key && keys.add(data.key)
  const thrown = vi.fn()
  window.addEventListener('error', thrown)
  const [first, uploader] = [new Uploader(one.options).uploadFile(fileOf(12)), new Uploader(two.options)]
  await one.transport.next()
  const second = uploader.uploadFile(fileOf(12))
  await until(() => expect(keys.size).toBe(1))
  const [key = ''] = keys
  const odd: unknown[] = [
    null,
    undefined,
    0,
    true,
    'news',
    [],
    {},
    { key },
    { key, news: null },
    { key, news: 1 },
  ]
  const progress = [undefined, Number.NaN, '1', {}].map((confirmed) => ({
    type: 'progress',
    confirmed,
    inFlight: 0,
  }))
  for (const news of [{}, { type: 'other' }, { type: 'progress' }, ...progress]) odd.push({ key, news })
  const parts = vi.fn()
  second.on('part', parts)
  for (const message of odd) channel.postMessage(message)
  channel.postMessage({ key, news: { type: 'part', number: 3, status: 'sending' } })
  await until(() => expect(parts).toHaveBeenCalledWith({ number: 3, status: 'sending' }))
  expect(parts).toHaveBeenCalledTimes(1)
  expect(second.progress).toMatchObject({ confirmed: 0, inFlight: 0, rate: 0 })
  expect(uploader.progress).toMatchObject({ confirmed: 0, inFlight: 0 })
  await one.transport.storeAll(Promise.all([first, second]))
  expect(uploader.progress).toMatchObject({ confirmed: 12, total: 12 })
  expect(thrown).not.toHaveBeenCalled()
  window.removeEventListener('error', thrown)
  channel.close()
})

test('files are uploaded even if the browser refuses a BroadcastChannel, as Firefox does without cookies', async () => {
  class Refused {
    constructor() {
      throw new DOMException('The operation is insecure.', 'SecurityError')
    }
  }
  vi.stubGlobal('BroadcastChannel', Refused)
  const { options, transport } = stand()
  const upload = new Uploader(options).uploadFile(fileOf(4))
  await transport.storeAll(upload)
  expect(upload.state.status).toBe('done')
})
