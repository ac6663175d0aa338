import { afterEach, describe, expect, test, vi } from 'vitest'
import { Uploader } from '../../src/index.ts'
import { LeaseTabs } from '../../src/tabs/lease.ts'
import { WebLockTabs } from '../../src/tabs/web-locks.ts'
import { describeTabs } from '../contracts/tabs.ts'
import { until } from '../until.ts'
import { fileOf, stand } from './stand.ts'

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

afterEach(() => {
  vi.restoreAllMocks()
  vi.unstubAllGlobals()
})

test('where the browser refuses a BroadcastChannel, as Firefox does without cookies, files go up all the same', async () => {
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
