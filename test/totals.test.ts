import { describe, expect, test } from 'vitest'
import { Events } from '../src/events.ts'
import { Pulse } from '../src/pulse.ts'
import { type TotalEvents, type TotalProgress, Totals } from '../src/totals.ts'
import { FakeClock } from './fakes/clock.ts'

function totals(): { clock: FakeClock; all: Totals; seen: TotalProgress[] } {
  const clock = new FakeClock()
  const events = new Events<TotalEvents>()
  const seen: TotalProgress[] = []
  events.on('progress', (progress) => seen.push(progress))
  return { clock, all: new Totals(clock, new Pulse(clock), events), seen }
}

describe('the figures of all uploads', () => {
  test('are the sums, with how many files are done and have failed', () => {
    const { all } = totals()
    const [one, two] = [all.join(100), all.join(50)]
    one.set(40, 10)
    two.set(50, 0)
    two.done()
    one.failed(true)
    expect(all.progress).toMatchObject({ confirmed: 90, inFlight: 10, total: 150 })
    expect(all.progress.files).toEqual({ total: 2, done: 1, failed: 1 })
    one.failed(false)
    expect(all.progress.files.failed).toBe(0)
  })

  test('leave out what was cancelled', () => {
    const { all } = totals()
    const [one, two] = [all.join(100), all.join(50)]
    one.set(40, 10)
    two.set(20, 0)
    one.cancelled()
    expect(all.progress).toMatchObject({ confirmed: 20, inFlight: 0, total: 50 })
    expect(all.progress.files.total).toBe(1)
  })

  test('begin anew with the first upload after all have ended', () => {
    const { all } = totals()
    all.join(100).done()
    expect(all.progress).toMatchObject({ confirmed: 100, total: 100 })
    all.join(30)
    expect(all.progress).toMatchObject({ confirmed: 0, total: 30 })
  })

  test('have a rate over a window, and the time that is left at it', async () => {
    const { all, clock } = totals()
    const one = all.join(10_000)
    expect(all.progress.rate).toBe(0)
    await clock.advance(1_000)
    one.set(2_000, 0, 1_500)
    expect(all.progress).toMatchObject({ rate: 1_500, eta: 16_000 / 3 })
  })

  test('are told ten times a second at most, and at the end', async () => {
    const { all, clock, seen } = totals()
    const one = all.join(1_000)
    for (let bytes = 1; bytes <= 500; bytes++) {
      one.set(bytes, 0)
      await clock.advance(1)
    }
    expect(seen.length).toBeLessThanOrEqual(5)
    one.done()
    expect(seen.at(-1)).toMatchObject({ confirmed: 1_000 })
    expect(clock.sleeping).toBe(0)
  })
})
