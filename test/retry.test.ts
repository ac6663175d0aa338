import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  BackendError,
  HttpError,
  NetworkError,
  OfflineError,
  SessionLostError,
  UploadError,
  UrlExpiredError,
} from '../src/errors.ts'
import {
  Attempts,
  defaultRetry,
  mayRetry,
  RetryBudget,
  type RetryPolicy,
  retryDelay,
  retrying,
  withBudget,
} from '../src/retry.ts'
import { FakeClock, flush } from './fakes/clock.ts'
import { FakeConnectivity } from './fakes/connectivity.ts'

const never = new AbortController().signal

function policy(overrides: Partial<RetryPolicy> = {}): RetryPolicy & { clock: FakeClock } {
  const { options = defaultRetry } = overrides
  const budget = new RetryBudget(options.budget)
  const connectivity = new FakeConnectivity()
  return { options, budget, connectivity, random: () => 0.5, ...overrides, clock: new FakeClock() }
}

function http(status: number, retryAfter?: number): HttpError {
  return new HttpError({ endpoint: 'e', status, serviceCode: undefined, detail: '', retryAfter })
}

describe('the wait before the next attempt', () => {
  test('is a random time between zero and a ceiling that doubles up to its limit', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (failures, chance) => {
          const delay = retryDelay(policy({ random: () => chance }), failures, 0, 1)
          const ceiling = Math.min(30_000, 200 * 2 ** (failures - 1))
          expect(delay).toBe(chance * ceiling)
        },
      ),
    )
  })

  test('is never shorter than the server asks for, even if that is longer than our limit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(200_000), (failures, retryAfter) => {
        const delay = retryDelay(policy(), failures, retryAfter, 1)
        expect(delay).toBeGreaterThanOrEqual(retryAfter)
        expect(delay).toBeLessThanOrEqual(retryAfter + 30_000)
      }),
    )
  })

  test.each([
    ['half as long again', 1, 20_000, 10_000],
    ['what our own failures ask for', 5, 1_000, 3_200],
    ['our limit', 1, 3_600_000, 30_000],
  ])(
    'after Retry-After is spread over %s, since every client was told the same',
    (_, failures, retryAfter, spread) => {
      const at = (chance: number): number =>
        retryDelay(policy({ random: () => chance }), failures, retryAfter, 1)
      expect(at(0)).toBe(retryAfter)
      expect(at(0.5)).toBe(retryAfter + spread / 2)
    },
  )

  test('grows with the number of waiting requests up to its limit, so that together they are no more frequent than one', () => {
    const of = (waiting: number): number => retryDelay(policy(), 1, 0, waiting)
    expect([of(1), of(2), of(10), of(1_000)]).toEqual([100, 200, 1_000, 15_000])
  })
})

describe('an error', () => {
  test.each([408, 429, 500, 502, 503, 504])('with status %i is retried', (status) => {
    expect(http(status).retryable).toBe(true)
  })

  test.each([400, 401, 403, 404, 405, 409, 410, 412, 413, 422])('with status %i is not retried', (status) => {
    expect(http(status).retryable).toBe(false)
  })

  test('without an answer is retried', () => {
    expect(new NetworkError('x').retryable).toBe(true)
  })
})

