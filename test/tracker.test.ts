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
  /** What was reported since the last call. */
  const told = (): string[] => seen.splice(0)
  return { tracker: made, clock, pulse, totals, told }
}

const statuses = ({ tracker: one }: { tracker: Tracker }): string =>
  one
    .parts()
    .map(({ status }) => status)
    .join(' ')

describe('the part events of an upload', () => {
  test('begin once the layout is known', () => {
    const made = tracker()
    expect([made.tracker.parts(), made.tracker.hasLayout]).toEqual([[], false])
    made.tracker.opened(layout, [stored(2)])
    expect([statuses(made), made.tracker.hasLayout]).toEqual(['waiting stored waiting', true])
    expect(made.told()).toEqual(['waiting stored waiting', '4 + 0'])
  })

  test('keep what another tab reported before the layout was known, but not if the upload is ours', () => {
    const [its, ours] = [tracker(), tracker()]
    for (const made of [its, ours]) made.tracker.heard({ type: 'part', number: 1, status: 'sending' })
    its.tracker.opened(layout, [stored(2)], true)
    ours.tracker.opened(layout, [stored(2)])
    expect([statuses(its), statuses(ours)]).toEqual(['sending stored waiting', 'waiting stored waiting'])
  })

  test('report each change at once, and the progress within a tick', async () => {
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

  test('start over if the server has lost the upload', () => {
    const made = tracker()
    made.tracker.opened(layout, [stored(1)])
    made.tracker.sending(three, 2)
    expect(statuses(made)).toBe('stored waiting sending')
    made.tracker.opened(layout, [])
    expect(statuses(made)).toBe('waiting waiting waiting')
    expect(made.tracker.progress).toMatchObject({ confirmed: 0, inFlight: 0 })
  })
})

describe('the progress of an upload', () => {
  test('is measured when it is asked for, and included in that of all uploads', () => {
    const { tracker: its, pulse, totals } = tracker()
    its.opened(layout, [stored(1)])
    pulse.ask(() => its.sending(two, 3))
    expect(its.progress).toMatchObject({ confirmed: 4, inFlight: 3, total: 12 })
    expect(totals.progress).toMatchObject({ confirmed: 4, inFlight: 3, total: 12 })
  })

  test('shows how far the file is read during the digest, and then what is stored', async () => {
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

  test("leaves an earlier visit's bytes out of the rate of all uploads", async () => {
    const { tracker: its, clock, totals } = tracker()
    expect(totals.progress.rate).toBe(0)
    await clock.advance(1_000)
    its.opened(layout, [stored(1)])
    expect(totals.progress).toMatchObject({ confirmed: 4, rate: 0 })
    its.finished()
    expect(totals.progress).toMatchObject({ confirmed: 12, rate: 0 })
  })

  test('follows the tab that works on the upload, and shows the whole file once that has ended', async () => {
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
