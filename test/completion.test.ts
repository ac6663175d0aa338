import { describe, expect, test } from 'vitest'
import { completing, keyIfCompleted } from '../src/completion.ts'
import { BackendError, HttpError, NetworkError, SessionLostError } from '../src/errors.ts'
import type { SessionStatus } from '../src/ports.ts'

function http(status: number, serviceCode?: string): HttpError {
  return new HttpError({ endpoint: 'complete', status, serviceCode, detail: '', retryAfter: undefined })
}

type Attempt = { readonly truth?: SessionStatus; readonly isRepeated?: boolean }

/** One attempt with this failure: its outcome, the reported doubts, and how often the status was asked for. */
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

test('an unknown state does not count as completed', async () => {
  const processing = { state: 'processing', key: 'k' } as unknown as SessionStatus
  const conflict = http(409)
  expect(await attempt(conflict, { truth: processing })).toMatchObject({ outcome: conflict })
  await expect(keyIfCompleted(conflict, async () => processing)).rejects.toBe(conflict)
})

describe('an attempt to complete', () => {
  test('that succeeds is the answer, and leaves no doubt', async () => {
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
    ['a server error', http(500), [true]],
    ['a gateway that timed out', http(504), [true]],
    ['a time-out', http(408), [true]],
    ['a busy server, which has done nothing', http(503, 'SlowDown'), []],
    ['too many requests, none of which was looked at', http(429), []],
    ['a refusal by a server that has the upload', http(400, 'InvalidPart'), [false]],
    ['an unknown upload', http(404), [false]],
    ['an expired login, which says nothing about the upload', http(401), []],
    ['a missing permission', http(403), []],
    ['a conflict', http(409), []],
    [
      'an answer that breaks the contract',
      new BackendError({ endpoint: 'complete', field: 'key', expected: 'a string', received: 1 }),
      [],
    ],
    [
      'an answer that something on the way may have given after passing on the request',
      new BackendError({
        endpoint: 'complete',
        field: 'body',
        expected: 'JSON',
        received: '<html>',
        retryable: true,
      }),
      [true],
    ],
  ])('leaves a doubt, removes it, or neither: %s', async (_, failure, expected) => {
    const { doubts } = await attempt(failure)
    expect(doubts).toEqual(expected)
  })

  test.each([new NetworkError('cut'), http(400, 'InvalidPart'), http(500), http(404)])(
    'that fails for the first time asks for no status: %s',
    async (failure) => {
      const { outcome, asked } = await attempt(failure, { truth: completed })
      expect([outcome, asked]).toEqual([failure, 0])
    },
  )

  test.each([new NetworkError('cut'), http(503), http(400, 'InvalidPart'), http(499)])(
    'that fails again asks for no status, unless the server is broken: %s',
    async (failure) => {
      const { outcome, asked } = await attempt(failure, { truth: completed, isRepeated: true })
      expect([outcome, asked]).toEqual([failure, 0])
    },
  )

  test.each([http(500), http(502)])(
    'that finds the server broken again asks for the status: %s',
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
    'that finds a conflict asks for the status, even the first time (again: %s)',
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

test('a conflict that the backend has marked retryable is retried, since the backend has looked into it', async () => {
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

  test('is passed on if the upload is open, and gives the stored object if it is complete', async () => {
    await expect(keyIfCompleted(refusal, async () => ({ state: 'open' }))).rejects.toBe(refusal)
    expect(await keyIfCompleted(refusal, async () => completed)).toEqual(done)
  })

  test('gives undefined if there is neither an upload nor an object', async () => {
    expect(await keyIfCompleted(refusal, async () => ({ state: 'gone' }))).toBeUndefined()
  })

  test('ends as unsure if the backend has no status', async () => {
    await expect(keyIfCompleted(refusal, undefined)).rejects.toMatchObject({ code: 'unsure', cause: refusal })
  })
})
