/** A worker whose messages each take a different time, and arrive in order. */
import type { FakeClock } from '../../fakes/clock.ts'
import { copyOf, type FakeWorker, fakeWorker } from '../../fakes/worker.ts'
import type { Random } from '../../simulation/random.ts'

export function lateWorker(clock: FakeClock, random: Random): FakeWorker {
  const made = fakeWorker()
  const { signal } = new AbortController()
  for (const end of [made.worker, made.scope]) {
    const post = end.postMessage.bind(end)
    let last = Promise.resolve()
    end.postMessage = (message: unknown) => {
      // Copied when it is posted.
      const copy = copyOf(message)
      const before = last
      const due = clock.sleep(random.chance(0.5) ? 0 : random.between(1, 250), { signal })
      last = Promise.all([before, due]).then(() => post(copy))
    }
  }
  return made
}
