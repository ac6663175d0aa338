/** Whether a file is still what was picked. */
import { FileUnreadableError, UploadError } from './errors.ts'

/**
 * Rejects with `FileUnreadableError` where the last byte cannot be read. Of a file that has become shorter Firefox reads as far as
 * it goes, without an error.
 */
export async function requireByte(last: Blob, name: string): Promise<void> {
  const { byteLength } = await last.arrayBuffer().catch((cause: unknown) => {
    throw new FileUnreadableError(name, { cause })
  })
  if (byteLength === 0) throw new FileUnreadableError(name)
}

/** Rejects with `FileUnreadableError` where one of the bytes cannot be read: a disk may be broken in one place. */
export async function requireBytes(bytes: Blob, name: string, signal: AbortSignal): Promise<void> {
  await bytes
    .stream()
    .pipeTo(new WritableStream(), { signal })
    .catch((cause: unknown) => {
      throw new FileUnreadableError(name, { cause })
    })
}

/**
 * A list of dropped files (`DataTransfer.files`) has folders too, each as a file that nobody can read: picking it again would not help.
 * Looked at only where the name has no extension, for most files have one: what follows a dot in "v1.2", "2026.11.26" or "J. Smith" is none.
 */
export async function requireNoFolder(file: File): Promise<void> {
  const { size } = file
  if (size > 0 && (file.type || /.\.[a-z]\w{0,4}$/i.test(file.name))) return
  // Chromium looks at a picked file when its size is asked for: one that is gone by then is of no byte, and so is each slice of it.
  const firstByte = size > 0 ? file.slice(0, 1) : file
  await firstByte.arrayBuffer().catch((cause: unknown) => {
    throw new UploadError('not-accepted', `"${file.name}" is gone, or a folder: use filesOf()`, { cause })
  })
}
