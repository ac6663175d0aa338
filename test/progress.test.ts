import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Ledger } from '../src/progress.ts'

type Step = { readonly part: number; readonly what: 'sending' | 'dropped' | 'stored'; readonly sent: number }

const step: fc.Arbitrary<Step> = fc.record({
  part: fc.integer({ min: 1, max: 8 }),
  what: fc.constantFrom('sending', 'dropped', 'stored'),
  sent: fc.nat(10),
})

describe('the ledger', () => {
  test('never lets confirmed fall, nor confirmed and in flight together exceed the file', () => {
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const ledger = new Ledger(80)
        const stored = new Set<number>()
        let before = 0
        for (const { part, what, sent } of steps) {
          if (stored.has(part)) continue
          if (what === 'sending') ledger.sending(part, sent)
          else if (what === 'dropped') ledger.dropped(part)
          else {
            ledger.stored({ number: part, size: 10 })
            stored.add(part)
          }
          const { confirmed, inFlight } = ledger.snapshot(0)
          expect(confirmed).toBeGreaterThanOrEqual(before)
          expect(inFlight).toBeGreaterThanOrEqual(0)
          expect(confirmed + inFlight).toBeLessThanOrEqual(80)
          before = confirmed
        }
        expect(before).toBe(stored.size * 10)
      }),
    )
  })

  test('gives the rate over the last five seconds, and the time left at that rate', () => {
    const ledger = new Ledger(10_000)
    ledger.snapshot(0)
    for (let second = 1; second <= 20; second++) {
      ledger.stored({ number: second, size: second <= 10 ? 400 : 100 })
      ledger.snapshot(second * 1000)
    }
    const { rate, eta } = ledger.snapshot(20_000)
    expect(rate).toBeCloseTo(100)
    expect(eta).toBeCloseTo(((10_000 - 5_000) / 100) * 1000)
  })

  test('counts the first moments as a full second, since the first bytes only fill buffers', () => {
    const ledger = new Ledger(1000)
    ledger.snapshot(0)
    ledger.sending(1, 100)
    expect(ledger.snapshot(100).rate).toBeCloseTo(100)
    ledger.sending(1, 400)
    expect(ledger.snapshot(2000).rate).toBeCloseTo(200)
  })

  test('has no rate and no time left before anything has moved', () => {
    const ledger = new Ledger(10)
    expect(ledger.snapshot(0)).toEqual({ confirmed: 0, inFlight: 0, total: 10, rate: 0, eta: undefined })
    expect(ledger.snapshot(1000)).toMatchObject({ rate: 0, eta: undefined })
  })

  test('falls to a rate of 0 if nothing has moved for the length of the window', () => {
    const ledger = new Ledger(100)
    ledger.snapshot(0)
    ledger.stored({ number: 1, size: 50 })
    expect(ledger.snapshot(1000).rate).toBeCloseTo(50)
    ledger.snapshot(2000)
    ledger.snapshot(6000)
    expect(ledger.snapshot(12_000).rate).toBe(0)
  })

  test('has no negative rate when a part is sent again', () => {
    const ledger = new Ledger(100)
    ledger.snapshot(0)
    ledger.sending(1, 50)
    ledger.snapshot(1000)
    ledger.dropped(1)
    ledger.sending(1, 10)
    expect(ledger.snapshot(2000).rate).toBeCloseTo(30)
  })

  test('restarts at what an earlier run has stored, which does not count as moved', () => {
    const ledger = new Ledger(100)
    ledger.snapshot(0)
    ledger.sending(1, 5)
    ledger.restart(60)
    expect(ledger.snapshot(1000)).toMatchObject({ confirmed: 60, inFlight: 0, rate: 0 })
  })

  test('adds up the latest figure of each part, without dropped parts', () => {
    const ledger = new Ledger(100)
    ledger.sending(1, 10)
    ledger.sending(2, 5)
    ledger.sending(1, 20)
    expect([ledger.confirmed, ledger.inFlight]).toEqual([0, 25])
    ledger.dropped(2)
    ledger.dropped(3)
    expect([ledger.confirmed, ledger.inFlight]).toEqual([0, 20])
    ledger.stored({ number: 1, size: 30 })
    expect([ledger.confirmed, ledger.inFlight]).toEqual([30, 0])
  })

  test('forgets bytes on their way when it restarts', () => {
    const ledger = new Ledger(100)
    ledger.sending(1, 50)
    ledger.restart(10)
    ledger.sending(1, 20)
    expect([ledger.confirmed, ledger.inFlight]).toEqual([10, 20])
    expect(ledger.snapshot(0)).toEqual({ confirmed: 10, inFlight: 20, total: 100, rate: 0, eta: undefined })
  })

  test('counts bytes on their way as sent in the time left', () => {
    const ledger = new Ledger(1_000)
    ledger.snapshot(0)
    ledger.stored({ number: 1, size: 100 })
    ledger.sending(2, 300)
    expect(ledger.snapshot(2_000)).toEqual({
      confirmed: 100,
      inFlight: 300,
      total: 1_000,
      rate: 200,
      eta: 3_000,
    })
  })

  test('mirrors the ledger of another tab, with a rate of its own', () => {
    const ledger = new Ledger(1_000)
    ledger.mirror(100, 50)
    ledger.snapshot(0)
    ledger.mirror(300, 150)
    expect([ledger.confirmed, ledger.inFlight]).toEqual([300, 150])
    expect(ledger.snapshot(2_000)).toEqual({
      confirmed: 300,
      inFlight: 150,
      total: 1_000,
      rate: 150,
      eta: 3_667 - 1 / 3,
    })
    // A part was dropped in the other tab: nothing has moved, and the rate does not become negative.
    ledger.mirror(300, 0)
    expect(ledger.snapshot(4_000)).toMatchObject({ confirmed: 300, inFlight: 0, rate: 75 })
  })

  test('has a window that begins at the last snapshot that is at least five seconds old', () => {
    const ledger = new Ledger(1_000)
    const rates = [0, 1_000, 6_000, 6_001].map((now, index) => {
      if (index === 1) ledger.sending(1, 600)
      return ledger.snapshot(now).rate
    })
    // At 6,000 the snapshot at 1,000 is five seconds old, and earlier ones no longer count.
    expect(rates).toEqual([0, 600, 0, 0])
  })

  test('shows the new rate soon after a long wait, and the mean if snapshots come once a minute', () => {
    const ledger = new Ledger(1_000_000)
    let sent = 0
    const look = (now: number, moved: number): number => {
      sent += moved
      ledger.sending(1, sent)
      return ledger.snapshot(now).rate
    }
    look(0, 0)
    for (let second = 1; second <= 6; second++) look(second * 1_000, 1_000)
    // After 40 s of waiting for a retry, the first snapshot includes the wait, and five seconds later it no longer
    // counts.
    expect(look(46_000, 100)).toBeLessThan(1_000)
    expect(look(47_000, 1_000)).toBeGreaterThan(190)
    expect([3_000, 4_000, 5_000, 6_000].map((after) => look(45_000 + after, 1_000)).at(-1)).toBeCloseTo(1_000)
    // As in a hidden page.
    expect(look(111_000, 60_000)).toBeCloseTo(1_000)
    expect(look(171_000, 60_000)).toBeCloseTo(1_000)
    expect(look(172_000, 1_000)).toBeCloseTo(1_000)
  })

  test('has no rate at the first snapshot after the machine has slept', () => {
    const ledger = new Ledger(1_000_000)
    ledger.snapshot(0)
    ledger.sending(1, 1_000)
    ledger.snapshot(1_000)
    ledger.sending(1, 1_100)
    expect(ledger.snapshot(3_600_000)).toMatchObject({ rate: 0, eta: undefined })
    ledger.sending(1, 2_100)
    expect(ledger.snapshot(3_601_000).rate).toBeCloseTo(1_000)
  })

  test('has no rate at a second snapshot at the same time', () => {
    const ledger = new Ledger(100)
    expect(ledger.snapshot(5).rate).toBe(0)
    ledger.sending(1, 50)
    expect(ledger.snapshot(5).rate).toBe(0)
  })
})
