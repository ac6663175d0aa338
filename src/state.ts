/** Pure: the states of an upload, and the transitions between them. */
import type { UploadError } from './errors.ts'
import type { UploadResult } from './ports.ts'

/**
 * The step that an upload is at. `waiting`: it waits for its turn. `hashing`: the file is read for its digest. `opening`:
 * the server is asked for a session. `uploading`: parts are sent. `completing`: the server makes the object.
 */
export type Phase = 'waiting' | 'hashing' | 'opening' | 'uploading' | 'completing'

/**
 * Why the system paused an upload. `offline` ends by itself when the network is back, `other-tab` when the tab that works
 * on the upload ends, closes or crashes. `needs-file` ends when `resume` gets the file again.
 */
export type SystemPause = 'offline' | 'needs-file' | 'other-tab'

/** What an upload is doing. Switch on `status`. */
export type UploadState =
  | { readonly status: Phase }
  | { readonly status: 'paused'; readonly by: 'user' }
  | { readonly status: 'paused'; readonly by: 'system'; readonly reason: SystemPause }
  | { readonly status: 'done'; readonly result: UploadResult }
  | { readonly status: 'failed'; readonly error: UploadError }
  | { readonly status: 'cancelled'; readonly reason: unknown }

export type Action =
  | { readonly type: 'enter'; readonly phase: Phase }
  | { readonly type: 'pause'; readonly by: 'user' }
  | { readonly type: 'pause'; readonly by: 'system'; readonly reason: SystemPause }
  | { readonly type: 'resume'; readonly by: 'user' | 'system' }
  | { readonly type: 'finish'; readonly result: UploadResult }
  | { readonly type: 'fail'; readonly error: UploadError }
  | { readonly type: 'cancel'; readonly reason: unknown }

const order: readonly Phase[] = ['waiting', 'hashing', 'opening', 'uploading', 'completing']

/** The state in which every upload and every run begins. */
export const initialState: UploadState = { status: 'waiting' }

/** Whether a run is, or should be, under way. */
export function isRunning(state: UploadState): state is { readonly status: Phase } {
  return (order as readonly string[]).includes(state.status)
}

/** Whether a run is under way, or will begin without the user. */
export function isUnderWay(state: UploadState): boolean {
  return (
    isRunning(state) || (state.status === 'paused' && state.by === 'system' && state.reason !== 'needs-file')
  )
}

/** Whether nothing can happen any more. */
export function isEnded(state: UploadState): boolean {
  return state.status === 'done' || state.status === 'cancelled'
}

/** The state after the action. The same object if the action does not apply. */
export function transition(state: UploadState, action: Action): UploadState {
  switch (action.type) {
    case 'enter':
      return isRunning(state) && canEnter(state.status, action.phase) ? { status: action.phase } : state
    case 'pause':
      return pause(state, action)
    case 'resume':
      return canResume(state, action.by) ? initialState : state
    case 'finish':
      return state.status === 'completing' ? { status: 'done', result: action.result } : state
    case 'fail':
      return isRunning(state) ? { status: 'failed', error: action.error } : state
    case 'cancel':
      return isEnded(state) ? state : { status: 'cancelled', reason: action.reason }
  }
}

/**
 * Phases go forward. They go back to `opening` when a session has to be replaced, and from there to `hashing` if the
 * session's digest may be another file's.
 */
function canEnter(from: Phase, to: Phase): boolean {
  const isBack = to === 'opening' ? from !== to : from === 'opening' && to === 'hashing'
  return isBack || order.indexOf(to) > order.indexOf(from)
}

/** A user's pause replaces the system's, never the other way round. */
function pause(state: UploadState, action: Extract<Action, { type: 'pause' }>): UploadState {
  const { type: _, ...why } = action
  const paused: UploadState = { status: 'paused', ...why }
  if (isRunning(state)) return paused
  return state.status === 'paused' && state.by === 'system' && action.by === 'user' ? paused : state
}

/** The system ends only its own pauses, and never resumes a failed upload. */
function canResume(state: UploadState, by: 'user' | 'system'): boolean {
  if (state.status === 'paused') return by === 'user' || state.by === 'system'
  return state.status === 'failed' && by === 'user'
}