describe('a request', () => {
  test('is made as often as the policy allows, and then rejects with its last error', async () => {
    const rules = policy({ options: { ...defaultRetry, attempts: 4 } })
    let made = 0
    const outcome = retrying(() => Promise.reject(http(500 + made++)), rules, never)
    const seen = expect(outcome).rejects.toMatchObject({ status: 503 })
    await rules.clock.advance(60_000)
    await seen
    expect(made).toBe(4)
    expect(rules.clock.sleeping).toBe(0)
  })

  test('that cannot succeed is made only once', async () => {
    let made = 0
    const failing = (): Promise<never> => {
      made += 1
      return Promise.reject(new UploadError('backend', 'x'))
    }
    await expect(retrying(failing, policy(), never)).rejects.toThrow('x')
    expect(made).toBe(1)
  })

  test('is not made again if the server asks for a wait of more than an hour', async () => {
    const rules = policy()
    const hour = 60 * 60_000
    const asking = (retryAfter: number): HttpError =>
      new HttpError({ endpoint: 'complete', status: 503, serviceCode: undefined, detail: '', retryAfter })
    await expect(retrying(() => Promise.reject(asking(hour + 1)), rules, never)).rejects.toMatchObject({
      code: 'throttled',
      retryable: true,
    })
    let made = 0
    const outcome = retrying(
      () => (++made < 2 ? Promise.reject(asking(hour)) : Promise.resolve('done')),
      rules,
      never,
    )
    await rules.clock.advance(hour + 15_000)
    expect(await outcome).toBe('done')
  })

  test('is given up at once if it is stopped during the wait', async () => {
    const rules = policy()
    const controller = new AbortController()
    const outcome = retrying(() => Promise.reject(http(503)), rules, controller.signal)
    const seen = expect(outcome).rejects.toBe('stop')
    await flush()
    expect(rules.clock.sleeping).toBe(1)
    controller.abort('stop')
    await seen
    expect(rules.clock.sleeping).toBe(0)
  })

  test('that is under way when it is stopped is waited for, and its success counts', async () => {
    const controller = new AbortController()
    let succeed = (_: string): void => {}
    const attempt = (): Promise<string> => new Promise((resolve) => (succeed = resolve))
    const outcome = retrying(attempt, policy(), controller.signal)
    controller.abort('stop')
    succeed('done')
    expect(await outcome).toBe('done')
  })

  test('is not made at all if it was stopped before', async () => {
    const outcome = retrying(() => Promise.resolve('made'), policy(), AbortSignal.abort('stop'))
    await expect(outcome).rejects.toBe('stop')
  })
})

describe('attempts', () => {
  /** How long each wait is after six failures of one request in a row. */
  async function waits(rules: RetryPolicy & { clock: FakeClock }, afterEach: () => void): Promise<number[]> {
    const attempts = new Attempts(rules)
    const all: number[] = []
    for (let failure = 0; failure < 6; failure++) {
      const began = rules.clock.now()
      let ended = Number.NaN
      void attempts.failed(http(503), { signal: never }).then(() => {
        ended = rules.clock.now()
      })
      await rules.clock.advance(60_000)
      all.push(ended - began)
      afterEach()
    }
    return all
  }

  test('wait twice as long every time if nothing succeeds', async () => {
    expect(await waits(policy(), () => {})).toEqual([100, 200, 400, 800, 1_600, 3_200])
  })

  test('are nearly twice as many while other requests succeed', async () => {
    const rules = policy({ options: { ...defaultRetry, attempts: 3 } })
    const attempts = new Attempts(rules)
    for (let failure = 1; failure <= 4; failure++) {
      const waiting = attempts.failed(http(503), { signal: never })
      await rules.clock.advance(60_000)
      await waiting
      rules.budget.refill()
    }
    await expect(attempts.failed(http(503), { signal: never })).rejects.toMatchObject({ status: 503 })
  })

  test('wait twice as long every second time while other requests succeed', async () => {
    const rules = policy()
    expect(await waits(rules, () => rules.budget.refill())).toEqual([100, 100, 200, 200, 400, 400])
  })

  test('wait as long as Retry-After says', async () => {
    const rules = policy()
    const attempts = new Attempts(rules)
    let over = false
    const waiting = attempts.failed(http(503, 5_000), { signal: never }).then(() => {
      over = true
    })
    await rules.clock.advance(4_999)
    expect(over).toBe(false)
    await rules.clock.advance(1_251)
    await waiting
  })

  test('of requests that fail together share the waits, each longer than the one before', async () => {
    const rules = policy()
    const ended: number[] = []
    const requests = [1, 2, 3, 4].map(() => new Attempts(rules))
    const failAll = (): void => {
      for (const request of requests)
        void request.failed(http(503), { signal: never }).then(() => ended.push(rules.clock.now()))
    }
    failAll()
    await rules.clock.advance(1_000)
    expect(ended).toEqual([100, 200, 300, 400])
    expect(rules.budget.waiting).toBe(0)
    ended.length = 0
    failAll()
    await rules.clock.advance(60_000)
    expect(ended.map((at) => at - 1_000)).toEqual([200, 400, 600, 800])
  })

  test.each([
    ['is no longer if others wait already', undefined, [100, 100, 100]],
    ['is longer if the storage asks for less', 'SlowDown', [100, 200, 300]],
  ])('while other requests succeed the wait %s', async (_, serviceCode, expected) => {
    const rules = policy()
    const ended: number[] = []
    for (let request = 0; request < 3; request++) {
      const error = new HttpError({ endpoint: 'e', status: 503, serviceCode, detail: '' })
      void new Attempts(rules).failed(error, { signal: never }).then(() => ended.push(rules.clock.now()))
      rules.budget.refill()
    }
    await rules.clock.advance(1_000)
    expect(ended).toEqual(expected)
  })

  test('stop waiting when they are stopped', async () => {
    const rules = policy()
    const controller = new AbortController()
    const waiting = new Attempts(rules).failed(http(503), { signal: controller.signal })
    const seen = expect(waiting).rejects.toBe('stop')
    expect(rules.budget.waiting).toBe(1)
    controller.abort('stop')
    await seen
    expect(rules.budget.waiting).toBe(0)
  })
})

