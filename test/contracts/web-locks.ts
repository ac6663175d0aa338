import { afterEach, describe, expect, test, vi } from 'vitest'
import { WebLockTabs } from '../../src/tabs/web-locks.ts'
import { until } from '../until.ts'
import { describeTabs } from './tabs.ts'

/** For the Web Locks and the BroadcastChannel of the environment, a browser's or Node's. */
export function describeWebLockTabs(): void {
  describeTabs('WebLockTabs', () => new WebLockTabs(navigator.locks))

  describe('WebLockTabs', () => {
    afterEach(() => void vi.restoreAllMocks())

    test('asks the browser for its locks only if there may be another page', async () => {
      const query = vi.spyOn(navigator.locks, 'query')
      const one = new WebLockTabs(navigator.locks)
      const deaf = one.hear('mine', () => {})
      await new Promise((resolve) => setTimeout(resolve, 50))
      expect(await one.isWanted('mine')).toBe(false)
      expect(query).not.toHaveBeenCalled()
      const far = new WebLockTabs(navigator.locks).hear('theirs', () => {})
      await until(async () => {
        await one.isWanted('mine')
        expect(query).toHaveBeenCalled()
      })
      deaf()
      far()
    })

    test('names its locks so that other versions in other tabs know them, and reports a lock that is taken away', async () => {
      const key = crypto.randomUUID()
      const claim = await new WebLockTabs(navigator.locks).claim(key)
      const taken = navigator.locks.request(`longhaul:${key}`, { steal: true }, async () => 'taken')
      await expect(claim?.held).rejects.toMatchObject({ name: 'AbortError' })
      expect(await taken).toBe('taken')
    })

    test('asks the browser once for everything that is requested in the same turn', async () => {
      const [key, ...free] = Array.from({ length: 5 }, () => crypto.randomUUID())
      const tabs = new WebLockTabs(navigator.locks)
      const query = vi.spyOn(navigator.locks, 'query')
      const looks = (): Promise<boolean[]> => Promise.all([`${key}`, ...free].map((one) => tabs.isTaken(one)))
      const claim = await tabs.claim(`${key}`)
      expect(await looks()).toEqual([true, false, false, false, false])
      // Once more, because a page in the back/forward cache is gone by then.
      expect(query).toHaveBeenCalledTimes(2)
      claim?.release()
      await expect.poll(looks).toEqual([false, false, false, false, false])
      expect(query.mock.calls.length).toBeGreaterThan(1)
    })
  })
}
