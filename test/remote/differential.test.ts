/**
 * A RemoteUploader can do everything that an Uploader can. Both go through the same random history, and everything
 * visible must be the same. `DIFFERENTIAL_SEED=1000 DIFFERENTIAL_COUNT=5000` runs other histories, and more of them.
 */
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
// Loaded at its first use, which takes real and not virtual time.
import '../../src/diagnose.ts'
import { type Course, courseOf, type Life, live } from './differential/history.ts'
import type { Place } from './differential/world.ts'

const { DIFFERENTIAL_SEED: seed = '1', DIFFERENTIAL_COUNT: count = '60' } = process.env
const courses = Array.from({ length: Number(count) }, (_, index) => courseOf(Number(seed) + index))

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }))
afterEach(() => void vi.useRealTimers())

test('a RemoteUploader does, reports and leaves behind the same as an Uploader', {
  timeout: 3_600_000,
}, async () => {
  for (const course of courses) {
    const page = await lived('page', course)
    const worker = await lived('worker', course)
    for (const channel of new Set([...page.world.log.keys(), ...worker.world.log.keys()])) {
      if (!isTheSame(channel, page)) continue
      expect(seen(worker, channel), `${channel} of seed ${course.seed}`).toEqual(seen(page, channel))
    }
  }
})

test('however late messages come, the page hears everything that the worker reports, and everything awaited comes', {
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
      // Events from before the worker knew the upload are the page's own.
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

/** Whether they must be the same. If the user is asked for files, the page resumes them before the worker knows. */
function isTheSame(channel: string, { course }: Life): boolean {
  if (course.isAsking) return /^ends|interrupted$/.test(channel)
  // While a worker is ending, a second stop() does not wait for the first, and progress is reported anew when the next
  // worker exists.
  return !(course.isMaker && / stop$|^totals$/.test(channel))
}

/** What was visible there, without what may differ. */
function seen({ world, hasAborted, course }: Life, channel: string): readonly string[] {
  const log = world.log.get(channel) ?? []
  // The order of calls made at the same moment is not guaranteed.
  if (channel === 'server')
    return log.toSorted((a, b) => Number.parseFloat(a) - Number.parseFloat(b) || (a < b ? -1 : 1))
  // The worker never hears about an upload whose signal was aborted before, so its progress and the rhythm of reports
  // leave that upload out.
  if (hasAborted)
    return channel === 'totals' ? [] : log.filter((entry) => !/ progress | hashing /.test(entry))
  // An upload that only the page knows is stopped with the page's own message.
  return course.isAsking
    ? log.map((entry) => entry.replace(/The Uploader was stopped: [a-z ]+/, 'The upload was cancelled'))
    : log
}

/** The page's own reason replaces the worker's. */
function withoutReason(event: string): string {
  return event.replace(/("cancelled"}) .*/, '$1')
}