describe('the budget', () => {
  test('allows the given number of retries, and each success returns two, up to that number', () => {
    const budget = new RetryBudget(3)
    const taken = (): boolean[] => Array.from({ length: 4 }, () => budget.take())
    expect(taken()).toEqual([true, true, true, false])
    expect(budget.inARow).toBe(4)
    budget.refill()
    expect(budget.inARow).toBe(0)
    expect(taken()).toEqual([true, true, false, false])
    for (let success = 0; success < 5; success++) budget.refill()
    expect(taken()).toEqual([true, true, true, false])
  })

  test('of zero allows no retry', async () => {
    const rules = policy({ options: { ...defaultRetry, budget: 0 } })
    let made = 0
    const failing = (): Promise<never> => Promise.reject(http(500 + made++))
    await expect(retrying(failing, rules, never)).rejects.toMatchObject({ status: 500 })
    expect(made).toBe(1)
  })

  test('is full at the beginning of each run, and belongs to it alone', () => {
    const base = policy({ options: { ...defaultRetry, budget: 1 } })
    const [one, other] = [withBudget(base), withBudget(base)]
    expect(one).toMatchObject({ options: base.options, clock: base.clock, connectivity: base.connectivity })
    expect([one.budget.take(), one.budget.take()]).toEqual([true, false])
    expect(other.budget.take()).toBe(true)
  })

  test('is refilled by a request that succeeds', async () => {
    const rules = policy({ options: { ...defaultRetry, budget: 2 } })
    rules.budget.take()
    rules.budget.take()
    await retrying(() => Promise.resolve('done'), rules, never)
    expect(rules.budget.inARow).toBe(0)
    expect(rules.budget.take()).toBe(true)
  })
})

