/** Where files come from: drops, pastes, folders, pickers. They are found one after the other, however many there are. */
import { FileUnreadableError, inWords } from './errors.ts'

/** A file that was picked, dropped or pasted. */
export type PickedFile = {
  readonly file: File
  /** Where the browser gives one (Chromium): with it, a reload does not need the file to be picked again. */
  readonly handle: FileSystemFileHandle | undefined
  /** From the folder that was picked, such as `photos/2026/a.jpg`; `''` for a file that was picked by itself. */
  readonly relativePath: string
}

/** What `filesOf` finds files in. */
export type FileSource = DataTransfer | FileSystemDirectoryHandle | FileSystemFileHandle | Iterable<File>

/** Of one root; files that cannot be read are noted, and the others go on. */
type Walk = (unreadable: FileUnreadableError[]) => AsyncIterable<PickedFile>

/** Not in TypeScript's DOM library: only Chromium has it. */
type HandleItem = DataTransferItem & { getAsFileSystemHandle?(): Promise<FileSystemHandle | null> }

/**
 * The files of a drop, of a paste (`event.clipboardData`), of a directory handle or of an input's list, folders walked to
 * their ends, with their handles where the browser gives them. For a drop or a paste it has to be called in the event's
 * own turn; the iteration may come later, once. `null` has no files.
 *
 * The iteration throws an AggregateError of `FileUnreadableError`s when it has given all files that can be read, if there
 * were others.
 *
 * @throws TypeError for anything else.
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
  // At once: after the event's turn a DataTransfer has nothing to give any more.
  return walkAll(walksOf(source))
}

/**
 * `filesOf` a drop, when all of its files are known.
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

/** The file of a handle. Rejects with `FileUnreadableError` where it is gone or may not be read. */
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

/** @param folder Where it is, with its last slash. */
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

/** The older way, which Firefox and Safari have (WICG File and Directory Entries API). */
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

/** A reader gives at most so many at once (Chromium: 100), and an empty list at the end. */
async function entriesOf(entry: FileSystemEntry): Promise<readonly FileSystemEntry[]> {
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  let all: readonly FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    )
    if (some.length === 0) return all
    // Safari gives them all in one go, which may be more than a call takes arguments.
    all = all.concat(some)
  }
}

function isFileEntry(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function asUnreadable(error: unknown, path: string): FileUnreadableError {
  return error instanceof FileUnreadableError ? error : new FileUnreadableError(path, { cause: error })
}
