import { describe, expect, test, vi } from 'vitest'
import { LeaseTabs } from '../../src/tabs/lease.ts'
import { WebLockTabs } from '../../src/tabs/web-locks.ts'
import { describeTabs } from '../contracts/tabs.ts'
import { until } from '../until.ts'

describe('WebLockTabs', () => {
  test('asks the browser for its locks only where another page may be there', async () => {
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
})

describeTabs('WebLockTabs', () => new WebLockTabs(navigator.locks))
describeTabs('LeaseTabs', () => new LeaseTabs())