describe('an answer that breaks the contract', () => {
  const foreign = (): BackendError =>
    new BackendError({
      endpoint: 'sign',
      field: 'body',
      expected: 'JSON',
      received: '<html>',
      retryable: true,
    })

  test('is requested again for some seconds if it is not JSON, since something on the way may have answered', async () => {
    const own = policy()
    let asked = 0
    const answer = retrying(
      async () => {
        asked += 1
        throw foreign()
      },
      own,
      never,
    ).catch((error: unknown) => error)
    await own.clock.advance(10_000)
    expect(await answer).toMatchObject({ code: 'backend', retryable: true })
    expect(asked).toBe(6)
  })

  test('counts as being offline if it is not JSON and the browser is offline, since a service worker may have answered', async () => {
    const connectivity = new FakeConnectivity()
    connectivity.online = false
    const answer = retrying(async () => Promise.reject(foreign()), policy({ connectivity }), never)
    await expect(answer).rejects.toBeInstanceOf(OfflineError)
  })

  test('says nothing about the session if it is not JSON, so that one later 404 from a proxy does not make it lost', async () => {
    const own = policy({ options: { ...defaultRetry, attempts: 4 } })
    const proxys = new SessionLostError(
      new HttpError({ endpoint: 'sign', status: 404, serviceCode: undefined, detail: '', isVague: true }),
    )
    const answers = [foreign(), proxys]
    const answer = retrying(
      async () => {
        const error = answers.shift()
        if (error !== undefined) throw error
        return 'signed'
      },
      own,
      never,
    ).catch((error: unknown) => error)
    await own.clock.advance(10_000)
    expect(await answer).toBe('signed')
    // Not even if such pages have used up the retries.
    const few = policy({ options: { ...defaultRetry, budget: 1 } })
    const spent = new Attempts(few).failed(foreign(), { signal: never })
    await few.clock.advance(10_000)
    await spent
    await expect(new Attempts(few).failed(proxys, { signal: never })).rejects.toMatchObject({ code: 'http' })
  })

  test('is not requested again if it is JSON', async () => {
    const error = new BackendError({ endpoint: 'sign', field: 'urls', expected: 'an object', received: 1 })
    expect(mayRetry(error)).toBe(false)
  })
})

describe('without a network', () => {
  test('a request without an answer rejects with an OfflineError and its cause, and costs neither attempt nor budget', async () => {
    const rules = policy()
    ;(rules.connectivity as FakeConnectivity).online = false
    const cause = new NetworkError('no answer')
    const ending = new Attempts(rules).failed(cause, { signal: never })
    await expect(ending).rejects.toBeInstanceOf(OfflineError)
    await expect(ending).rejects.toMatchObject({ message: 'no answer', cause })
    expect([rules.budget.inARow, rules.clock.sleeping]).toEqual([0, 0])
  })

  test('an answer with an error is retried as usual', async () => {
    const rules = policy()
    ;(rules.connectivity as FakeConnectivity).online = false
    const waiting = new Attempts(rules).failed(http(503), { signal: never })
    expect(rules.budget.inARow).toBe(1)
    await rules.clock.advance(1_000)
    await waiting
  })

  test('with a network, a request without an answer is retried', async () => {
    const rules = policy()
    const waiting = new Attempts(rules).failed(new NetworkError('x'), { signal: never })
    expect(rules.budget.inARow).toBe(1)
    await rules.clock.advance(1_000)
    await waiting
  })
})

describe('a retry', () => {
  test('is refused for a lost session and an expired URL, and allowed for whatever is marked retryable', () => {
    expect(mayRetry(new SessionLostError('x'))).toBe(false)
    expect(mayRetry(new UrlExpiredError(1, {}))).toBe(false)
    expect(mayRetry(new UploadError('network', 'x', { retryable: true }))).toBe(true)
    expect(mayRetry(new UploadError('network', 'x'))).toBe(false)
  })
})

test('a stop while a request fails is the outcome, not the error of the request', async () => {
  const controller = new AbortController()
  const rules = policy()
  const outcome = retrying(
    () => {
      controller.abort('stop')
      return Promise.reject(new UploadError('backend', 'not to be told'))
    },
    rules,
    controller.signal,
  )
  await expect(outcome).rejects.toBe('stop')
  expect(rules.budget.inARow).toBe(0)
})

test('an error without a numeric retryAfter waits by our own delay', async () => {
  const rules = policy()
  const odd = Object.assign(new UploadError('network', 'x', { retryable: true }), { retryAfter: 'soon' })
  const waiting = new Attempts(rules).failed(odd, { signal: never })
  await rules.clock.advance(100)
  await waiting
})
