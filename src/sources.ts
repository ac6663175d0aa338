/** Finds files in drops, pastes, folders and pickers, one after the other, however many there are. */
import { FileUnreadableError, inWords } from './errors.ts'

/** A file that was picked, dropped or pasted. */
export type PickedFile = {
  /** The file itself. */
  readonly file: File
  /** The file's handle, if the browser gives one (Chromium). With it, the file need not be picked again after a reload. */
  readonly handle: FileSystemFileHandle | undefined
  /** The path that begins with the picked folder, such as `photos/2026/a.jpg`. `''` for a file that was picked by itself. */
  readonly relativePath: string
}

/** The sources in which `filesOf` finds files. */
export type FileSource = DataTransfer | FileSystemDirectoryHandle | FileSystemFileHandle | Iterable<File>

/** Walks one root. It notes files that cannot be read, and goes on with the others. */
type Walk = (unreadable: FileUnreadableError[]) => AsyncIterable<PickedFile>

/** Not in TypeScript's DOM library: only Chromium has it. */
type HandleItem = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> }

/**
 * Finds the files of a drop, a paste (`event.clipboardData`), a handle or an input's list, with their handles if the
 * browser gives them. Folders are walked to their ends. For a drop or a paste, call it directly in the event's handler; the
 * result can be iterated later, once. `null` has no files.
 *
 * If some files cannot be read, the iteration throws an AggregateError of `FileUnreadableError`s after it has given all
 * the others.
 *
 * @throws TypeError for any other source.
 *
 * @example
 * ```ts
 * zone.addEventListener('drop', (event) => {
 *   event.preventDefault()
 *   uploader.uploadFiles(filesOf(event.dataTransfer))
 * })
 * ```
 */
export function filesOf(source: FileSource | null): AsyncIterable<PickedFile> {
  // At once, because a DataTransfer is empty after its event's turn.
  return walkAll(walksOf(source))
}

/**
 * Finds the files of a drop, as `filesOf` does, and resolves when all are known. Rejects with an AggregateError of
 * `FileUnreadableError`s if some cannot be read.
 *
 * @example
 * ```ts
 * zone.addEventListener('drop', async (event) => {
 *   event.preventDefault()
 *   for (const picked of await droppedFiles(event.dataTransfer)) uploader.uploadFile(picked)
 * })
 * ```
 */
export async function droppedFiles(dataTransfer: DataTransfer | null): Promise<readonly PickedFile[]> {
  const picked: PickedFile[] = []
  for await (const one of filesOf(dataTransfer)) picked.push(one)
  return picked
}

/** Opens the file of a handle. Rejects with `FileUnreadableError` if it is gone or may not be read. */
export async function fileOfHandle(handle: FileSystemFileHandle, relativePath = ''): Promise<PickedFile> {
  const file = await handle.getFile().catch((cause: unknown) => {
    throw new FileUnreadableError(relativePath || handle.name, { cause })
  })
  return { file, handle, relativePath }
}

export function isPicked(value: unknown): value is PickedFile {
  return 'file' in Object(value)
}

export function isHandle(value: unknown): value is FileSystemDirectoryHandle | FileSystemFileHandle {
  return 'kind' in Object(value)
}

function walksOf(source: FileSource | null): readonly Walk[] {
  if (source === null) return []
  const type = typeof source
  if (type !== 'object') throw new TypeError(`Expected \`source\` to hold files, got ${inWords(source)}`)
  if (isHandle(source)) return [(unreadable) => ofHandle(source, '', unreadable)]
  if (Symbol.iterator in source) return [...source].map((file) => () => ofFile(file))
  if ('items' in source) return [...source.items].filter(({ kind }) => kind === 'file').map(ofItem)
  throw new TypeError(`Expected \`source\` to hold files, got ${inWords(source)}`)
}

async function* walkAll(walks: readonly Walk[]): AsyncGenerator<PickedFile> {
  const unreadable: FileUnreadableError[] = []
  for (const walk of walks) yield* walk(unreadable)
  if (unreadable.length > 0)
    throw new AggregateError(unreadable, `${unreadable.length} of what was picked cannot be read`)
}

async function* ofFile(file: File): AsyncGenerator<PickedFile> {
  yield { file, handle: undefined, relativePath: file.webkitRelativePath ?? '' }
}

function ofItem(item: HandleItem): Walk {
  const file = item.getAsFile()
  const entry = item.webkitGetAsEntry?.()
  const asked = item.getAsFileSystemHandle?.().catch(() => null)
  return async function* (unreadable) {
    const handle = await asked
    if (handle && isHandle(handle) && (handle.kind === 'directory' || file === null))
      yield* ofHandle(handle, '', unreadable)
    else if (entry?.isDirectory) yield* ofEntry(entry, '', unreadable)
    else if (file !== null) yield { file, handle: asFile(handle), relativePath: '' }
  }
}

function asFile(handle: FileSystemHandle | null | undefined): FileSystemFileHandle | undefined {
  return handle && isHandle(handle) && handle.kind === 'file' ? handle : undefined
}

/** @param folder The path of its folder, with the last slash. */
async function* ofHandle(
  handle: FileSystemDirectoryHandle | FileSystemFileHandle,
  folder: string,
  unreadable: FileUnreadableError[],
): AsyncGenerator<PickedFile> {
  const path = folder + handle.name
  try {
    if (handle.kind === 'file') return yield await fileOfHandle(handle, folder && path)
    for await (const inner of handle.values()) {
      if (isHandle(inner)) yield* ofHandle(inner, `${path}/`, unreadable)
    }
  } catch (error) {
    unreadable.push(asUnreadable(error, path))
  }
}

/** The older interface, which Firefox and Safari have (WICG File and Directory Entries API). */
async function* ofEntry(
  entry: FileSystemEntry,
  folder: string,
  unreadable: FileUnreadableError[],
): AsyncGenerator<PickedFile> {
  const path = folder + entry.name
  try {
    if (isFileEntry(entry)) {
      const file = await new Promise<File>((resolve, reject) => entry.file(resolve, reject))
      return yield { file, handle: undefined, relativePath: path }
    }
    for (const inner of await entriesOf(entry)) yield* ofEntry(inner, `${path}/`, unreadable)
  } catch (error) {
    unreadable.push(asUnreadable(error, path))
  }
}

/** A reader gives a limited number of entries per call (Chromium: 100), and an empty list at the end. */
async function entriesOf(entry: FileSystemEntry): Promise<readonly FileSystemEntry[]> {
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  let all: readonly FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return all
    // Not push(...some): Safari gives all entries at once, which may be more than a call takes arguments.
    all = all.concat(some)
  }
}

function isFileEntry(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function asUnreadable(error: unknown, path: string): FileUnreadableError {
  return error instanceof FileUnreadableError ? error : new FileUnreadableError(path, { cause: error })
}
