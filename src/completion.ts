/** Completing, when the answers do not tell whether it has happened. */
import {
  HttpError,
  NetworkError,
  SessionLostError,
  toUploadError,
  UnsureError,
  type UploadError,
} from './errors.ts'
import type { Completed, SessionStatus } from './ports.ts'

/** Asks the server what has become of the upload; left out where it cannot tell. */
export type AskStatus = (() => Promise<SessionStatus>) | undefined

type Completion = {
  /** Asks the server to make the object. */
  readonly complete: () => Promise<Completed>
  readonly status: AskStatus
  /** Whether an attempt of this run has failed before. */
  readonly isRepeated: boolean
  /** From now on it is not known whether the upload is complete; or it is known that it is not. */
  readonly onDoubt: (isUnsure: boolean) => void
}

/**
 * One attempt at completing, to be retried as any other. A conflict may mean that an earlier attempt has succeeded: the
 * truth is looked up where the server tells it. So may an error of the server that comes again, or that the upload is no
 * more: Ceph RGW 16 answers 500 then.
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
 * What a refusal means, when the upload may be complete already: S3 says NoSuchUpload then. Where the server does not
 * tell the truth it rejects with `UnsureError`: neither done nor failed, and nothing is thrown away.
 *
 * @returns `undefined` where there is neither a session nor an object any more.
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
  // An application's own backend may pass on the word of its server, such as `processing`.
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

/** What only a server says that has the upload before it, such as InvalidPart. */
function isRefusal(error: UploadError): boolean {
  return error instanceof HttpError && !error.retryable && ![401, 403, 409].includes(error.status)
}

/** 503 is a server that is busy, and not to be asked more than it is. */
function isBroken(error: UploadError): boolean {
  return error instanceof HttpError && error.status >= 500 && error.status !== 503
}

/** Not one that the backend has looked into itself, and that is to be tried again. */
function isConflict(error: UploadError): boolean {
  return error instanceof HttpError && error.status === 409 && !error.retryable
}
