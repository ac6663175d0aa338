/** What identifies a file, and the key under which its upload is kept. */
import { canonical } from './canonical.ts'
import { FileChangedError, UploadError } from './errors.ts'
import { requireFile } from './options.ts'
import type { Identity, Params } from './ports.ts'
import { isUnderWay, type UploadState } from './state.ts'

/**
 * @param relativePath Where the file was found, if it does not know that itself, as in a drop or from a handle.
 * @param name The application's own name for it.
 */
export function identify(file: File, relativePath?: string, name: string = file.name): Identity {
  return {
    name,
    ...(name !== file.name && { ownName: file.name }),
    // Missing on files that a page made itself, in engines without directory picking.
    relativePath: relativePath ?? file.webkitRelativePath ?? '',
    size: file.size,
    lastModified: file.lastModified,
    type: file.type,
  }
}

/**
 * What tells a file from others. Not its type: Chromium may tell that of a film (.mov) in a drop, but not through its
 * handle (crbug.com/422124053).
 */
function traits({ relativePath, name, size, lastModified }: Identity): readonly unknown[] {
  return [relativePath, name, size, lastModified]
}

export function sameIdentity(a: Identity, b: Identity): boolean {
  return canonical(traits(a)) === canonical(traits(b))
}

/**
 * The key of an upload's checkpoint. The params belong to it: the same file sent into another album is another upload,
 * and must not end in the first one's.
 */
export function checkpointKey(scope: string, backend: string, identity: Identity, params: Params): string {
  return canonical([scope, backend, ...traits(identity), identity.type, params])
}

/**
 * A file that was picked by itself does not know its folder, so its stored path counts.
 *
 * @returns The file, as one of this page's.
 * @throws FileChangedError if it is another file, TypeError if it is none.
 */
export function requireSame(identity: Identity, file: File | undefined): File {
  const ours = requireFile(file)
  const name = ours.name === identity.ownName ? identity.name : ours.name
  // From the given file: the one that `requireFile` may make of it has no path.
  const found = identify(ours, file?.webkitRelativePath || identity.relativePath, name)
  if (!sameIdentity(identity, found)) throw new FileChangedError(differs(identity, found))
  return ours
}

type Busy = { readonly state: UploadState; readonly file: File | Promise<File> }

/**
 * Two recorders may give their files the same name, size and date. While an upload works on one of them, the other must
 * not be taken for it.
 *
 * @throws UploadError if the upload works on another file. In a worker every message makes a new object of a file, so
 * the worker compares the content of both.
 */
export function requireItsOwn(upload: Busy, file: File | Promise<File>): void {
  const own = upload.file
  if (!isUnderWay(upload.state) || !(own instanceof File && file instanceof File) || own === file) return
  const message = `"${file.name}" has the name, size and date of another file that is being uploaded`
  throw Object.assign(new UploadError('in-use', message), { upload })
}

/** A stored number may be outside the range of dates. */
function dateInWords(date: number): string {
  return Math.abs(date) > 8.64e15 ? String(date) : new Date(date).toISOString()
}

/** Says which file was expected, and which came. */
function differs(expected: Identity, got: Identity): string {
  const of = ({ relativePath, name, size, lastModified }: Identity): string =>
    `"${relativePath || name}" (${size} bytes, changed ${dateInWords(lastModified)})`
  return `Expected ${of(expected)}, got ${of(got)}`
}
