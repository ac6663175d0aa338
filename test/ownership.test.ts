import { expect, test, vi } from 'vitest'
import { Ownership } from '../src/ownership.ts'
import type { Claim, Tabs } from '../src/ports.ts'
import { FakeClock, flush } from './fakes/clock.ts'
import { FakeBrowser, type FakeTab } from './fakes/tabs.ts'

test('a claim that is granted just as nobody wants it any more is given back', async () => {
  let grant: (claim: Claim) => void = () => {}
  const tabs: Tabs = {
    claim: async () => undefined,
    // The grant is on its way when the wait is aborted.
    wait: () =>
      new Promise((resolve) => {
        grant = resolve
      }),
    isTaken: async () => true,
    isWanted: async () => false,
    tell: () => {},
    hear: () => () => {},
  }
  const onOwned = vi.fn()
  const ownership = new Ownership({
    key: 'key',
    tabs,
    clock: new FakeClock(),
    onNews: () => {},
    onOwned,
    onLost: () => true,
    onCancel: () => {},
  })
  expect(await ownership.take()).toBe(false)
  const release = vi.fn()
  grant({ release })
  ownership.release()
  await flush()
  expect([ownership.isOurs, release.mock.calls.length, onOwned.mock.calls.length]).toEqual([false, 1, 0])
})

/** The ownership of a page with these tabs, and how often it took over from another page. */
function ownership(tabs: Tabs) {
  const clock = new FakeClock()
  const onOwned = vi.fn()
  const listeners = { onNews: vi.fn(), onOwned, onCancel: vi.fn() }
  return { clock, onOwned, ownership: new Ownership({ key: 'key', tabs, clock, ...listeners }) }
}

test('a wait that fails begins again after two seconds, and ends if nobody has the claim by then', async () => {
  const browser = new FakeBrowser()
  const claim = await browser.tab().claim('key')
  const tab = browser.tab()
  const wait = vi.spyOn(tab, 'wait').mockRejectedValue(new Error('no locks'))
  const { ownership: one, clock, onOwned } = ownership(tab)
  expect(await one.take()).toBe(false)
  await clock.advance(1_999)
  expect(wait).toHaveBeenCalledTimes(1)
  await clock.advance(1)
  expect([wait.mock.calls.length, one.isOurs]).toEqual([2, false])
  claim?.release()
  await clock.advance(2_000)
  expect([wait.mock.calls.length, one.isOurs, onOwned.mock.calls.length]).toEqual([2, true, 1])
  expect([one.takeWaited(), one.takeWaited()]).toEqual([true, false])
  one.release()
  expect([browser.owners.size, clock.sleeping]).toEqual([0, 0])
})

test('a page whose claims fail acts as if it were alone, and has nothing to give back', async () => {
  const tab = new FakeBrowser().tab()
  tab.claim = () => Promise.reject(new DOMException('no', 'SecurityError'))
  const { ownership: one } = ownership(tab)
  expect(await one.take()).toBe(true)
  expect(one.takeWaited()).toBe(false)
  one.release()
  expect(one.isOurs).toBe(false)
})

test('only the owner tells what it does, and only if another tab watches', async () => {
  const browser = new FakeBrowser()
  const spied = (): { tab: FakeTab; told: unknown[] } => {
    const [tab, told] = [browser.tab(), [] as unknown[]]
    const tell = tab.tell.bind(tab)
    tab.tell = (key, news) => {
      told.push(news.type)
      tell(key, news)
    }
    return { tab, told }
  }
  const [first, second] = [spied(), spied()]
  const [owner, other] = [ownership(first.tab).ownership, ownership(second.tab).ownership]
  const news = { type: 'progress', confirmed: 1, inFlight: 0 } as const
  await owner.take()
  owner.tell(news)
  expect(first.told).toEqual([])
  await other.take()
  await flush()
  owner.tell(news)
  other.tell(news)
  expect([first.told, second.told]).toEqual([['progress'], ['watch']])
})

test('a released claim is not reported as lost, whatever the browser says later', async () => {
  let takeAway: (reason: Error) => void = () => {}
  const held = new Promise<never>((_, reject) => {
    takeAway = reject
  })
  const tab = new FakeBrowser().tab()
  vi.spyOn(tab, 'claim').mockResolvedValue({ release: () => {}, held })
  const onLost = vi.fn(() => true)
  const one = new Ownership({ key: 'key', tabs: tab, clock: new FakeClock(), onNews: () => {}, onLost })
  expect(await one.take()).toBe(true)
  one.release()
  takeAway(new Error('stolen'))
  await flush()
  expect([onLost.mock.calls.length, one.takeWaited()]).toEqual([0, false])
})

test('without listeners, neither a cancel nor a lost claim is reported, and the claim is taken again', async () => {
  const browser = new FakeBrowser()
  const [tab, other] = [browser.tab(), browser.tab()]
  const one = new Ownership({ key: 'key', tabs: tab, clock: new FakeClock() })
  expect(await one.take()).toBe(true)
  other.tell('key', { type: 'cancel' })
  await flush()
  browser.takeAway('key')
  await flush()
  expect([await one.take(), one.takeWaited()]).toEqual([true, true])
})
