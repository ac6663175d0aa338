import { describe, expect, test } from 'vitest'
import { Events } from '../src/events.ts'
import { createLayout, partOf } from '../src/layout.ts'
import { Pulse } from '../src/pulse.ts'
import { type TotalEvents, Totals } from '../src/totals.ts'
import { Tracker, type TrackerEvents } from '../src/tracker.ts'
import { FakeClock } from './fakes/clock.ts'

const layout = createLayout(12, 4)
const [one, two, three] = [partOf(layout, 1), partOf(layout, 2), partOf(layout, 3)]
const stored = (number: number) => ({ number, size: 4, etag: '"e"' })

function tracker() {
  const clock = new FakeClock()
  const pulse = new Pulse(clock)
  const events = new Events<TrackerEvents>()
  const totals = new Totals(clock, pulse, new Events<TotalEvents>())
  const seen: string[] = []
  events.on('progress', ({ confirmed, inFlight }) => seen.push(`${confirmed} + ${inFlight}`))
  events.on('hashing', ({ hashed, total }) => seen.push(`${hashed} of ${total} hashed`))
  events.on('part', ({ number, status }) => seen.push(`${number} ${status}`))
  events.on('parts', (parts) => seen.push(parts.map(({ status }) => status).join(' ')))
  const made = new Tracker({ total: 12, clock, pulse, events, share: totals.join(12) })
  /** What was told since it was asked last. */
  const told = (): string[] => seen.splice(0)
  return { tracker: made, clock, pulse, totals, told }
}

const statuses = ({ tracker: one }: { tracker: Tracker }): string =>
  one
    .parts()
    .map(({ status }) => status)
    .join(' ')

describe('what an upload tells of its parts', () => {
  test('begins when it is known how the file is cut', () => {
    const made = tracker()
    expect([made.tracker.parts(), made.tracker.hasLayout]).toEqual([[], false])
    made.tracker.opened(layout, [stored(2)])
    expect([statuses(made), made.tracker.hasLayout]).toEqual(['waiting stored waiting', true])
    expect(made.told()).toEqual(['waiting stored waiting', '4 + 0'])
  })

  test('keeps what was heard of another tab before it was known how the file is cut, but not where it is ours', () => {
    const [its, ours] = [tracker(), tracker()]
    for (const made of [its, ours]) made.tracker.heard({ type: 'part', number: 1, status: 'sending' })
    its.tracker.opened(layout, [stored(2)], true)
    ours.tracker.opened(layout, [stored(2)])
    expect([statuses(its), statuses(ours)]).toEqual(['sending stored waiting', 'waiting stored waiting'])
  })

  test('is each change at once, and the figures within a tick', async () => {
    const made = tracker()
    const { tracker: its, clock, told } = made
    its.opened(layout, [])
    told()
    its.sending(one, 0)
    its.sending(two, 1)
    its.sending(two, 3)
    expect(told()).toEqual(['1 sending', '2 sending'])
    await clock.advance(100)
    expect(told()).toEqual(['0 + 3'])
    its.dropped(two)
    await clock.advance(100)
    expect(told()).toEqual(['2 waiting', '0 + 0'])
    its.stored(stored(1))
    await clock.advance(100)
    expect([told(), statuses(made)]).toEqual([['1 stored', '4 + 0'], 'stored waiting waiting'])
  })

  test('begins anew where the server has lost the upload', () => {
    const made = tracker()
    made.tracker.opened(layout, [stored(1)])
    made.tracker.sending(three, 2)
    expect(statuses(made)).toBe('stored waiting sending')
    made.tracker.opened(layout, [])
    expect(statuses(made)).toBe('waiting waiting waiting')
    expect(made.tracker.progress).toMatchObject({ confirmed: 0, inFlight: 0 })
  })
})

describe('the figures of an upload', () => {
  test('are of the moment in which they are asked for, and in those of all', () => {
    const { tracker: its, pulse, totals } = tracker()
    its.opened(layout, [stored(1)])
    pulse.ask(() => its.sending(two, 3))
    expect(its.progress).toMatchObject({ confirmed: 4, inFlight: 3, total: 12 })
    expect(totals.progress).toMatchObject({ confirmed: 4, inFlight: 3, total: 12 })
  })

  test('are how far the file is read, while it is, and then what is stored', async () => {
    const { tracker: its, clock, told } = tracker()
    its.flush()
    expect(told()).toEqual(['0 + 0'])
    its.hashed(5)
    its.hashed(8)
    expect(told()).toEqual([])
    await clock.advance(100)
    expect(told()).toEqual(['8 of 12 hashed'])
    its.hashed(12)
    its.opened(layout, [])
    expect(told()).toEqual(['waiting waiting waiting', '12 of 12 hashed', '0 + 0'])
    expect(clock.sleeping).toBe(0)
  })

  test('have nothing in the rate of all that an earlier visit has stored', async () => {
    const { tracker: its, clock, totals } = tracker()
    expect(totals.progress.rate).toBe(0)
    await clock.advance(1_000)
    its.opened(layout, [stored(1)])
    expect(totals.progress).toMatchObject({ confirmed: 4, rate: 0 })
    its.finished()
    expect(totals.progress).toMatchObject({ confirmed: 12, rate: 0 })
  })

  test('are what the tab tells that works on it, and all of it where that has ended', async () => {
    const made = tracker()
    const { tracker: its, clock, told } = made
    its.opened(layout, [])
    its.heard({ type: 'part', number: 2, status: 'sending' })
    told()
    its.heard({ type: 'progress', confirmed: 4, inFlight: 2 })
    await clock.advance(100)
    expect(told()).toEqual(['4 + 2'])
    expect([its.progress, statuses(made)]).toMatchObject([
      { confirmed: 4, inFlight: 2 },
      'waiting sending waiting',
    ])
    told()
    its.finished()
    its.flush()
    expect(told()).toEqual(['12 + 0'])
  })
})
