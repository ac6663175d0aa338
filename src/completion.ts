/** Completes an upload, and finds out whether that has happened when the answers do not tell. */
import {
  HttpError,
  NetworkError,
  SessionLostError,
  toUploadError,
  UnsureError,
  type UploadError,
} from './errors.ts'
import type { Completed, SessionStatus } from './ports.ts'

/** Asks the server what has become of the upload; `undefined` if it cannot tell. */
export type AskStatus = (() => Promise<SessionStatus>) | undefined

type Completion = {
  /** Asks the server to make the object. */
  readonly complete: () => Promise<Completed>
  readonly status: AskStatus
  /** Whether an earlier attempt of this run has failed. */
  readonly isRepeated: boolean
  /** From now on it is unknown whether the upload is complete; or it is known that it is not. */
  readonly onDoubt: (isUnsure: boolean) => void
}

/**
 * One attempt at completing, retried like any other. A conflict may mean that an earlier attempt has succeeded, so the
 * server is asked if it can tell. An error of the server that comes again may mean the same, or that the upload is
 * gone: Ceph RGW 16 answers 500 then.
 */
export async function completing(completion: Completion): Promise<Completed> {
  try {
    return await completion.complete()
  } catch (thrown) {
    const error = toUploadError(thrown)
    if (mayHaveHappened(error)) completion.onDoubt(true)
    else if (isRefusal(error)) completion.onDoubt(false)
    const isPersistent = completion.isRepeated && isBroken(error)
    if (!isConflict(error) && !isPersistent) throw error
    const truth = await completion.status?.()
    if (isPersistent && !isCertain(truth)) throw error
    const completed = keyOf(error, truth)
    if (completed === undefined) throw new SessionLostError(error)
    return completed
  }
}

/**
 * What a refusal means if the upload may already be complete: S3 says NoSuchUpload then. If the server cannot tell, it
 * rejects with `UnsureError`: neither done nor failed, and nothing is thrown away.
 *
 * @returns `undefined` if there is neither a session nor an object any more.
 */
export async function keyIfCompleted(
  refusal: UploadError,
  status: AskStatus,
): Promise<Completed | undefined> {
  return keyOf(refusal, await status?.())
}

function keyOf(refusal: UploadError, truth: SessionStatus | undefined): Completed | undefined {
  if (truth === undefined) throw new UnsureError(refusal)
  const { state, ...completed } = truth
  if (state === 'completed') return completed as Completed
  if (state === 'gone') return undefined
  // An application's own backend may pass on its server's word, such as `processing`.
  throw refusal
}

function isCertain(truth: SessionStatus | undefined): boolean {
  return truth?.state === 'completed' || (truth?.state === 'gone' && !truth.isGuess)
}

/** No answer, or an error that may have come after the effect. */
function mayHaveHappened(error: UploadError): boolean {
  return (
    error instanceof NetworkError ||
    (error.retryable && (error.code === 'backend' || (error instanceof HttpError && error.code === 'http')))
  )
}

/** An error such as InvalidPart, which only a server that still has the upload gives. */
function isRefusal(error: UploadError): boolean {
  return error instanceof HttpError && !error.retryable && ![401, 403, 409].includes(error.status)
}

/** 503 means that the server is busy, and should not be asked more than necessary. */
function isBroken(error: UploadError): boolean {
  return error instanceof HttpError && error.status >= 500 && error.status !== 503
}

/** Not a conflict that the backend has looked into itself and wants tried again. */
function isConflict(error: UploadError): boolean {
  return error instanceof HttpError && error.status === 409 && !error.retryable
}
