import { getEventListeners } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { onAbort, unless, within } from '../src/patience.ts'
import { FakeClock, flush } from './fakes/clock.ts'

const listeners = (signal: AbortSignal): number => getEventListeners(signal, 'abort').length

describe('onAbort', () => {
  test('calls back when the signal aborts, at once if it has aborted, and not after its undo', () => {
    const { signal, abort } = control()
    const [heard, gone] = [vi.fn(), vi.fn()]
    onAbort(signal, heard)
    onAbort(signal, gone)()
    expect([heard.mock.calls.length, listeners(signal)]).toEqual([0, 1])
    abort()
    expect(heard).toHaveBeenCalledTimes(1)
    expect(gone).not.toHaveBeenCalled()
    onAbort(signal, heard)
    expect(heard).toHaveBeenCalledTimes(2)
  })
})

describe('unless', () => {
  test('settles like the work, and leaves no listener on the signal', async () => {
    const { signal } = control()
    expect(await unless(signal, 'done')).toBe('done')
    expect(await unless(signal, Promise.resolve('later'))).toBe('later')
    await expect(unless(signal, Promise.reject(new Error('no')))).rejects.toThrow('no')
    expect(listeners(signal)).toBe(0)
  })

  test('stops waiting for work that ignores the signal, when that aborts or has aborted', async () => {
    const { signal, abort } = control()
    const waiting = unless(signal, new Promise(() => {}))
    abort('enough')
    await expect(waiting).rejects.toBe('enough')
    await expect(unless(signal, new Promise(() => {}))).rejects.toBe('enough')
  })
})

describe('within', () => {
  test('settles like the work, however long that takes, and leaves neither a sleep nor a listener', async () => {
    const [clock, since] = [new FakeClock(), control()]
    const { promise, resolve } = pending()
    const work = within({ clock, since: since.signal, limit: 100 }, () => promise)
    await clock.advance(1_000)
    resolve('done')
    expect(await work).toBe('done')
    expect([clock.sleeping, listeners(since.signal)]).toEqual([0, 0])
  })

  test('aborts the work, and stops waiting, when the time since the abort is up', async () => {
    const [clock, since] = [new FakeClock(), control()]
    const given: AbortSignal[] = []
    const work = within({ clock, since: since.signal, limit: 100 }, (signal) => {
      given.push(signal)
      return new Promise(() => {})
    })
    const outcome = vi.fn()
    work.catch(outcome)
    await clock.advance(1_000)
    since.abort('enough')
    await clock.advance(99)
    expect([given[0]?.aborted, outcome.mock.calls]).toEqual([false, []])
    await clock.advance(1)
    expect([given[0]?.reason, outcome.mock.calls]).toEqual(['enough', [['enough']]])
  })

  test('leaves no sleep behind if the work ends within that time', async () => {
    const [clock, since] = [new FakeClock(), control()]
    const { promise, reject } = pending()
    const work = within({ clock, since: since.signal, limit: 100 }, () => promise)
    since.abort('enough')
    await flush()
    expect(clock.sleeping).toBe(1)
    reject(new Error('no'))
    await expect(work).rejects.toThrow('no')
    expect(clock.sleeping).toBe(0)
  })
})

function control(): { readonly signal: AbortSignal; abort(reason?: unknown): void } {
  const controller = new AbortController()
  return { signal: controller.signal, abort: (reason) => controller.abort(reason) }
}

function pending() {
  let resolve = (_: string): void => {}
  let reject = (_: Error): void => {}
  const promise = new Promise<string>((resolves, rejects) => {
    resolve = resolves
    reject = rejects
  })
  return { promise, resolve, reject }
}
