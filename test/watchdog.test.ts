import { describe, expect, test } from 'vitest'
import { StalledError } from '../src/errors.ts'
import { Watchdog } from '../src/watchdog.ts'
import { FakeClock } from './fakes/clock.ts'

const size = 1_000_000
const never = new AbortController().signal

const stall = { idle: 20_000, answer: 60_000 }

function watchdog(options = stall): { clock: FakeClock; dog: Watchdog } {
  const clock = new FakeClock()
  return { clock, dog: new Watchdog(options, clock, () => {}, {}) }
}

/** Cuts a request that has sent the given bytes at once, exactly at the limit and not before. */
async function cutAfter(limit: number, dog: Watchdog, clock: FakeClock, sent: number): Promise<void> {
  const watch = dog.watch(1, size, never)
  watch.moved(sent)
  await clock.advance(limit - 1)
  expect(watch.signal.aborted).toBe(false)
  await clock.advance(1)
  expect(watch.signal.aborted).toBe(true)
}

describe('a request', () => {
  test('without progress for too long is cut, and the error names the part', async () => {
    const { clock, dog } = watchdog()
    const watch = dog.watch(7, size, never)
    watch.moved(100_000)
    await clock.advance(19_999)
    expect(watch.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(watch.signal.reason).toBeInstanceOf(StalledError)
    expect(watch.signal.reason).toMatchObject({ code: 'stalled', retryable: true })
    expect(String(watch.signal.reason)).toContain('part 7: stalled, 100000 of 1000000 bytes were sent')
  })

  test('that progresses is not cut, however long it takes', async () => {
    const { clock, dog } = watchdog()
    const watch = dog.watch(1, size, never)
    for (let sent = 20_000; sent < size; sent += 20_000) {
      await clock.advance(15_000)
      watch.moved(sent)
    }
    expect(watch.signal.aborted).toBe(false)
    watch.end()
  })

  test('that the browser has not begun, because others use the connections, is not cut while those progress', async () => {
    const { clock, dog } = watchdog()
    const [busy, queued] = [dog.watch(1, 100 * size, never), dog.watch(2, size, never)]
    for (let sent = 1; sent <= 5; sent++) {
      await clock.advance(10_000)
      busy.moved(sent * size)
    }
    expect(queued.signal.aborted).toBe(false)
    await clock.advance(21_000)
    expect(queued.signal.aborted).toBe(true)
  })

  test('that never begins is cut in the end, although others progress', async () => {
    const { clock, dog } = watchdog()
    const [busy, lost] = [dog.watch(1, 100 * size, never), dog.watch(2, size, never)]
    for (let sent = 1; sent <= 9; sent++) {
      await clock.advance(10_000)
      busy.moved(sent * size)
    }
    expect([busy.signal.aborted, lost.signal.aborted]).toEqual([false, true])
    busy.end()
  })

  test('has a longer limit for its answer once all its bytes are sent', async () => {
    const { clock, dog } = watchdog()
    const watch = dog.watch(1, size, never)
    watch.moved(size)
    await clock.advance(59_999)
    expect(watch.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(String(watch.signal.reason)).toContain('no answer came')
  })

  test('has a longer limit for its answer each time one was given up, since something on the way may hold the bytes', async () => {
    const { clock, dog } = watchdog()
    const given: number[] = []
    for (let attempt = 0; attempt < 4; attempt++) {
      const [watch, other] = [dog.watch(1, size, never), dog.watch(2, size, never)]
      const since = clock.now()
      watch.moved(size)
      other.moved(size)
      while (!watch.signal.aborted || !other.signal.aborted) await clock.advance(1_000)
      given.push(clock.now() - since)
    }
    expect(given).toEqual([60_000, 120_000, 240_000, 240_000])
  })

  test('loses the longer limit once an answer comes soon, and keeps it as long as answers come late', async () => {
    const { clock, dog } = watchdog()
    const late = dog.watch(1, size, never)
    late.moved(size)
    await clock.advance(60_000)
    for (const [wait, limit] of [
      [110_000, 120_000],
      [2_000, 60_000],
    ] as const) {
      const answered = dog.watch(2, size, never)
      answered.moved(size)
      await clock.advance(wait)
      answered.answered()
      answered.end()
      const watch = dog.watch(3, size, never)
      watch.moved(size)
      await clock.advance(limit - 1)
      expect(watch.signal.aborted).toBe(false)
      watch.end()
    }
    const watch = dog.watch(4, size, never)
    watch.moved(size)
    await clock.advance(60_000)
    expect(watch.signal.aborted).toBe(true)
  })

  test('keeps its longer limit even if smaller requests are answered meanwhile or others end', async () => {
    const { clock, dog } = watchdog()
    const first = dog.watch(1, size, never)
    first.moved(size)
    await clock.advance(60_000)
    expect(first.signal.aborted).toBe(true)
    const watch = dog.watch(1, size, never)
    watch.moved(size)
    await clock.advance(70_000)
    const small = dog.watch(2, size / 2, never)
    small.moved(size / 2)
    small.answered()
    small.end()
    dog.watch(3, size, never).end()
    await clock.advance(49_999)
    expect(watch.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(watch.signal.aborted).toBe(true)
  })

  test('has a longer limit even if its bytes were seen leaving, but not after a cut while they did', async () => {
    const { clock, dog } = watchdog()
    await cutAfter(20_000, dog, clock, 100_000)
    await cutAfter(60_000, dog, clock, size)
    await cutAfter(120_000, dog, clock, size)
    await cutAfter(20_000, dog, clock, 100_000)
  })

  test('loses the longer limit once an answer comes soon after the last byte, however long the bytes took', async () => {
    const { clock, dog } = watchdog()
    await cutAfter(60_000, dog, clock, size)
    const watch = dog.watch(2, size, never)
    for (const sent of [size / 2, size]) {
      await clock.advance(15_000)
      watch.moved(sent)
    }
    await clock.advance(10_000)
    watch.answered()
    watch.end()
    await cutAfter(60_000, dog, clock, size)
  })

  test('has a longer limit each time even if the limit for answers is below the one for bytes', async () => {
    const { clock, dog } = watchdog({ idle: 60_000, answer: 30_000 })
    for (const limit of [30_000, 60_000, 120_000]) await cutAfter(limit, dog, clock, size)
  })

  test('loses the longer limit once a large one and then one as small as the last one cut were answered soon', async () => {
    const { clock, dog } = watchdog()
    const answered = (bytes: number): void => {
      const watch = dog.watch(2, bytes, never)
      watch.moved(bytes)
      watch.answered()
      watch.end()
    }
    await cutAfter(60_000, dog, clock, size)
    answered(size)
    const small = dog.watch(1, size / 2, never)
    small.moved(size / 2)
    await clock.advance(60_000)
    expect(small.signal.aborted).toBe(true)
    answered(size / 2)
    await cutAfter(60_000, dog, clock, size)
  })

  test('has the longer limit even if others showed no progress until all their bytes were sent', async () => {
    const { clock, dog } = watchdog()
    for (const limit of [20_000, 40_000]) await cutAfter(limit, dog, clock, 0)
    const slow = dog.watch(1, size, never)
    await clock.advance(30_000)
    slow.moved(size)
    slow.answered()
    slow.end()
    const watch = dog.watch(2, size, never)
    await clock.advance(79_000)
    expect(watch.signal.aborted).toBe(false)
  })

  test('has a longer limit for its first byte too if no byte of any was ever seen', async () => {
    const { clock, dog } = watchdog()
    for (const limit of [20_000, 40_000]) await cutAfter(limit, dog, clock, 0)
    const [moving, watch] = [dog.watch(2, size, never), dog.watch(3, size, never)]
    moving.moved(100_000)
    watch.moved(100_000)
    await clock.advance(20_000)
    expect(watch.signal.aborted).toBe(true)
  })

  test('on a slow connection has longer limits, but not endless ones', async () => {
    const { clock, dog } = watchdog()
    const watch = dog.watch(1, size, never)
    await clock.advance(10_000)
    watch.moved(100_000)
    await clock.advance(60_000)
    expect(watch.signal.aborted).toBe(false)
    await clock.advance(140_000)
    expect(watch.signal.aborted).toBe(true)
  })

  test('on the slowest connection has limits ten times as long, both while bytes leave and afterwards', async () => {
    for (const [moves, limit] of [
      [4, 200_000],
      [20, 600_000],
    ] as const) {
      const { clock, dog } = watchdog()
      const watch = dog.watch(1, 100_000, never)
      for (let move = 1; move <= moves; move++) {
        await clock.advance(19_000)
        watch.moved(move * 5_000)
      }
      await clock.advance(limit - 1)
      expect(watch.signal.aborted).toBe(false)
      await clock.advance(1)
      expect(watch.signal.aborted).toBe(true)
    }
  })

  test('gets its whole limit again after the machine has slept', async () => {
    const { clock, dog } = watchdog()
    const watch = dog.watch(1, size, never)
    watch.moved(100_000)
    clock.jump(3_600_000)
    await clock.advance(0)
    expect(watch.signal.aborted).toBe(false)
    await clock.advance(20_000)
    expect(watch.signal.aborted).toBe(true)
  })

  test('is cut even in a hidden page with late timers, since its whole limit is renewed only once', async () => {
    const { clock, dog } = watchdog()
    const watch = dog.watch(1, size, never)
    // Chromium wakes a page that has been hidden for minutes once a minute (intensive throttling).
    for (let minute = 1; minute <= 3; minute++) {
      clock.jump(60_000)
      await clock.advance(0)
    }
    expect(watch.signal.reason).toBeInstanceOf(StalledError)
  })

  test('gets its whole limit again after each sleep if it has progressed in between', async () => {
    const { clock, dog } = watchdog()
    const watch = dog.watch(1, size, never)
    for (let sent = 100_000; sent < size; sent += 100_000) {
      clock.jump(60_000)
      await clock.advance(0)
      expect(watch.signal.aborted).toBe(false)
      watch.moved(sent)
    }
    watch.end()
  })

  test('leaves no timer after its end, and several share one', async () => {
    const { clock, dog } = watchdog()
    const watches = [dog.watch(1, size, never), dog.watch(2, size, never)]
    expect(clock.sleeping).toBe(1)
    for (const watch of watches) watch.end()
    await clock.advance(0)
    expect(clock.sleeping).toBe(0)
  })

  test('is asked for its progress before it is cut', async () => {
    const clock = new FakeClock()
    let sent = 0
    const look = (): void => {
      sent += 100_000
      watch.moved(sent)
    }
    const watch = new Watchdog(stall, clock, look, {}).watch(1, size, never)
    await clock.advance(100_000)
    expect(watch.signal.aborted).toBe(false)
    watch.end()
  })
})

describe('the signal of a request', () => {
  test('aborts with the reason of the run, even if that was cut before, and does not count as stalled then', () => {
    const { dog } = watchdog()
    const [run, reason] = [new AbortController(), new Error('paused')]
    const watch = dog.watch(1, size, run.signal)
    run.abort(reason)
    for (const one of [watch, dog.watch(2, size, run.signal)]) {
      expect(one.signal.reason).toBe(reason)
      expect(one.isStalled).toBe(false)
    }
  })

  test('ignores the run after the request has ended, and tells whether it has stalled', async () => {
    const { clock, dog } = watchdog()
    const run = new AbortController()
    const [ended, stalled] = [dog.watch(1, size, run.signal), dog.watch(2, size, run.signal)]
    ended.end()
    await clock.advance(20_000)
    // The caller that made the request also ends it.
    stalled.end()
    run.abort(new Error('paused'))
    expect([ended.signal.aborted, stalled.isStalled]).toEqual([false, true])
    await cutAfter(40_000, dog, clock, 0)
  })
})

describe('on a connection', () => {
  /** What a request that moves at the given bytes per millisecond has shown of the connection. */
  async function shown(dog: Watchdog, clock: FakeClock, rate: number, bytes: number, of = 100 * size) {
    const watch = dog.watch(1, of, never)
    for (let sent = 0; sent < bytes; ) {
      await clock.advance(8_000)
      sent += 8_000 * rate
      watch.moved(sent)
    }
    return watch
  }

  test('that one request has shown to be slow, others have longer limits too, whatever its buffers take at once', async () => {
    const { clock, dog } = watchdog()
    // 1 MiB takes 80 seconds.
    const slow = await shown(dog, clock, 13.1072, 100_000)
    slow.end()
    await cutAfter(80_000, dog, clock, 0)
    await cutAfter(80_000, dog, clock, 64 * 1024)
  })

  test('shared unevenly by two requests, both have the limits of the slower one', async () => {
    const { clock, dog } = watchdog()
    const slow = await shown(dog, clock, 13.1072, 100_000)
    const fast = await shown(dog, clock, 131.072, 1_000_000)
    slow.moved(16_000 * 13.1072)
    await clock.advance(79_999)
    expect([slow.signal.aborted, fast.signal.aborted]).toEqual([false, false])
    await clock.advance(1)
    expect([slow.signal.aborted, fast.signal.aborted]).toEqual([true, true])
  })

  test('on which another has become fast, a slow one keeps its limits', async () => {
    const { clock, dog } = watchdog()
    const slow = await shown(dog, clock, 13.1072, 100_000)
    ;(await shown(dog, clock, 131.072, 1_000_000)).end()
    await clock.advance(79_999 - 8_000)
    expect(slow.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(slow.signal.aborted).toBe(true)
  })

  test('a few bytes say nothing about its speed', async () => {
    const { clock, dog } = watchdog()
    const watch = dog.watch(1, size, never)
    await clock.advance(10_000)
    watch.moved(1_000)
    await clock.advance(20_000)
    expect(watch.signal.aborted).toBe(true)
  })

  test.each([
    [1, 64_000],
    [16, 256_000],
  ])(
    'that is slow, a part of %i MiB has as long for its answer as the bytes still buffered by the system may take',
    async (mebibytes, limit) => {
      const { clock, dog } = watchdog()
      const bytes = mebibytes * 1024 * 1024
      const watch = await shown(dog, clock, 32.768, bytes, bytes)
      await clock.advance(limit - 1)
      expect(watch.signal.aborted).toBe(false)
      await clock.advance(1)
      expect(watch.signal.aborted).toBe(true)
    },
  )
})

describe('if progress may never be visible, as behind a service worker,', () => {
  function silent(): { clock: FakeClock; dog: Watchdog } {
    const clock = new FakeClock()
    return { clock, dog: new Watchdog(stall, clock, () => {}, { mayBeSilent: () => true }) }
  }

  test('a request has the time that a whole part takes on a slow connection, but not endless time', async () => {
    const { clock, dog } = silent()
    const watch = dog.watch(1, size, never)
    await clock.advance(599_999)
    expect(watch.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(watch.signal.reason).toBeInstanceOf(StalledError)
  })

  test('the next request has that time too after one was answered without visible progress', async () => {
    const { clock, dog } = silent()
    dog.watch(1, size, never).end()
    const watch = dog.watch(2, size, never)
    await clock.advance(599_999)
    expect(watch.signal.aborted).toBe(false)
    watch.end()
  })

  test('a request that does not progress is cut as usual once bytes have been seen', async () => {
    const { clock, dog } = silent()
    const first = dog.watch(1, size, never)
    await clock.advance(30_000)
    first.moved(size - 1)
    const second = dog.watch(2, size, never)
    await clock.advance(32_000)
    expect([first.signal.aborted, second.signal.aborted]).toEqual([true, true])
  })
})
