import { afterEach, describe, expect, test, vi } from 'vitest'
import { browserTabs } from '../../src/tabs/default-tabs.ts'
import { describeTabs } from '../contracts/tabs.ts'

// Uses the Web Locks of the environment.
describeTabs('browserTabs', browserTabs)

describe('browserTabs', () => {
  afterEach(() => vi.unstubAllGlobals())

  test('checks once which of them the browser has', async () => {
    const request = vi.fn(async () => undefined)
    const locks = vi.fn(() => ({ request, query: async () => ({}) }))
    vi.stubGlobal('navigator', Object.defineProperty({}, 'locks', { get: locks }))
    const tabs = browserTabs()
    const looks = locks.mock.calls.length
    tabs.hear('key', () => {})()
    expect(await tabs.isTaken('key')).toBe(false)
    expect(locks.mock.calls.length).toBe(looks)
  })

  test('uses leases in IndexedDB if there are no Web Locks, as in a page without TLS', async () => {
    vi.stubGlobal('navigator', {})
    const open = vi.fn(() => {
      throw new DOMException('no', 'SecurityError')
    })
    vi.stubGlobal('indexedDB', { open })
    await expect(browserTabs().claim('key')).rejects.toThrow('no')
    expect(open).toHaveBeenCalledWith('longhaul-leases')
  })

  test.each([
    ['a browser', {}],
    ['nothing', undefined],
  ])('treats every page as alone with %s that has neither', async (_, navigator) => {
    vi.stubGlobal('navigator', navigator)
    const [one, two] = [browserTabs(), browserTabs()]
    const call = new AbortController()
    const claims = [await one.claim('key'), await two.claim('key'), await two.wait('key', call)]
    const heard = vi.fn()
    const deaf = two.hear('key', heard)
    one.tell('key', { type: 'progress', confirmed: 1, inFlight: 0 })
    expect([await one.isTaken('key'), await one.isWanted('key')]).toEqual([false, false])
    for (const claim of claims) claim?.release()
    deaf()
    expect(claims).not.toContain(undefined)
    expect(heard).not.toHaveBeenCalled()
  })
})
