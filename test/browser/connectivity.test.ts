import { describe, expect, test, vi } from 'vitest'
import { browserConnectivity } from '../../src/connectivity.ts'

describe('browserConnectivity', () => {
  test('reports what the browser reports', () => {
    expect(browserConnectivity.online).toBe(navigator.onLine)
  })

  test.each(['online', 'pageshow'])('asks for a try at the event %s', async (event) => {
    const changed = browserConnectivity.changed({ signal: new AbortController().signal })
    window.dispatchEvent(new Event(event))
    await changed
  })

  test('asks for a try when the page is shown again', async () => {
    const changed = browserConnectivity.changed({ signal: new AbortController().signal })
    document.dispatchEvent(new Event('visibilitychange'))
    await changed
  })

  test('asks for a try when the clock has jumped', async () => {
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

  test('ends its wait at an abort, and leaves nothing behind', async () => {
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
