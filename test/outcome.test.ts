import { describe, expect, test } from 'vitest'
import { Awaitable, Outcome } from '../src/outcome.ts'
import { flush } from './fakes/clock.ts'

const result = { key: 'k', size: 1, checksums: {} }
const failure = new Error('failed')

/** An upload as an awaiting caller sees it. */
class Awaited extends Awaitable {
  get its(): Outcome {
    return this.outcome
  }

  set its(outcome: Outcome) {
    this.outcome = outcome
  }
}

describe('the outcome of an upload', () => {
  test.each([
    ['before anybody asks', true],
    ['after that', false],
  ])('is the first that is set, and may be set %s', async (_, isBefore) => {
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

  test('causes no unhandled rejection if nobody asks for it', async () => {
    new Outcome().reject(failure)
    // Vitest would fail on an unhandled rejection.
    await flush()
  })

  test('can be awaited, caught and finalised like a promise', async () => {
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

  test('of a resumed upload is a new one for later callers', async () => {
    const upload = new Awaited()
    const before = upload.catch((reason) => reason)
    upload.its.reject(failure)
    upload.its = new Outcome()
    upload.its.resolve(result)
    expect([await before, await upload]).toEqual([failure, result])
  })

  test('is not made a proxy by Vue', () => {
    expect(Object.prototype.toString.call(new Awaited())).toBe('[object Upload]')
  })
})
