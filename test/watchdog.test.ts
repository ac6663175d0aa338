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

/** Cuts a request of which so many bytes have left at once, then and not before. */
async function cutAfter(limit: number, dog: Watchdog, clock: FakeClock, sent: number): Promise<void> {
  const watch = dog.watch(1, size, never)
  watch.moved(sent)
  await clock.advance(limit - 1)
  expect(watch.signal.aborted).toBe(false)
  await clock.advance(1)
  expect(watch.signal.aborted).toBe(true)
}

describe('a request', () => {
  test('on which no byte has moved for too long is cut, with the part in words', async () => {
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

  test('that moves is not cut, however long it takes', async () => {
    const { clock, dog } = watchdog()
    const watch = dog.watch(1, size, never)
    for (let sent = 20_000; sent < size; sent += 20_000) {
      await clock.advance(15_000)
      watch.moved(sent)
    }
    expect(watch.signal.aborted).toBe(false)
    watch.end()
  })

  test('that the browser has not begun, because others use the connections, is not cut while they move', async () => {
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

  test('that never begins is cut in the end, although others move', async () => {
    const { clock, dog } = watchdog()
    const [busy, lost] = [dog.watch(1, 100 * size, never), dog.watch(2, size, never)]
    for (let sent = 1; sent <= 9; sent++) {
      await clock.advance(10_000)
      busy.moved(sent * size)
    }
    expect([busy.signal.aborted, lost.signal.aborted]).toEqual([false, true])
    busy.end()
  })

  test('whose bytes have all left has a longer time for its answer', async () => {
    const { clock, dog } = watchdog()
    const watch = dog.watch(1, size, never)
    watch.moved(size)
    await clock.advance(59_999)
    expect(watch.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(String(watch.signal.reason)).toContain('no answer came')
  })

  test('has a longer time for its answer each time that one was given up: something on the way may have taken the bytes', async () => {
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

  test('has no longer time again once an answer came soon, and has it as long as answers come late', async () => {
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

  test('keeps its longer time whatever smaller ones are answered beside it, and however others end', async () => {
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

  test('has a longer time also where bytes were seen to leave, but not for one that was cut while they did', async () => {
    const { clock, dog } = watchdog()
    await cutAfter(20_000, dog, clock, 100_000)
    await cutAfter(60_000, dog, clock, size)
    await cutAfter(120_000, dog, clock, size)
    await cutAfter(20_000, dog, clock, 100_000)
  })

  test('has no longer time once an answer came soon after the last of its bytes, however long these took', async () => {
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

  test('has a longer time each time also where answers are waited for less long than bytes', async () => {
    const { clock, dog } = watchdog({ idle: 60_000, answer: 30_000 })
    for (const limit of [30_000, 60_000, 120_000]) await cutAfter(limit, dog, clock, size)
  })

  test('has no longer time once a large one was answered soon, and a smaller one that was cut since, by one as small', async () => {
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

  test('has it also where others have shown nothing until all of their bytes had left', async () => {
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

  test('has a longer time for its first byte, too, where none of any was ever seen', async () => {
    const { clock, dog } = watchdog()
    for (const limit of [20_000, 40_000]) await cutAfter(limit, dog, clock, 0)
    const [moving, watch] = [dog.watch(2, size, never), dog.watch(3, size, never)]
    moving.moved(100_000)
    watch.moved(100_000)
    await clock.advance(20_000)
    expect(watch.signal.aborted).toBe(true)
  })

  test('on a slow connection has longer limits, but no endless ones', async () => {
    const { clock, dog } = watchdog()
    const watch = dog.watch(1, size, never)
    await clock.advance(10_000)
    watch.moved(100_000)
    await clock.advance(60_000)
    expect(watch.signal.aborted).toBe(false)
    await clock.advance(140_000)
    expect(watch.signal.aborted).toBe(true)
  })

  test('on the slowest connection has limits ten times as long, while bytes leave and when they have', async () => {
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

  test('gets its whole time again when the machine has slept', async () => {
    const { clock, dog } = watchdog()
    const watch = dog.watch(1, size, never)
    watch.moved(100_000)
    clock.jump(3_600_000)
    await clock.advance(0)
    expect(watch.signal.aborted).toBe(false)
    await clock.advance(20_000)
    expect(watch.signal.aborted).toBe(true)
  })

  test('is cut in a hidden page too, where every timer is late: its whole time comes again once', async () => {
    const { clock, dog } = watchdog()
    const watch = dog.watch(1, size, never)
    // Chromium wakes a page that has been hidden for minutes once a minute (intensive throttling).
    for (let minute = 1; minute <= 3; minute++) {
      clock.jump(60_000)
      await clock.advance(0)
    }
    expect(watch.signal.reason).toBeInstanceOf(StalledError)
  })

  test('gets its whole time again after each sleep, where it has moved in between', async () => {
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

  test('that has ended leaves no timer, and several have one', async () => {
    const { clock, dog } = watchdog()
    const watches = [dog.watch(1, size, never), dog.watch(2, size, never)]
    expect(clock.sleeping).toBe(1)
    for (const watch of watches) watch.end()
    await clock.advance(0)
    expect(clock.sleeping).toBe(0)
  })

  test('is asked for what has moved of it before it is cut', async () => {
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
  test('aborts with what cuts the whole run, also where that has been cut before, and then it has not stalled', () => {
    const { dog } = watchdog()
    const [run, reason] = [new AbortController(), new Error('paused')]
    const watch = dog.watch(1, size, run.signal)
    run.abort(reason)
    for (const one of [watch, dog.watch(2, size, run.signal)]) {
      expect(one.signal.reason).toBe(reason)
      expect(one.isStalled).toBe(false)
    }
  })

  test('hears nothing more when the request has ended, and says whether it has stalled', async () => {
    const { clock, dog } = watchdog()
    const run = new AbortController()
    const [ended, stalled] = [dog.watch(1, size, run.signal), dog.watch(2, size, run.signal)]
    ended.end()
    await clock.advance(20_000)
    // Whoever has made the request ends it, too.
    stalled.end()
    run.abort(new Error('paused'))
    expect([ended.signal.aborted, stalled.isStalled]).toEqual([false, true])
    await cutAfter(40_000, dog, clock, 0)
  })
})

describe('on a connection', () => {
  /** What a request has shown of it that moves at so many bytes a millisecond. */
  async function shown(dog: Watchdog, clock: FakeClock, rate: number, bytes: number, of = 100 * size) {
    const watch = dog.watch(1, of, never)
    for (let sent = 0; sent < bytes; ) {
      await clock.advance(8_000)
      sent += 8_000 * rate
      watch.moved(sent)
    }
    return watch
  }

  test('that one request has shown to be slow, others have longer limits too, whatever its buffers take of them at once', async () => {
    const { clock, dog } = watchdog()
    // 1 MiB takes 80 seconds.
    const slow = await shown(dog, clock, 13.1072, 100_000)
    slow.end()
    await cutAfter(80_000, dog, clock, 0)
    await cutAfter(80_000, dog, clock, 64 * 1024)
  })

  test('of which one request has a small share and another a large one, both have the limits of the small one', async () => {
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

  test('a few bytes tell nothing of its speed', async () => {
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
    'that is slow, a part of %i MiB has as long for its answer as what the system still holds of it may take',
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

describe('where it may be that no movement is ever seen, as behind a service worker', () => {
  function silent(): { clock: FakeClock; dog: Watchdog } {
    const clock = new FakeClock()
    return { clock, dog: new Watchdog(stall, clock, () => {}, { mayBeSilent: () => true }) }
  }

  test('a request has the time that a whole part takes on a slow connection, but no endless one', async () => {
    const { clock, dog } = silent()
    const watch = dog.watch(1, size, never)
    await clock.advance(599_999)
    expect(watch.signal.aborted).toBe(false)
    await clock.advance(1)
    expect(watch.signal.reason).toBeInstanceOf(StalledError)
  })

  test('so has the next one, after one that was answered without a sign', async () => {
    const { clock, dog } = silent()
    dog.watch(1, size, never).end()
    const watch = dog.watch(2, size, never)
    await clock.advance(599_999)
    expect(watch.signal.aborted).toBe(false)
    watch.end()
  })

  test('once bytes have been seen, a request on which nothing moves is cut as ever', async () => {
    const { clock, dog } = silent()
    const first = dog.watch(1, size, never)
    await clock.advance(30_000)
    first.moved(size - 1)
    const second = dog.watch(2, size, never)
    await clock.advance(32_000)
    expect([first.signal.aborted, second.signal.aborted]).toEqual([true, true])
  })
})
