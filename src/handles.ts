/** Files by their handles (WICG File System Access): with one, an upload goes on without the file being picked again. */
import { FileChangedError, FileUnreadableError } from './errors.ts'
import { differs, identify, sameIdentity } from './identity.ts'
import type { Identity } from './ports.ts'

/** Not in TypeScript's DOM library: only Chromium has it. */
type AskingHandle = FileSystemFileHandle & {
  requestPermission?(descriptor: { readonly mode: 'read' }): Promise<PermissionState>
}

/**
 * Opens the file again. After a reload the browser asks the user first, which it does only inside a click: so this has to
 * be called in the click's own turn.
 *
 * Rejects with `FileUnreadableError` where the user says no or the file is gone, with `FileChangedError` where it is not
 * the same by size or date any more.
 */
export async function openHandle(handle: AskingHandle, identity: Identity): Promise<File> {
  const permission = (await handle.requestPermission?.({ mode: 'read' })) ?? 'granted'
  if (permission !== 'granted')
    throw new FileUnreadableError(identity.name, { cause: `permission: ${permission}` })
  const file = await handle.getFile().catch((cause: unknown) => {
    throw new FileUnreadableError(identity.name, { cause })
  })
  // A file that a handle gives does not know in which folder it was picked.
  const found = { ...identify(file), relativePath: identity.relativePath }
  if (!sameIdentity(identity, found)) throw new FileChangedError(differs(identity, found))
  return file
}

/** A failure belongs to the run that asks for the file, and until one does it is nobody's. */
export function reopen(handle: FileSystemFileHandle, identity: Identity): Promise<File> {
  const file = openHandle(handle, identity)
  file.catch(() => {})
  return file
}

/** A file that was picked or dropped, with its handle where the browser gives one. */
export type PickedFile = { readonly file: File; readonly handle: FileSystemFileHandle | undefined }

type HandleItem = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> }

/**
 * The files of a drop, with their handles where the browser gives them (Chromium). Has to be called in the drop event's
 * own turn. Folders are left out.
 *
 * @example
 * ```ts
 * zone.addEventListener('drop', async (event) => {
 *   event.preventDefault()
 *   for (const { file, handle } of await droppedFiles(event.dataTransfer)) uploader.uploadFile(file, { handle })
 * })
 * ```
 */
export async function droppedFiles(dataTransfer: DataTransfer | null): Promise<readonly PickedFile[]> {
  const items: readonly HandleItem[] = [...(dataTransfer?.items ?? [])].filter(({ kind }) => kind === 'file')
  const picked = await Promise.all(items.map(pickedFrom))
  return picked.filter((one) => one !== undefined)
}

async function pickedFrom(item: HandleItem): Promise<PickedFile | undefined> {
  // Both are asked for at once: after the event's turn the item has nothing to give any more.
  const file = item.getAsFile()
  const handle = await item.getAsFileSystemHandle?.().catch(() => null)
  if (handle?.kind === 'directory' || file === null) return undefined
  return { file, handle: isFileHandle(handle) ? handle : undefined }
}

function isFileHandle(handle: FileSystemHandle | null | undefined): handle is FileSystemFileHandle {
  return handle?.kind === 'file'
}
