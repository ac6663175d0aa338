/** Files by their handles (WICG File System Access): with one, an upload goes on without the file being picked again. */
import { FileUnreadableError } from './errors.ts'
import { requireSame } from './identity.ts'
import type { Identity } from './ports.ts'

/** Not in TypeScript's DOM library: only Chromium has it. */
type AskingHandle = FileSystemFileHandle & {
  requestPermission?(descriptor: { readonly mode: 'read' }): Promise<PermissionState>
}

/**
 * Opens the file again. After a reload the browser asks the user first, which it does only inside a click: so this has to
 * be called in the click's own turn.
 *
 * Rejects with `FileUnreadableError` where the user says no, cannot be asked, or the file is gone, with `FileChangedError`
 * where it is not the same by size or date any more.
 */
async function openHandle(handle: AskingHandle, identity: Identity): Promise<File> {
  const file = await allowed(handle).catch((cause: unknown) => {
    throw new FileUnreadableError(identity.name, { cause })
  })
  return requireSame(identity, file)
}

/** Outside of a click the browser rejects (Chromium: SecurityError) in place of asking. */
async function allowed(handle: AskingHandle): Promise<File> {
  const permission = (await handle.requestPermission?.({ mode: 'read' })) ?? 'granted'
  if (permission !== 'granted') throw new Error(`permission: ${permission}`)
  return handle.getFile()
}

/** A failure belongs to the run that asks for the file, and until one does it is nobody's. */
export function reopen(handle: FileSystemFileHandle, identity: Identity): Promise<File> {
  const file = openHandle(handle, identity)
  file.catch(() => {})
  return file
}
