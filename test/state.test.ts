import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { UploadError } from '../src/errors.ts'
import {
  type Action,
  initialState,
  isEnded,
  isRunning,
  isUnderWay,
  type SystemPause,
  transition,
  type UploadState,
} from '../src/state.ts'

const error = new UploadError('network', 'x')
const result = { key: 'k', size: 1, checksums: {} }
const byUser: UploadState = { status: 'paused', by: 'user' }
const offline: UploadState = { status: 'paused', by: 'system', reason: 'offline' }
const failed: UploadState = { status: 'failed', error }
const ended: UploadState[] = [
  { status: 'done', result },
  { status: 'cancelled', reason: 'r' },
]

const action: fc.Arbitrary<Action> = fc.oneof(
  fc
    .constantFrom('hashing', 'opening', 'uploading', 'completing')
    .map((phase) => ({ type: 'enter', phase }) as const),
  fc.constant({ type: 'pause', by: 'user' } as const),
  fc
    .constantFrom('offline', 'needs-file', 'other-tab')
    .map((reason) => ({ type: 'pause', by: 'system', reason }) as const),
  fc.constantFrom('user', 'system').map((by) => ({ type: 'resume', by }) as const),
  fc.constantFrom<Action>(
    { type: 'finish', result },
    { type: 'fail', error },
    { type: 'cancel', reason: 'r' },
  ),
)
const actions = fc.array(action, { maxLength: 40 })

/** Every state that the actions lead through. */
function history(list: readonly Action[]): UploadState[] {
  const states: UploadState[] = [initialState]
  for (const one of list) states.push(transition(states.at(-1) ?? initialState, one))
  return states
}

describe('any sequence of actions', () => {
  test('changes nothing after the end', () => {
    fc.assert(
      fc.property(actions, (list) => {
        const states = history(list)
        const end = states.findIndex(isEnded)
        if (end >= 0) expect(new Set(states.slice(end)).size).toBe(1)
      }),
    )
  })

  test('never is both done and cancelled', () => {
    fc.assert(
      fc.property(actions, (list) => {
        const seen = new Set(history(list).map(({ status }) => status))
        expect(seen.has('done') && seen.has('cancelled')).toBe(false)
      }),
    )
  })

  test('is done only from completing', () => {
    fc.assert(
      fc.property(actions, (list) => {
        const states = history(list)
        const done = states.findIndex(({ status }) => status === 'done')
        if (done > 0) expect(states[done - 1]?.status).toBe('completing')
      }),
    )
  })

  test("ends a user's pause only by the user", () => {
    fc.assert(
      fc.property(actions, (list) => {
        const states = history(list)
        list.forEach((one, index) => {
          const [before, after] = [states[index], states[index + 1]]
          if (before?.status !== 'paused' || before.by !== 'user' || after === before) return
          expect(one.type === 'cancel' || (one.type === 'resume' && one.by === 'user')).toBe(true)
        })
      }),
    )
  })

  test('returns the same object if an action does not apply, and never a new object for an equal state', () => {
    fc.assert(
      fc.property(actions, (list) => {
        const states = history(list)
        states.slice(1).forEach((state, index) => {
          if (state !== states[index]) expect(state).not.toEqual(states[index])
        })
      }),
    )
  })
})

