import { describe, expect, test } from 'vitest'
import { Informer } from '../src/informer.ts'
import type { PartReceipt, StoredSoFar } from '../src/ports.ts'
import { FakeBackend } from './fakes/backend.ts'
import { FakeClock, flush } from './fakes/clock.ts'

/** A server that is told of stored parts, and what it was told. */
class Told extends FakeBackend {
  readonly recorded: (readonly PartReceipt[])[] = []
  readonly reported: number[] = []
  /** How often it fails. */
  failures = 0
  until: Promise<void> | undefined
  /** Called, and not awaited, when it is told for the first time. */
  first: (() => Promise<void>) | undefined

  async record(_: unknown, receipts: readonly PartReceipt[]): Promise<void> {
    if (this.recorded.push(receipts) === 1) this.first?.()
    await this.until
    if (this.failures-- > 0) throw new Error('not now')
  }

  async report(_: unknown, { bytes }: StoredSoFar): Promise<void> {
    this.reported.push(bytes)
  }
}

function informer(backend: FakeBackend = new Told()) {
  const clock = new FakeClock()
  const stored = new Map<number, PartReceipt>()
  const made = new Informer({
    backend,
    session: {},
    clock,
    api: { send: () => Promise.reject(new Error('nobody calls')) },
    stored: () => ({ parts: stored.size, bytes: stored.size * 4 }),
  })
  const store = (number: number, etag = ''): void => {
    const receipt = { number, size: 4, etag }
    stored.set(number, receipt)
    made.stored(receipt)
  }
  return { informer: made, clock, store }
}

function numbers({ recorded }: Told): number[][] {
  return recorded.map((receipts) => receipts.map(({ number }) => number))
}

describe('a server that is told of stored parts', () => {
  test('is told of later parts too, with no timer in between', async () => {
    const backend = new Told()
    const { clock, store } = informer(backend)
    store(1)
    store(2)
    await clock.advance(2_000)
    expect([numbers(backend), backend.reported, clock.sleeping]).toEqual([[[1, 2]], [8], 0])
    await clock.advance(10_000)
    store(3)
    await clock.advance(1_999)
    expect(numbers(backend)).toEqual([[1, 2]])
    await clock.advance(1)
    expect([numbers(backend), backend.reported, clock.sleeping]).toEqual([[[1, 2], [3]], [8, 12], 0])
  })

  test('is told of at most a hundred at once, and then of the others', async () => {
    const backend = new Told()
    const { clock, store } = informer(backend)
    for (let number = 1; number <= 150; number++) store(number)
    await clock.advance(2_000)
    expect(backend.recorded.map(({ length }) => length)).toEqual([100])
    await clock.advance(2_000)
    expect(backend.recorded.map(({ length }) => length)).toEqual([100, 50])
    expect(new Set(numbers(backend).flat()).size).toBe(150)
    expect(backend.reported).toEqual([600])
  })

  test('is told of a part again if its receipt changed meanwhile', async () => {
    const backend = new Told()
    let answer = (): void => {}
    backend.until = new Promise((resolve) => {
      answer = resolve
    })
    const { clock, store } = informer(backend)
    store(1, 'first')
    await clock.advance(2_000)
    store(1, 'second')
    answer()
    await clock.advance(2_000)
    expect(backend.recorded.map(([receipt]) => receipt?.etag)).toEqual(['first', 'second'])
    // The number of bytes is the same.
    expect(backend.reported).toEqual([4])
  })

  test('is told more and more rarely while it fails, but at least once a minute, and then as before', async () => {
    const backend = new Told()
    backend.failures = 7
    const { clock, store } = informer(backend)
    store(1)
    for (const wait of [2, 4, 8, 16, 32, 60, 60, 60]) {
      const before = backend.recorded.length
      await clock.advance(wait * 1_000 - 1)
      expect(backend.recorded.length).toBe(before)
      // The last call succeeds. By then there is more to tell.
      if (before === 7) for (let number = 2; number <= 102; number++) store(number)
      await clock.advance(1)
      expect(backend.recorded.length).toBe(before + 1)
    }
    await clock.advance(2_000)
    expect(backend.recorded.length).toBe(9)
  })

  test('is told more and more rarely even if it only wants the number of bytes', async () => {
    const backend = new FakeBackend()
    const reported: number[] = []
    const report = async (_: unknown, { bytes }: StoredSoFar): Promise<void> => {
      if (reported.push(bytes) < 3) throw new Error('not now')
    }
    const { informer: one, clock, store } = informer(Object.assign(backend, { report }))
    store(1)
    await clock.advance(2_000)
    store(2)
    await clock.advance(3_999)
    expect(reported).toEqual([4])
    await clock.advance(1)
    expect(reported).toEqual([4, 8])
    await clock.advance(8_000)
    expect([reported, clock.sleeping]).toEqual([[4, 8, 8], 0])
    await one.end()
  })

  test('is told of parts that are stored at any moment after an answer', async () => {
    for (let moments = 0; moments < 20; moments++) {
      const backend = new Told()
      const { clock, store } = informer(backend)
      backend.first = async () => {
        for (let left = moments; left > 0; left--) await undefined
        store(2)
      }
      store(1)
      await clock.advance(2_000)
      await clock.advance(4_000)
      expect(numbers(backend).flat()).toEqual([1, 2])
    }
  })

  test('is told nothing after the end', async () => {
    const backend = new Told()
    const { informer: one, clock, store } = informer(backend)
    store(1)
    await one.end()
    store(2)
    await clock.advance(60_000)
    expect([backend.recorded, clock.sleeping]).toEqual([[], 0])
  })

  test('is told only what it has a method for', async () => {
    const both = { record: new Told(), report: new Told() }
    const { record } = Object.assign(both.record, { report: undefined })
    const { report } = Object.assign(both.report, { record: undefined })
    expect([record, report]).not.toContain(undefined)
    for (const backend of Object.values(both)) {
      const { clock, store } = informer(backend)
      for (let number = 1; number <= 101; number++) store(number)
      // A missing method is no failure, after which it would be told more rarely.
      for (const _ of [1, 2]) await clock.advance(2_000)
      expect(clock.sleeping).toBe(0)
    }
    expect([both.record.recorded.map(({ length }) => length), both.record.reported]).toEqual([[100, 1], []])
    expect([both.report.recorded, both.report.reported]).toEqual([[], [404]])
  })

  test('without any such method starts no timer', async () => {
    const { clock, store } = informer(new FakeBackend())
    store(1)
    await flush()
    expect(clock.sleeping).toBe(0)
  })
})
