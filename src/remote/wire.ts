/** The messages between the page and its worker. The application's own messages may go through the same worker. */
import { errorClasses, toUploadError, UploadError, type UploadErrorCode } from '../errors.ts'
import type { Identity, Params } from '../ports.ts'
import type { UploadState } from '../state.ts'
import type { TotalProgress } from '../totals.ts'
import type { UploadEvents } from '../upload.ts'
import type { UploadWarning } from '../warnings.ts'

/** An error without its class, which is lost between threads. */
export type WireError = {
  readonly name: string
  readonly message: string
  /** Left out for an error that is no `UploadError`. */
  readonly code?: UploadErrorCode
  readonly retryable?: boolean
  /** The fields of its class, such as `status`. */
  readonly details: Readonly<Record<string, unknown>>
  readonly cause?: WireError | string
}

export type WireState =
  | Exclude<UploadState, { status: 'failed' } | { status: 'cancelled' }>
  | { readonly status: 'failed'; readonly error: WireError }
  | { readonly status: 'cancelled'; readonly reason: WireError }

export type WireEvents = Omit<UploadEvents, 'state' | 'warning'> & {
  warning: Omit<UploadWarning, 'cause'> & Pick<WireError, 'cause'>
}

export type WireInterrupted = {
  readonly identity: Identity
  readonly params: Params
  readonly confirmed: number
  readonly startedAt: number
  readonly handle: FileSystemFileHandle | undefined
}

/** The options of an upload that the page sends with its file. */
export type WireOptions = {
  readonly params?: Params
  readonly name?: string
  readonly relativePath?: string
  /** Bytes that are stored, as far as the page knows. */
  readonly confirmed?: number | undefined
}

/** Names an interrupted upload. An id would not do: another worker may have listed it. */
export type WireName = Pick<WireInterrupted, 'identity' | 'params'>

/** An order for an upload that the worker knows. */
export type UploadOrder =
  | { readonly type: 'pause'; readonly finishParts: boolean }
  | {
      readonly type: 'resume'
      readonly file?: File
      readonly handle?: FileSystemFileHandle | undefined
    }
  | { readonly type: 'restart' }

/** A message from the page without an answer. */
export type Order =
  | {
      readonly type: 'upload'
      readonly id: number
      readonly file: File
      readonly handle: FileSystemFileHandle | undefined
      readonly options: WireOptions
    }
  | (UploadOrder & { readonly id: number })
  /** Asks whether the worker serves. It answers `ready` when it does. */
  | { readonly type: 'hello' }
  /** The page is shown again, so uploads need not wait for the network any longer. */
  | { readonly type: 'wake' }

/** A message from the page that the worker answers. */
export type Question =
  | { readonly type: 'cancel'; readonly id: number }
  | ({ readonly type: 'forget' | 'cancel-interrupted' } & WireName)
  | { readonly type: 'interrupted' | 'stop' | 'diagnose' }

/** From the page. */
export type ToWorker = { readonly longhaul: Order | (Question & { readonly ask: number }) }

/** From the worker. */
export type News =
  | { readonly type: 'ready' }
  | { readonly type: 'state'; readonly id: number; readonly state: WireState }
  /** Nothing of the upload is under way any more, not even the clean-up of a cancel. */
  | { readonly type: 'end'; readonly id: number }
  /** The worker refused the upload, and does not know it. */
  | { readonly type: 'gone'; readonly id: number; readonly error: WireError }
  | {
      [Type in keyof WireEvents]: {
        readonly type: 'event'
        readonly id: number
        readonly event: Type
        readonly value: WireEvents[Type]
      }
    }[keyof WireEvents]
  | { readonly type: 'totals'; readonly totals: TotalProgress }
  | { readonly type: 'answer'; readonly ask: number; readonly value: unknown }
  | { readonly type: 'refused'; readonly ask: number; readonly error: WireError }

export type FromWorker = { readonly longhaul: News }

/** Turns a thrown value into an error that can be sent. */
export function toWire(thrown: unknown): WireError {
  const error = toUploadError(thrown)
  // The spread does not have message and cause, which are not enumerable.
  const { name, code, retryable, ...own } = error
  const { message, cause } = error
  return { name, code, retryable, message, details: sendable(own), ...causeToWire(cause) }
}

/** Drops fields that no message can carry. An application's own error may have some, and then nothing could be sent. */
function sendable(fields: object): WireError['details'] {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => Object(value) !== value))
}

/** The cause as a field to send. No field if there is none. */
export function causeToWire(cause: unknown): Pick<WireError, 'cause'> {
  if (cause === undefined) return {}
  if (cause instanceof UploadError) return { cause: toWire(cause) }
  const { message } = toUploadError(cause)
  return { cause: cause instanceof Error ? { name: cause.name, message, details: {} } : message }
}

/** The cause as a field of a received error. No field if there is none. */
export function causeFromWire({ cause }: Pick<WireError, 'cause'>): { readonly cause?: unknown } {
  return cause === undefined ? {} : { cause: typeof cause === 'string' ? cause : fromWire(cause) }
}

/** Restores a sent error with its class. */
export function fromWire({ name, message, code, retryable, details, ...why }: WireError): Error {
  const options = causeFromWire(why)
  if (code === undefined) return Object.assign(new Error(message, options), { name })
  const error = new UploadError(code, message, { ...options, retryable: retryable ?? false })
  Object.setPrototypeOf(error, (errorClasses[name] ?? UploadError).prototype)
  return Object.assign(error, details, { name })
}
