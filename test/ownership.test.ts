import { expect, test, vi } from 'vitest'
import { Ownership } from '../src/ownership.ts'
import type { Claim, Tabs } from '../src/ports.ts'
import { FakeClock, flush } from './fakes/clock.ts'

test('what is granted in the moment in which nobody wants it any more goes back', async () => {
  let grant: (claim: Claim) => void = () => {}
  const tabs: Tabs = {
    claim: async () => undefined,
    // Its grant is on its way when the wait is called off.
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
    onLost: () => {},
    onCancel: () => {},
  })
  expect(await ownership.take()).toBe(false)
  const release = vi.fn()
  grant({ release })
  ownership.release()
  await flush()
  expect([ownership.isOurs, release.mock.calls.length, onOwned.mock.calls.length]).toEqual([false, 1, 0])
})
