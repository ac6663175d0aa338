/** Uploads many files at once and says what became of each. No file stops the others. */
import { breath } from './breath.ts'
import { FileUnreadableError, inWords, toUploadError, UploadError } from './errors.ts'
import { requireWhole } from './options.ts'
import type { UploadResult } from './ports.ts'
import { fileOfHandle, isHandle, isPicked, type PickedFile } from './sources.ts'
import type { Upload, UploadLike } from './upload.ts'
import type { UploadFileOptions } from './uploader.ts'

/** A file in any form that `uploadFiles` takes. */
export type AnyFile = File | Blob | PickedFile | FileSystemFileHandle

/** The options of `uploadFiles`. They apply to each file. */
export type UploadFilesOptions = Omit<UploadFileOptions, 'name' | 'handle' | 'relativePath'> & {
  /**
   * The most files of this list that are uploaded, a whole number from 0 on. Files that are refused for other reasons do
   * not count. Further files are refused with the code `too-many`. @default no limit
   */
  readonly maxFiles?: number | undefined
}

/**
 * What became of one file. `name` includes the file's path, if it has one. `refused`: nothing of it was sent. `failed`: the
 * upload can be resumed. `cancelled`: `reason` is that of the cancel.
 */
export type FileOutcome<One extends UploadLike = Upload> =
  | { readonly status: 'done'; readonly name: string; readonly upload: One; readonly result: UploadResult }
  | { readonly status: 'failed'; readonly name: string; readonly upload: One; readonly error: UploadError }
  | { readonly status: 'cancelled'; readonly name: string; readonly upload: One; readonly reason: unknown }
  | { readonly status: 'refused'; readonly name: string; readonly error: UploadError }

/** How many files ended in which way, and the outcome of each. */
export type UploadSummary<One extends UploadLike = Upload> = {
  readonly [Status in FileOutcome['status']]: number
} & {
  /**
   * One outcome per file, in the order of the list. Entries of folders that cannot be read follow. After `Uploader.stop`
   * only the files that had been added by then.
   */
  readonly outcomes: readonly FileOutcome<One>[]
}

/** A file of which nothing was sent, and why. */
export type RefusedFile = Extract<FileOutcome, { status: 'refused' }>

/** The result of `uploadFiles`. Awaiting it gives the uploads once all have started. `settled()` waits until they have ended. */
export type UploadBatch<One extends UploadLike = Upload> = Promise<readonly One[]> & {
  /**
   * Resolves once the other uploads have started, with those that the options do not allow or that cannot be read. Rejects as
   * awaiting the batch does.
   */
  refused(): Promise<readonly RefusedFile[]>
  /**
   * Resolves with the outcome of each file once every upload is done, has failed for the first time, or was cancelled. It
   * waits for paused uploads. It never rejects because of a file, only as awaiting the batch does.
   */
  settled(): Promise<UploadSummary<One>>
}

type Batch<One> = {
  readonly files: Iterable<AnyFile> | AsyncIterable<AnyFile>
  readonly options: UploadFilesOptions
  readonly now: () => number
  /** Whether no further upload may begin. */
  isOver(): boolean
  upload(file: Exclude<AnyFile, FileSystemFileHandle>, options: UploadFileOptions): One
}

/** Milliseconds of work between two breaths. */
const slice = 8

/** @throws TypeError if `files` is no list, TypeError or RangeError for a wrong `maxFiles`. */
export function uploadAll<One extends UploadLike>(batch: Batch<One>): UploadBatch<One> {
  const list = Object(batch.files)
  if (!list[Symbol.iterator] && !list[Symbol.asyncIterator])
    throw new TypeError(`Expected \`files\` to be a list of files, got ${inWords(batch.files)}`)
  if (batch.options.maxFiles !== undefined) requireWhole('maxFiles', batch.options.maxFiles, 0)
  const entries: (One | RefusedFile)[] = []
  const begun = begin(batch, entries).then(() => entries.filter(isUpload))
  const settled = async (): Promise<UploadSummary<One>> => {
    await begun
    return summary(await Promise.all(entries.map((one) => (isUpload(one) ? outcomeOf(one) : one))))
  }
  const refused = async (): Promise<readonly RefusedFile[]> => {
    await begun
    return entries.filter(isRefused)
  }
  return Object.assign(begun, { refused, settled })
}

async function begin<One extends UploadLike>(
  { files, options, now, isOver, upload }: Batch<One>,
  entries: (One | RefusedFile)[],
): Promise<void> {
  const { maxFiles = Number.POSITIVE_INFINITY, ...each } = options
  let since = now()
  let taken = 0
  try {
    // Copied, because a page empties an input's list to let the same file be picked again.
    for await (const file of Symbol.asyncIterator in files ? files : [...files]) {
      if (isOver()) break
      // Not an Upload out of an async function: awaiting that would await its end.
      const picked = isHandle(file) ? await fileOfHandle(file).catch(refusedAs(file.name)) : file
      const entry = isRefused(picked) ? picked : take(picked, () => upload(picked, each), taken < maxFiles)
      entries.push(entry)
      if (isUpload(entry)) taken += 1
      if (now() - since < slice) continue
      await breath()
      since = now()
    }
  } catch (error) {
    entries.push(...unreadable(error))
  }
}

/** An `UploadError` refuses this file only. Misuse is thrown. */
function take<One>(picked: File | Blob | PickedFile, begin: () => One, hasRoom: boolean): One | RefusedFile {
  const name = nameOf(picked)
  if (!hasRoom) return refusedAs(name)(new UploadError('too-many', `"${name}" is one file too many`))
  try {
    return begin()
  } catch (error) {
    if (error instanceof UploadError) return refusedAs(name)(error)
    throw error
  }
}

/** The files of folders that cannot be read, which `filesOf` throws at its end. */
function unreadable(error: unknown): readonly RefusedFile[] {
  if (!(error instanceof AggregateError)) throw error
  return error.errors.map((one) => refusedAs(one instanceof FileUnreadableError ? one.file : '')(one))
}

function refusedAs(name: string): (error: unknown) => RefusedFile {
  return (error) => ({ status: 'refused', name, error: toUploadError(error) })
}

function nameOf(picked: File | Blob | PickedFile): string {
  if (isPicked(picked)) return picked.relativePath || picked.file.name
  const { webkitRelativePath, name = 'blob' }: Partial<File> = Object(picked)
  return webkitRelativePath || name
}

function outcomeOf<One extends UploadLike>(upload: One): Promise<FileOutcome<One>> {
  const { relativePath, name: own } = upload.identity
  const name = relativePath || own
  return upload.then(
    (result) => ({ status: 'done', name, upload, result }),
    (reason) =>
      // Compared with the cancel's own reason: a listener of the failure may have cancelled the upload at once.
      (upload.state as { readonly reason?: unknown }).reason === reason
        ? { status: 'cancelled', name, upload, reason }
        : { status: 'failed', name, upload, error: toUploadError(reason) },
  )
}

function summary<One extends UploadLike>(outcomes: readonly FileOutcome<One>[]): UploadSummary<One> {
  const counts = { done: 0, failed: 0, cancelled: 0, refused: 0 }
  for (const { status } of outcomes) counts[status] += 1
  return { ...counts, outcomes }
}

function isUpload<One>(entry: One | RefusedFile): entry is One {
  return !isRefused(entry)
}

function isRefused(entry: unknown): entry is RefusedFile {
  return 'status' in Object(entry)
}
