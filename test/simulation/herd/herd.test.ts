import { describe, expect, test } from 'vitest'
import { bars, broken } from './bars.ts'
import { type HerdReport, simulateHerd } from './herd.ts'
import { HerdClock } from './herd-clock.ts'

const herd = { clients: 500, length: 40_000, seed: 1 }

describe('a herd of clients that meet one outage', () => {
  test.each(['refused', 'offline', 'announced', 'crowded'] as const)(
    'makes no wave when it comes back: %s',
    async (kind) => {
      const report = await simulateHerd({ ...herd, kind })
      expect(broken(report)).toEqual([])
    },
  )

  test('has the same history for the same seed', async () => {
    const few = { clients: 20, length: 10_000, seed: 3, kind: 'refused' } as const
    expect(await simulateHerd(few)).toEqual(await simulateHerd(few))
  })

  test('breaks the bars if it comes back in one moment, keeps hammering, or fails', () => {
    const calm: HerdReport = {
      ...herd,
      kind: 'refused',
      usualCalls: 5,
      usualParts: 100,
      firstCalls: 400,
      lastCalls: 40,
      peakCalls: 0.2,
      peakReturn: 0.1,
      returnSeconds: 20,
      callsAfter: 4,
      done: 1,
      failed: 0,
    }
    expect(broken(calm)).toEqual([])
    const bad: Partial<HerdReport>[] = [
      { lastCalls: 300 },
      { peakReturn: 1 },
      { peakCalls: 2 },
      { callsAfter: 20 },
      { done: 0.5 },
    ]
    for (const one of bad) expect(broken({ ...calm, ...one })).toHaveLength(1)
    expect(bars).toHaveLength(bad.length)
  })
})

describe('the clock of a herd', () => {
  const never = new AbortController()

  test('wakes sleepers in the order of time, and at equal times in the order in which they went to sleep', async () => {
    const clock = new HerdClock()
    const woken: string[] = []
    const wake = (name: string, after: number): void =>
      void clock.sleep(after, never).then(() => woken.push(`${name} ${clock.now()}`))
    for (const [name, after] of [
      ['c', 300],
      ['a', 10],
      ['d', 300],
      ['b', 20],
      ['e', 10_000],
    ] as const)
      wake(name, after)
    await clock.until(1_000)
    expect(woken).toEqual(['a 10', 'b 20', 'c 300', 'd 300'])
    expect(clock.now()).toBe(1_000)
    await clock.until(20_000)
    expect(woken.at(-1)).toBe('e 10000')
  })

  test('does not wake a cancelled sleeper', async () => {
    const clock = new HerdClock()
    const controller = new AbortController()
    const sleeping = clock.sleep(50, controller)
    controller.abort('enough')
    await expect(sleeping).rejects.toBe('enough')
    await clock.until(100)
  })
})
