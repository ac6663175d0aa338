import { describe, expect, test } from 'vitest'
import { Awaitable, Outcome } from '../src/outcome.ts'
import { flush } from './fakes/clock.ts'

const result = { key: 'k', size: 1, checksums: {} }
const failure = new Error('failed')

/** An upload as who awaits it has it. */
class Awaited extends Awaitable {
  get its(): Outcome {
    return this.outcome
  }

  set its(outcome: Outcome) {
    this.outcome = outcome
  }
}

describe('how an upload ends', () => {
  test.each([
    ['before anybody asks', true],
    ['after that', false],
  ])('is what came first, where it came %s', async (_, isBefore) => {
    for (const [settle, expected] of [
      [(one: Outcome) => one.resolve(result), { status: 'fulfilled', value: result }],
      [(one: Outcome) => one.reject(failure), { status: 'rejected', reason: failure }],
    ] as const) {
      const outcome = new Outcome()
      const asked = isBefore ? undefined : outcome.promise
      settle(outcome)
      outcome.resolve({ ...result, key: 'second' })
      outcome.reject(new Error('second'))
      expect(await Promise.allSettled([asked ?? outcome.promise, outcome.promise])).toEqual([
        expected,
        expected,
      ])
    }
  })

  test('is no unhandled rejection where nobody asks', async () => {
    new Outcome().reject(failure)
    // Vitest fails for one that comes.
    await flush()
  })

  test('is awaited, caught and cleaned up after as of a promise', async () => {
    const [good, bad] = [new Awaited(), new Awaited()]
    good.its.resolve(result)
    bad.its.reject(failure)
    const ended: string[] = []
    expect(await good).toBe(result)
    expect(await good.then(({ key }) => key)).toBe('k')
    expect(await good.catch(() => 'not called')).toBe(result)
    expect(await good.finally(() => ended.push('good'))).toBe(result)
    await expect(bad).rejects.toBe(failure)
    expect(await bad.then(undefined, (reason) => reason)).toBe(failure)
    expect(await bad.catch((reason) => reason)).toBe(failure)
    await expect(bad.finally(() => ended.push('bad'))).rejects.toBe(failure)
    expect(ended).toEqual(['good', 'bad'])
  })

  test('after it was resumed is the new end, for who asks from then on', async () => {
    const upload = new Awaited()
    const before = upload.catch((reason) => reason)
    upload.its.reject(failure)
    upload.its = new Outcome()
    upload.its.resolve(result)
    expect([await before, await upload]).toEqual([failure, result])
  })

  test('does not make it an object that Vue would make a proxy of', () => {
    expect(Object.prototype.toString.call(new Awaited())).toBe('[object Upload]')
  })
})
