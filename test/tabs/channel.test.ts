import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { TabNews } from '../../src/ports.ts'
import { NewsChannel } from '../../src/tabs/channel.ts'
import { until } from '../until.ts'

const news: TabNews = { type: 'progress', confirmed: 1, inFlight: 2 }
const open = new Set<BroadcastChannel>()
let opened = 0

/** Counts the environment's own channels. */
class Counted extends BroadcastChannel {
  constructor(name: string) {
    super(name)
    opened += 1
    open.add(this)
  }

  override close(): void {
    super.close()
    open.delete(this)
  }
}

beforeEach(() => {
  opened = 0
  vi.stubGlobal('BroadcastChannel', Counted)
})
afterEach(() => {
  vi.unstubAllGlobals()
  for (const one of open) one.close()
})

/** Records what is said on a channel of this name, through the platform's own means. */
function overhearing(name: string): { readonly said: unknown[]; readonly channel: BroadcastChannel } {
  const said: unknown[] = []
  const channel = new BroadcastChannel(name)
  channel.onmessage = ({ data }) => said.push(data)
  return { said, channel }
}

test('is open as long as somebody listens, once for all listeners', () => {
  const channel = new NewsChannel('once')
  channel.tell('a', news)
  expect(opened).toBe(0)
  const undo = [channel.hear('a', () => {}), channel.hear('a', () => {}), channel.hear('b', () => {})]
  for (const off of undo) {
    expect([opened, open.size]).toEqual([1, 1])
    off()
  }
  expect(open.size).toBe(0)
  channel.hear('a', () => {})
  expect([opened, open.size]).toEqual([2, 1])
})

test('sends hello and its news in words that other versions in other tabs know', async () => {
  const { said } = overhearing('words')
  const channel = new NewsChannel('words')
  channel.hear('a', () => {})
  channel.tell('a', news)
  await until(() => expect(said).toEqual(['hello', { key: 'a', news }]))
})

test('keeps other listeners when one is removed twice', async () => {
  const channel = new NewsChannel('twice')
  const heard = vi.fn()
  const off = channel.hear('a', () => {})
  off()
  channel.hear('a', heard)
  off()
  const other = new NewsChannel('twice')
  other.hear('b', () => {})
  other.tell('a', news)
  await until(() => expect(heard).toHaveBeenCalledWith(news))
})

test('keeps the other listeners of an upload when one is removed', async () => {
  const channel = new NewsChannel('several')
  const [gone, stays, late] = [vi.fn(), vi.fn(), vi.fn()]
  const off = channel.hear('a', gone)
  channel.hear('a', stays)
  off()
  channel.hear('a', late)
  const other = new NewsChannel('several')
  other.hear('a', () => {})
  other.tell('a', news)
  await until(() => expect([stays.mock.calls, late.mock.calls]).toEqual([[[news]], [[news]]]))
  expect(gone).not.toHaveBeenCalled()
})

test('is not harmed by other messages of the same origin', async () => {
  const { channel: other } = overhearing('odd')
  const channel = new NewsChannel('odd')
  const heard = vi.fn()
  channel.hear('a', heard)
  for (const odd of [undefined, null, 'hello', 7, {}, { key: 'a' }, { key: 'b', news }])
    other.postMessage(odd)
  other.postMessage({ key: 'a', news })
  await until(() => expect(heard).toHaveBeenCalled())
  expect(heard.mock.calls).toEqual([[news]])
})

test('reports possible company if it heard of another page, or if it cannot know', async () => {
  const channel = new NewsChannel('company')
  expect(channel.mayHaveCompany).toBe(true)
  const off = channel.hear('a', () => {})
  expect(channel.mayHaveCompany).toBe(false)
  const other = new NewsChannel('company')
  other.hear('b', () => {})
  await until(() => expect(channel.mayHaveCompany).toBe(true))
  off()
})

// Firefox refuses it if cookies are blocked.
test('stays silent if the browser refuses it', () => {
  class Refused {
    constructor() {
      throw new DOMException('The operation is insecure.', 'SecurityError')
    }
  }
  vi.stubGlobal('BroadcastChannel', Refused)
  const channel = new NewsChannel('refused')
  const off = channel.hear('a', () => {})
  channel.tell('a', news)
  expect(channel.mayHaveCompany).toBe(true)
  off()
})
