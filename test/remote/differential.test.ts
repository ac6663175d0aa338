/**
 * Whatever a page can do with an Uploader it can do with a RemoteUploader: both live the same random history, and all that can be seen has
 * to be the same. `DIFFERENTIAL_SEED=1000 DIFFERENTIAL_COUNT=5000` lives others, and more of them.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
// Loaded when it is first asked for, which takes a time that is no virtual one.
import '../../src/diagnose.ts'
import { type Course, courseOf, type Life, live } from './differential/history.ts'
import type { Place } from './differential/world.ts'

const { DIFFERENTIAL_SEED: seed = '1', DIFFERENTIAL_COUNT: count = '60' } = process.env
const courses = Array.from({ length: Number(count) }, (_, index) => courseOf(Number(seed) + index))

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

test('a RemoteUploader does, tells and leaves what an Uploader does', { timeout: 3_600_000 }, async () => {
  for (const course of courses) {
    const page = await lived('page', course)
    const worker = await lived('worker', course)
    for (const channel of new Set([...page.world.log.keys(), ...worker.world.log.keys()])) {
      if (!isTheSame(channel, page)) continue
      expect(seen(worker, channel), `${channel} of seed ${course.seed}`).toEqual(seen(page, channel))
    }
  }
})

test('however late messages come, the page hears what the worker tells, and everything that is awaited comes', {
  timeout: 3_600_000,
}, async () => {
  for (const course of courses) {
    const life = await lived('far', course)
    const about = `seed ${course.seed}`
    for (const [channel, entries] of life.world.log)
      if (channel.startsWith('asked')) expect(entries, `${channel} of ${about}`).toHaveLength(2)
    life.uploads.forEach((upload, index) => {
      const there = life.world.inWorker.get(upload.id)
      const told = (life.world.log.get(`u${index + 1}`) ?? []).map((entry) => entry.replace(/^\S+ /, ''))
      expect(['done', 'cancelled'], about).toContain(upload.state.status)
      if (there === undefined || course.isAsking) return
      // What was before the worker knew of it is the page's own.
      const events = there.events.map(withoutReason)
      expect(
        told.slice(-events.length || told.length).map(withoutReason),
        `u${index + 1} of ${about}`,
      ).toEqual(events)
      expect(upload.parts(), about).toEqual(there.upload.parts())
      expect(upload.progress.confirmed, about).toBe(there.upload.progress.confirmed)
    })
    expect(life.world.subject.uploads, about).toEqual([])
  }
})

async function lived(place: Place, course: Course): Promise<Life> {
  const unhandled = vi.fn()
  process.on('unhandledRejection', unhandled)
  const life = await live(place, course)
  process.off('unhandledRejection', unhandled)
  expect([unhandled.mock.calls, vi.getTimerCount()], `left over by seed ${course.seed}`).toEqual([[], 0])
  return life
}

/** Whether it has to be: where the user is asked for files, the page goes on with them before the worker knows of them. */
function isTheSame(channel: string, { course }: Life): boolean {
  if (course.isAsking) return /^ends|interrupted$/.test(channel)
  // While a worker is ended, a second stop() does not wait for the first; figures are told anew when the next one is there.
  return !(course.isMaker && / stop$|^totals$/.test(channel))
}

/** What was seen there, without what may differ. */
function seen({ world, hasAborted, course }: Life, channel: string): readonly string[] {
  const log = world.log.get(channel) ?? []
  // The order of what is asked in one moment is nobody's promise.
  if (channel === 'server')
    return log.toSorted((a, b) => Number.parseFloat(a) - Number.parseFloat(b) || (a < b ? -1 : 1))
  // The worker is not told of an upload whose signal had aborted before: the figures and the beat in which they are told know nothing of it.
  if (hasAborted)
    return channel === 'totals' ? [] : log.filter((entry) => !/ progress | hashing /.test(entry))
  // What is known to the page alone is stopped in its own words.
  return course.isAsking
    ? log.map((entry) => entry.replace(/The Uploader was stopped: [a-z ]+/, 'The upload was cancelled'))
    : log
}

/** The page's own reason takes the place of the worker's. */
function withoutReason(event: string): string {
  return event.replace(/("cancelled"}) .*/, '$1')
}
