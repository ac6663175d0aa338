import { describe, expect, test, vi } from 'vitest'
import { browserConnectivity } from '../../src/connectivity.ts'

describe('browserConnectivity', () => {
  test('says what the browser says', () => {
    expect(browserConnectivity.online).toBe(navigator.onLine)
  })

  test.each(['online', 'pageshow'])('%s is worth a try', async (event) => {
    const changed = browserConnectivity.changed({ signal: new AbortController().signal })
    window.dispatchEvent(new Event(event))
    await changed
  })

  test('so is a page that is shown again', async () => {
    const changed = browserConnectivity.changed({ signal: new AbortController().signal })
    document.dispatchEvent(new Event('visibilitychange'))
    await changed
  })

  test('so is a clock that has jumped', async () => {
    vi.useFakeTimers()
    try {
      const changed = browserConnectivity.changed({ signal: new AbortController().signal })
      vi.setSystemTime(Date.now() + 3_600_000)
      await vi.advanceTimersByTimeAsync(5_000)
      await changed
    } finally {
      vi.useRealTimers()
    }
  })

  test('an abort ends the wait, and nothing stays behind', async () => {
    const add = vi.spyOn(window, 'addEventListener')
    const controller = new AbortController()
    const changed = browserConnectivity.changed({ signal: controller.signal })
    controller.abort('enough')
    await expect(changed).rejects.toBe('enough')
    const signals = add.mock.calls.map(
      ([, , options]) => (options as AddEventListenerOptions).signal?.aborted,
    )
    expect(signals.length).toBeGreaterThan(0)
    expect(signals.every(Boolean)).toBe(true)
    await expect(browserConnectivity.changed({ signal: controller.signal })).rejects.toBe('enough')
  })
})
