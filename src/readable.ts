/** Checks whether a picked file can still be read. */
import { FileUnreadableError, UploadError } from './errors.ts'

/**
 * Rejects with `FileUnreadableError` if the last byte cannot be read. Firefox reads a file that has become shorter up
 * to its new end, without an error.
 */
export async function requireByte(last: Blob, name: string): Promise<void> {
  const { byteLength } = await last.arrayBuffer().catch((cause: unknown) => {
    throw new FileUnreadableError(name, { cause })
  })
  if (byteLength === 0) throw new FileUnreadableError(name)
}

/** Rejects with `FileUnreadableError` if any byte cannot be read: a disk may be broken in one place. */
export async function requireBytes(bytes: Blob, name: string, signal: AbortSignal): Promise<void> {
  await bytes
    .stream()
    .pipeTo(new WritableStream(), { signal })
    .catch((cause: unknown) => {
      throw new FileUnreadableError(name, { cause })
    })
}

/**
 * `DataTransfer.files` lists dropped folders too, each as a file that nobody can read, and picking it again would not
 * help. Non-empty files with a type or an extension are not looked at, since most have one. The text after the dot in
 * "v1.2", "2026.11.26" or "J. Smith" is no extension.
 */
export async function requireNoFolder(file: File): Promise<void> {
  const { size } = file
  if (size > 0 && (file.type || /.\.[a-z]\w{0,4}$/i.test(file.name))) return
  // Chromium looks at a picked file when its size is asked for. A file that is gone by then is empty, and so are its
  // slices.
  const firstByte = size > 0 ? file.slice(0, 1) : file
  await firstByte.arrayBuffer().catch((cause: unknown) => {
    throw new UploadError('not-accepted', `"${file.name}" is gone, or a folder: use filesOf()`, { cause })
  })
}