describe('a state', () => {
  test('moves forward through the phases, and back to opening for a new session', () => {
    const enter = (state: UploadState, phase: 'hashing' | 'opening' | 'uploading' | 'completing'): string =>
      transition(state, { type: 'enter', phase }).status
    expect(enter({ status: 'hashing' }, 'opening')).toBe('opening')
    expect(enter({ status: 'opening' }, 'uploading')).toBe('uploading')
    expect(enter({ status: 'uploading' }, 'completing')).toBe('completing')
    expect(enter({ status: 'completing' }, 'uploading')).toBe('completing')
    expect(enter({ status: 'completing' }, 'opening')).toBe('opening')
    expect(enter({ status: 'uploading' }, 'hashing')).toBe('uploading')
    expect(enter(byUser, 'uploading')).toBe('paused')
  })

  test('is not resumed by the system if the user has paused it', () => {
    expect(transition(byUser, { type: 'resume', by: 'system' })).toBe(byUser)
    expect(transition(byUser, { type: 'resume', by: 'user' })).toEqual(initialState)
  })

  test("keeps a user's pause if the system would pause too, while a user's pause replaces a system's", () => {
    expect(transition(byUser, { type: 'pause', by: 'system', reason: 'offline' })).toBe(byUser)
    expect(transition(offline, { type: 'pause', by: 'user' })).toEqual(byUser)
  })

  test('that has failed is resumed only by the user, and can be cancelled', () => {
    expect(transition(failed, { type: 'resume', by: 'system' })).toBe(failed)
    expect(transition(failed, { type: 'resume', by: 'user' })).toEqual(initialState)
    expect(transition(failed, { type: 'cancel', reason: 'r' }).status).toBe('cancelled')
  })

  test('is running during a phase, and only then', () => {
    expect(
      ['hashing', 'opening', 'uploading', 'completing'].every((status) =>
        isRunning({ status } as UploadState),
      ),
    ).toBe(true)
    expect([byUser, offline, failed, ...ended].some(isRunning)).toBe(false)
  })

  test('is under way if it is running or continues by itself', () => {
    const paused = (reason: SystemPause): UploadState => ({ status: 'paused', by: 'system', reason })
    expect([initialState, paused('offline'), paused('other-tab')].every(isUnderWay)).toBe(true)
    expect([byUser, paused('needs-file'), failed, ...ended].some(isUnderWay)).toBe(false)
  })
})

describe('each action in each state', () => {
  const paused = (reason: 'offline' | 'needs-file' | 'other-tab'): UploadState => ({
    status: 'paused',
    by: 'system',
    reason,
  })
  const phases = ['waiting', 'hashing', 'opening', 'uploading', 'completing'] as const
  const running: UploadState[] = phases.map((status) => ({ status }))
  const done: UploadState = { status: 'done', result }
  const cancelled: UploadState = { status: 'cancelled', reason: 'r' }
  const all = [...running, byUser, paused('offline'), failed, done, cancelled]

  /** The state that follows each of them, or `same` if none does. */
  function following(one: Action): readonly (UploadState | 'same')[] {
    return all.map((state) => {
      const next = transition(state, one)
      return next === state ? 'same' : next
    })
  }
  const same = (count: number): 'same'[] => Array.from({ length: count }, () => 'same')
  const each = (state: UploadState, count: number): UploadState[] =>
    Array.from({ length: count }, () => state)

  test.each([
    ['waiting', []],
    ['hashing', ['waiting', 'opening']],
    ['opening', ['waiting', 'hashing', 'uploading', 'completing']],
    ['uploading', ['waiting', 'hashing', 'opening']],
    ['completing', ['waiting', 'hashing', 'opening', 'uploading']],
  ] as const)('enters %s from %j only', (phase, from) => {
    const allowed: readonly string[] = from
    expect(following({ type: 'enter', phase })).toEqual([
      ...phases.map((status) => (allowed.includes(status) ? { status: phase } : 'same')),
      ...same(5),
    ])
  })

  test("a user's pause stops a running upload, and replaces a system's pause", () => {
    expect(following({ type: 'pause', by: 'user' })).toEqual([...each(byUser, 5), 'same', byUser, ...same(3)])
  })

  test("a system's pause stops a running upload", () => {
    const asked = { type: 'pause', by: 'system', reason: 'needs-file' } as const
    expect(following(asked)).toEqual([...each(paused('needs-file'), 5), ...same(5)])
  })

  test('the user resumes a paused or failed upload, and the system only one that the system paused', () => {
    const first: UploadState = { status: 'waiting' }
    expect(following({ type: 'resume', by: 'user' })).toEqual([...same(5), first, first, first, ...same(2)])
    expect(following({ type: 'resume', by: 'system' })).toEqual([...same(6), first, ...same(3)])
  })

  test('an upload finishes only from completing', () => {
    expect(following({ type: 'finish', result })).toEqual([...same(4), done, ...same(5)])
  })

  test('only a running upload fails, and any upload that has not ended can be cancelled', () => {
    expect(following({ type: 'fail', error })).toEqual([...each(failed, 5), ...same(5)])
    expect(following({ type: 'cancel', reason: 'r' })).toEqual([...each(cancelled, 8), ...same(2)])
  })
})
