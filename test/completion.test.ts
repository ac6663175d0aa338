import { describe, expect, test } from 'vitest'
import { completing, keyIfCompleted } from '../src/completion.ts'
import { BackendError, HttpError, NetworkError, SessionLostError } from '../src/errors.ts'
import type { SessionStatus } from '../src/ports.ts'

function http(status: number, serviceCode?: string): HttpError {
  return new HttpError({ endpoint: 'complete', status, serviceCode, detail: '', retryAfter: undefined })
}

type Attempt = { readonly truth?: SessionStatus; readonly isRepeated?: boolean }

/** One attempt that fails so: what has come of it, what was said of the doubt, and how often the truth was asked for. */
async function attempt(failure: unknown, { truth, isRepeated = false }: Attempt = {}) {
  const doubts: boolean[] = []
  let asked = 0
  const status = async (): Promise<SessionStatus> => {
    asked += 1
    return truth ?? { state: 'open' }
  }
  const outcome = await completing({
    complete: () => Promise.reject(failure),
    status: truth && status,
    isRepeated,
    onDoubt: (isUnsure) => doubts.push(isUnsure),
  }).catch((error: unknown) => error)
  return { outcome, doubts, asked }
}

const completed = { state: 'completed', key: 'k', details: { id: 1 } } as const
const done = { key: 'k', details: { id: 1 } }

test('a state that nobody knows is no completed one', async () => {
  const processing = { state: 'processing', key: 'k' } as unknown as SessionStatus
  const conflict = http(409)
  expect(await attempt(conflict, { truth: processing })).toMatchObject({ outcome: conflict })
  await expect(keyIfCompleted(conflict, async () => processing)).rejects.toBe(conflict)
})

describe('an attempt at completing', () => {
  test('that succeeds is the answer, without a doubt', async () => {
    const doubts: boolean[] = []
    const onDoubt = (isUnsure: boolean): void => void doubts.push(isUnsure)
    const complete = async (): Promise<{ key: string }> => ({ key: 'k' })
    expect(await completing({ complete, status: undefined, isRepeated: false, onDoubt })).toEqual({
      key: 'k',
    })
    expect(doubts).toEqual([])
  })

  test.each<[string, unknown, readonly boolean[]]>([
    ['no answer', new NetworkError('cut'), [true]],
    ['an error of the server', http(500), [true]],
    ['a gateway that has waited for too long', http(504), [true]],
    ['a time-out', http(408), [true]],
    ['a server that is busy, which has done nothing', http(503, 'SlowDown'), []],
    ['too many requests, of which it has looked at none', http(429), []],
    ['a refusal by who has the upload before it', http(400, 'InvalidPart'), [false]],
    ['an upload that is not known', http(404), [false]],
    ['a login that is over, which says nothing of the upload', http(401), []],
    ['a right that is lacking', http(403), []],
    ['a conflict', http(409), []],
    [
      'an answer that breaks the contract',
      new BackendError({ endpoint: 'complete', field: 'key', expected: 'a string', received: 1 }),
      [],
    ],
    [
      'an answer that somebody else may have given, who may have let the request pass',
      new BackendError({
        endpoint: 'complete',
        field: 'body',
        expected: 'JSON',
        received: '<html>',
        retryable: true,
      }),
      [true],
    ],
  ])('leaves a doubt, takes it away, or neither: %s', async (_, failure, expected) => {
    const { doubts } = await attempt(failure)
    expect(doubts).toEqual(expected)
  })

  test.each([new NetworkError('cut'), http(400, 'InvalidPart'), http(500), http(404)])(
    'that fails for the first time is not looked into: %s',
    async (failure) => {
      const { outcome, asked } = await attempt(failure, { truth: completed })
      expect([outcome, asked]).toEqual([failure, 0])
    },
  )

  test.each([new NetworkError('cut'), http(503), http(400, 'InvalidPart'), http(499)])(
    'that fails again is not looked into either, unless the server is broken: %s',
    async (failure) => {
      const { outcome, asked } = await attempt(failure, { truth: completed, isRepeated: true })
      expect([outcome, asked]).toEqual([failure, 0])
    },
  )

  test.each([http(500), http(502)])(
    'that finds the server broken again is looked into: %s',
    async (failure) => {
      const again = { isRepeated: true }
      expect((await attempt(failure, { ...again, truth: completed })).outcome).toEqual(done)
      expect((await attempt(failure, { ...again, truth: { state: 'open' } })).outcome).toBe(failure)
      expect((await attempt(failure, again)).outcome).toBe(failure)
      const guess = await attempt(failure, { ...again, truth: { state: 'gone', isGuess: true } })
      expect(guess.outcome).toBe(failure)
      const { outcome } = await attempt(failure, { ...again, truth: { state: 'gone' } })
      expect(outcome).toBeInstanceOf(SessionLostError)
      expect(outcome).toMatchObject({ cause: failure })
    },
  )

  test.each([false, true])(
    'that finds a conflict is looked into, also the first (again: %s)',
    async (isRepeated) => {
      const conflict = http(409, 'AlreadyCompleted')
      expect((await attempt(conflict, { isRepeated, truth: completed })).outcome).toEqual(done)
      expect((await attempt(conflict, { isRepeated, truth: { state: 'open' } })).outcome).toBe(conflict)
      expect((await attempt(conflict, { isRepeated })).outcome).toMatchObject({
        code: 'unsure',
        cause: conflict,
      })
      for (const gone of [{ state: 'gone' }, { state: 'gone', isGuess: true }] as const) {
        expect((await attempt(conflict, { isRepeated, truth: gone })).outcome).toBeInstanceOf(
          SessionLostError,
        )
      }
    },
  )
})

test('a conflict that is to be tried again is tried again: the backend has looked into it', async () => {
  const conflict = new HttpError({
    endpoint: 'complete',
    status: 409,
    serviceCode: 'x',
    detail: '',
    retryable: true,
  })
  for (const isRepeated of [false, true]) {
    const { outcome, doubts, asked } = await attempt(conflict, {
      isRepeated,
      truth: { state: 'gone', isGuess: true },
    })
    expect(outcome).toBe(conflict)
    expect([doubts, asked]).toEqual([[true], 0])
  }
})

describe('a refusal of an upload that may be complete', () => {
  const refusal = new SessionLostError(http(404))

  test('is what it says where the upload is open, and its object where it is complete', async () => {
    await expect(keyIfCompleted(refusal, async () => ({ state: 'open' }))).rejects.toBe(refusal)
    expect(await keyIfCompleted(refusal, async () => completed)).toEqual(done)
  })

  test('is nothing where there is neither an upload nor an object', async () => {
    expect(await keyIfCompleted(refusal, async () => ({ state: 'gone' }))).toBeUndefined()
  })

  test('is neither where nobody tells', async () => {
    await expect(keyIfCompleted(refusal, undefined)).rejects.toMatchObject({ code: 'unsure', cause: refusal })
  })
})
