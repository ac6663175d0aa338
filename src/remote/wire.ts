/** What the page and its worker say to each other. The application's own messages may go through the same worker. */
import { errorClasses, toUploadError, UploadError, type UploadErrorCode } from '../errors.ts'
import type { Identity, Params } from '../ports.ts'
import type { UploadState } from '../state.ts'
import type { TotalProgress } from '../totals.ts'
import type { UploadEvents } from '../upload.ts'
import type { UploadWarning } from '../warnings.ts'

/** An error without its class, which does not survive the way between threads. */
export type WireError = {
  readonly name: string
  readonly message: string
  /** Left out for what is none of ours. */
  readonly code?: UploadErrorCode
  readonly retryable?: boolean
  /** What its class adds, such as `status`. */
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

/** What is known of a file besides its bytes. */
export type WireOptions = {
  readonly params?: Params
  readonly name?: string
  readonly relativePath?: string
  /** Bytes of it that the page was told are stored. */
  readonly confirmed?: number | undefined
}

/** Which of the uploads that were left: another worker may have told of it. */
export type WireName = Pick<WireInterrupted, 'identity' | 'params'>

/** What is done with an upload that the worker knows. */
export type UploadOrder =
  | { readonly type: 'pause'; readonly finishParts: boolean }
  | {
      readonly type: 'resume'
      readonly file?: File
      readonly handle?: FileSystemFileHandle | undefined
    }
  | { readonly type: 'restart' }

/** What is done; nothing is answered. */
export type Order =
  | {
      readonly type: 'upload'
      readonly id: number
      readonly file: File
      readonly handle: FileSystemFileHandle | undefined
      readonly options: WireOptions
    }
  | (UploadOrder & { readonly id: number })
  /** Is there anybody? A worker answers when it serves. */
  | { readonly type: 'hello' }
  /** The page is shown again: what waits for the network need not wait any longer. */
  | { readonly type: 'wake' }

/** What is answered. */
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
  /** Nothing of it is under way any more, where it was cancelled not even its clean-up. */
  | { readonly type: 'end'; readonly id: number }
  /** The worker has not let it in, and knows nothing of it. */
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

/** What has been thrown, as it can be sent. */
export function toWire(thrown: unknown): WireError {
  const error = toUploadError(thrown)
  // Message and cause are not among the fields that are listed.
  const { name, code, retryable, ...own } = error
  const { message, cause } = error
  return { name, code, retryable, message, details: sendable(own), ...causeToWire(cause) }
}

/** An application's own error may have fields that no message can hold, and then nothing would be told. */
function sendable(fields: object): WireError['details'] {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => Object(value) !== value))
}

/** Left out where there is none. */
export function causeToWire(cause: unknown): Pick<WireError, 'cause'> {
  if (cause === undefined) return {}
  if (cause instanceof UploadError) return { cause: toWire(cause) }
  const { message } = toUploadError(cause)
  return { cause: cause instanceof Error ? { name: cause.name, message, details: {} } : message }
}

/** As it is given to who asks for it. */
export function causeFromWire({ cause }: Pick<WireError, 'cause'>): { readonly cause?: unknown } {
  return cause === undefined ? {} : { cause: typeof cause === 'string' ? cause : fromWire(cause) }
}

/** The same error again, of the same class. */
export function fromWire({ name, message, code, retryable, details, ...why }: WireError): Error {
  const options = causeFromWire(why)
  if (code === undefined) return Object.assign(new Error(message, options), { name })
  const error = new UploadError(code, message, { ...options, retryable: retryable ?? false })
  Object.setPrototypeOf(error, (errorClasses[name] ?? UploadError).prototype)
  return Object.assign(error, details, { name })
}
