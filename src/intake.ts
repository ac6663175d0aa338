/** What is asked of a file before an upload of it is begun, in the page or in a worker. */
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
  /** Of a page whose worker this is. */
  readonly confirmed?: number | undefined
}

export type Taken = {
  readonly file: File
  /** Bytes of it that are known to be stored. @default 0 */
  readonly confirmed?: number | undefined
  readonly identity: Identity
  readonly params: Params
  readonly signal: AbortSignal | undefined
  readonly handle: FileSystemFileHandle | undefined
}

/** What comes with a file. */
type Origin = Pick<Given, 'handle' | 'relativePath'> & { readonly file: Blob & Partial<File> }

/** @throws TypeError where it is no file, UploadError where the options do not let it in. */
export function takeIn(given: File | Blob | PickedFile, options: Given): Taken {
  const origin: Origin = isPicked(given) ? given : { file: given }
  const picked = requireFile(origin.file)
  // As FormData has it (HTML, "constructing the entry list").
  if (!picked.name && !picked.size) throw new UploadError('not-accepted', 'no file was chosen')
  const { params = {}, signal, handle = origin.handle, name = null, confirmed } = options
  // As that of a File: half of a pair of surrogates is no text for a server.
  const named = name === null ? undefined : new File([], name).name
  // Of the one that was given: what is made of it has no path.
  const { relativePath = origin.relativePath ?? origin.file.webkitRelativePath } = options
  const identity = identify(picked, relativePath, named)
  // By either name: an application's own need not have an extension.
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
 * An interrupted upload's file again: the one that was picked, or that of the handle.
 *
 * @throws FileChangedError where it is another one, TypeError where there is none.
 */
export function takeAgain(
  { identity, params, confirmed, handle: kept }: Pick<Taken, 'identity' | 'params' | 'handle' | 'confirmed'>,
  file: File | undefined,
  { signal, handle = kept }: Pick<Given, 'signal' | 'handle'> = {},
): Omit<Taken, 'file'> & { readonly file: File | Promise<File> } {
  const source = file || handle === undefined ? requireSame(identity, file) : reopen(handle, identity)
  return { file: source, identity, params, confirmed, signal: requireSignal(signal), handle }
}

/** `null` is none, as with `fetch`. @throws TypeError where it is something else, such as an AbortController. */
function requireSignal(signal: AbortSignal | null | undefined): AbortSignal | undefined {
  if (signal) requireMethods('signal', signal, ['addEventListener'])
  return signal ?? undefined
}
