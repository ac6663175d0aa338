import { describe, expect, test } from 'vitest'
import { Events } from '../src/events.ts'
import { Pulse } from '../src/pulse.ts'
import { type TotalEvents, type TotalProgress, Totals } from '../src/totals.ts'
import { FakeClock } from './fakes/clock.ts'

function totals(): { clock: FakeClock; pulse: Pulse; all: Totals; seen: TotalProgress[] } {
  const clock = new FakeClock()
  const events = new Events<TotalEvents>()
  const seen: TotalProgress[] = []
  events.on('progress', (progress) => seen.push(progress))
  const pulse = new Pulse(clock)
  return { clock, pulse, all: new Totals(clock, pulse, events), seen }
}

describe('the progress of all uploads', () => {
  test('is zero before the first', () => {
    const none = { confirmed: 0, inFlight: 0, total: 0, rate: 0, files: { total: 0, done: 0, failed: 0 } }
    expect(totals().all.progress).toMatchObject(none)
  })

  test('is measured when it is asked for', () => {
    const { all, pulse } = totals()
    const one = all.join(100)
    pulse.ask(() => one.set(0, 30))
    expect(all.progress.inFlight).toBe(30)
  })

  test('is the sum, with the numbers of files done and failed', () => {
    const { all } = totals()
    const [one, two] = [all.join(100), all.join(50)]
    one.set(40, 10)
    two.set(50, 0)
    two.done()
    one.stands(true, true)
    expect(all.progress).toMatchObject({ confirmed: 90, inFlight: 10, total: 150 })
    expect(all.progress.files).toEqual({ total: 2, done: 1, failed: 1 })
    one.stands(false, false)
    expect(all.progress.files.failed).toBe(0)
  })

  test('leaves out cancelled uploads, even if they had failed before', () => {
    const { all } = totals()
    const [one, two, three] = [all.join(100), all.join(50), all.join(70)]
    one.set(40, 10)
    two.set(20, 0)
    three.stands(true, true)
    three.cancelled()
    one.cancelled()
    expect(all.progress.files.failed).toBe(0)
    expect(all.progress).toMatchObject({ confirmed: 20, inFlight: 0, total: 50 })
    expect(all.progress.files.total).toBe(1)
  })

  test('starts over with the first upload after all have ended', () => {
    const { all } = totals()
    all.join(100).done()
    expect(all.progress).toMatchObject({ confirmed: 100, total: 100 })
    all.join(30)
    expect(all.progress).toMatchObject({ confirmed: 0, total: 30 })
  })

  test('has a rate over a window, and the time left at that rate', async () => {
    const { all, clock } = totals()
    const one = all.join(10_000)
    expect(all.progress.rate).toBe(0)
    await clock.advance(1_000)
    one.set(2_000, 0, 1_500)
    expect(all.progress).toMatchObject({ rate: 1_500, eta: 16_000 / 3 })
  })

  test('has a rate from the beginning, even if everything is sent before the first snapshot', async () => {
    const { all, clock, seen } = totals()
    const one = all.join(10_000)
    await clock.advance(500)
    one.set(0, 2_000)
    await clock.advance(500)
    expect(seen).toMatchObject([{ inFlight: 2_000, rate: 2_000 }])
  })

  test('has no rate and no time left while all are paused or have failed, however long that is', async () => {
    const { all, clock, seen } = totals()
    const [one, two] = [all.join(10_000), all.join(10_000)]
    one.set(0, 1_000)
    await clock.advance(1_000)
    one.stands(false, true)
    await clock.advance(100)
    expect(seen.at(-1)?.rate).toBeGreaterThan(0)
    two.stands(true, true)
    one.set(0, 0)
    await clock.advance(100)
    expect(seen.at(-1)).toMatchObject({ rate: 0, eta: undefined, files: { failed: 1 } })
    expect(clock.sleeping).toBe(0)
    await clock.advance(60_000)
    one.stands(false, false)
    await clock.advance(100)
    one.set(0, 1_000)
    await clock.advance(900)
    expect(all.progress).toMatchObject({ rate: 1_000, eta: 19_000 })
    one.stands(false, true)
    expect(all.progress.rate).toBe(0)
    one.cancelled()
    two.cancelled()
    expect([all.progress.total, all.progress.files.failed]).toEqual([0, 0])
  })

  test('counts sent and stored bytes in its rate, and does not subtract bytes that were cut', async () => {
    const { all, clock } = totals()
    const one = all.join(10_000)
    expect(all.progress.rate).toBe(0)
    await clock.advance(1_000)
    one.set(2_000, 500)
    one.set(2_000, 0)
    expect(all.progress.rate).toBe(2_500)
  })

  test('is reported at most ten times a second, and at the end', async () => {
    const { all, clock, seen } = totals()
    const one = all.join(1_000)
    for (let bytes = 1; bytes <= 500; bytes++) {
      one.set(bytes, 0)
      await clock.advance(1)
    }
    expect(seen.map(({ confirmed }) => confirmed)).toEqual([100, 200, 300, 400, 500])
    one.done()
    expect(seen.at(-1)).toMatchObject({ confirmed: 1_000 })
    expect(clock.sleeping).toBe(0)
  })

  test('is not reported more often if many small files end one after the other', async () => {
    const { all, clock, seen } = totals()
    const shares = Array.from({ length: 50 }, () => all.join(10))
    for (const share of shares.slice(0, 40)) share.done()
    expect(seen).toEqual([])
    await clock.advance(100)
    expect(seen.map(({ files }) => files.done)).toEqual([40])
  })

  test('is not reported if nothing has changed', async () => {
    const { all, clock, seen } = totals()
    const one = all.join(1_000)
    one.set(500, 10)
    await clock.advance(100)
    one.set(500, 10)
    one.stands(false, false)
    await clock.advance(100)
    expect([seen.length, clock.sleeping]).toEqual([1, 0])
  })
})
