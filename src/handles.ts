/**
 * File handles (WICG File System Access). With a handle, an upload can go on without the user picking the file again.
 */
import { FileUnreadableError } from './errors.ts'
import { requireSame } from './identity.ts'
import type { Identity } from './ports.ts'

/** Missing from TypeScript's DOM library because only Chromium has it. */
type AskingHandle = FileSystemFileHandle & {
  requestPermission?(descriptor: { readonly mode: 'read' }): Promise<PermissionState>
}

/**
 * Opens the file again. After a reload the browser first asks the user, and only inside a click, so call this in the
 * click's own turn.
 *
 * Rejects with `FileUnreadableError` if the user refuses, the browser cannot ask, or the file is gone. Rejects with
 * `FileChangedError` if its size or date has changed.
 */
async function openHandle(handle: AskingHandle, identity: Identity): Promise<File> {
  const file = await allowed(handle).catch((cause: unknown) => {
    throw new FileUnreadableError(identity.name, { cause })
  })
  return requireSame(identity, file)
}

/** Outside a click the browser rejects (Chromium: SecurityError) instead of asking. */
async function allowed(handle: AskingHandle): Promise<File> {
  const permission = (await handle.requestPermission?.({ mode: 'read' })) ?? 'granted'
  if (permission !== 'granted') throw new Error(`permission: ${permission}`)
  return handle.getFile()
}

/**
 * The run that awaits the file handles a failure. Until then the empty `catch` keeps it from being an unhandled
 * rejection.
 */
export function reopen(handle: FileSystemFileHandle, identity: Identity): Promise<File> {
  const file = openHandle(handle, identity)
  file.catch(() => {})
  return file
}
