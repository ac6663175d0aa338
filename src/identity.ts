/** What file it is, and under which key its upload is kept. */
import { canonical } from './canonical.ts'
import { FileChangedError, UploadError } from './errors.ts'
import { requireFile } from './options.ts'
import type { Identity, Params } from './ports.ts'
import { isUnderWay, type UploadState } from './state.ts'

/**
 * @param relativePath Where the file was found, for a file that does not know it: one of a drop or of a handle.
 * @param name The application's own name for it.
 */
export function identify(file: File, relativePath?: string, name: string = file.name): Identity {
  return {
    name,
    ...(name !== file.name && { ownName: file.name }),
    // Missing on files that a page has made itself in engines without directory picking.
    relativePath: relativePath ?? file.webkitRelativePath ?? '',
    size: file.size,
    lastModified: file.lastModified,
    type: file.type,
  }
}

/** What tells a file from others. Chromium may tell the type of a film (.mov) in a drop, and not by its handle (crbug.com/422124053). */
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
 * One that was picked by itself does not know its folder.
 *
 * @returns The file, as one of this page's.
 * @throws FileChangedError where it is another file, TypeError where it is none.
 */
export function requireSame(identity: Identity, file: File | undefined): File {
  const ours = requireFile(file)
  const name = ours.name === identity.ownName ? identity.name : ours.name
  // Of the one that was given: what is made of it has no path.
  const found = identify(ours, file?.webkitRelativePath || identity.relativePath, name)
  if (!sameIdentity(identity, found)) throw new FileChangedError(differs(identity, found))
  return ours
}

type Busy = { readonly state: UploadState; readonly file: File | Promise<File> }

/**
 * Two recorders may give their files one name, size and date: where an upload is at one of them, the other is not taken for it.
 *
 * @throws UploadError where it is at another one. A worker, for which every message makes another object of a file, looks at the content
 * of that upload's.
 */
export function requireItsOwn(upload: Busy, file: File | Promise<File>): void {
  const own = upload.file
  if (!isUnderWay(upload.state) || !(own instanceof File && file instanceof File) || own === file) return
  const message = `"${file.name}" has the name, size and date of another file that is being uploaded`
  throw Object.assign(new UploadError('in-use', message), { upload })
}

/** A number that no date has may have been stored. */
function dateInWords(date: number): string {
  return Math.abs(date) > 8.64e15 ? String(date) : new Date(date).toISOString()
}

/** Which file was expected, and which came. */
function differs(expected: Identity, got: Identity): string {
  const of = ({ relativePath, name, size, lastModified }: Identity): string =>
    `"${relativePath || name}" (${size} bytes, changed ${dateInWords(lastModified)})`
  return `Expected ${of(expected)}, got ${of(got)}`
}
