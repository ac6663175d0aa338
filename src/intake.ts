/** Checks a file and its options before an upload of it begins, in the page or in a worker. */
import { UploadError } from './errors.ts'
import { reopen } from './handles.ts'
import { identify, requireSame } from './identity.ts'
import { type Limits, refusal } from './limits.ts'
import { requireFile, requireMethods, requireParams } from './options.ts'
import type { Identity, Params } from './ports.ts'
import { isPicked, type PickedFile } from './sources.ts'

type Given = Limits & {
  readonly params?: object | undefined
  readonly signal?: AbortSignal | undefined
  readonly name?: string | undefined
  readonly handle?: FileSystemFileHandle | undefined
  readonly relativePath?: string | undefined
  /** Passed on by a page to its worker. */
  readonly confirmed?: number | undefined
}

export type Taken = {
  readonly file: File
  /** Bytes of it known to be stored. @default 0 */
  readonly confirmed?: number | undefined
  readonly identity: Identity
  readonly params: Params
  readonly signal: AbortSignal | undefined
  readonly handle: FileSystemFileHandle | undefined
}

/** A file and what it came with. */
type Origin = Pick<Given, 'handle' | 'relativePath'> & { readonly file: Blob & Partial<File> }

/** @throws TypeError if it is no file, UploadError if the options refuse it. */
export function takeIn(given: File | Blob | PickedFile, options: Given): Taken {
  const origin: Origin = isPicked(given) ? given : { file: given }
  const picked = requireFile(origin.file)
  // FormData represents "no file chosen" as a file without a name or bytes (HTML, "constructing the entry list").
  if (!picked.name && !picked.size) throw new UploadError('not-accepted', 'no file was chosen')
  const { params = {}, signal, handle = origin.handle, name = null, confirmed } = options
  // A File replaces lone surrogates in its name, which are no text for a server.
  const named = name === null ? undefined : new File([], name).name
  // From the given file: the one that `requireFile` may make of it has no path.
  const { relativePath = origin.relativePath ?? origin.file.webkitRelativePath } = options
  const identity = identify(picked, relativePath, named)
  // Either name may pass: the application's own need not have an extension.
  const refused = refusal(picked, options) && refusal(identity, options)
  if (refused !== undefined) throw refused
  return {
    file: picked,
    identity,
    params: requireParams(params),
    confirmed,
    signal: requireSignal(signal),
    handle,
  }
}

/**
 * Gets an interrupted upload's file again: the picked one, or the one from the handle.
 *
 * @throws FileChangedError if it is another file, TypeError if there is none.
 */
export function takeAgain(
  { identity, params, confirmed, handle: kept }: Pick<Taken, 'identity' | 'params' | 'handle' | 'confirmed'>,
  file: File | undefined,
  { signal, handle = kept }: Pick<Given, 'signal' | 'handle'> = {},
): Omit<Taken, 'file'> & { readonly file: File | Promise<File> } {
  const source = file || handle === undefined ? requireSame(identity, file) : reopen(handle, identity)
  return { file: source, identity, params, confirmed, signal: requireSignal(signal), handle }
}

/** `null` means none, as with `fetch`. @throws TypeError for anything else, such as an AbortController. */
function requireSignal(signal: AbortSignal | null | undefined): AbortSignal | undefined {
  if (signal) requireMethods('signal', signal, ['addEventListener'])
  return signal ?? undefined
}
