/** Many files at once: what becomes of each is told, and none stands in the way of the others. */
import { breath } from './breath.ts'
import { FileUnreadableError, inWords, toUploadError, UploadError } from './errors.ts'
import { requireWhole } from './options.ts'
import type { UploadResult } from './ports.ts'
import { fileOfHandle, isHandle, isPicked, type PickedFile } from './sources.ts'
import type { Upload, UploadLike } from './upload.ts'
import type { UploadFileOptions } from './uploader.ts'

/** A file in any of its forms. */
export type AnyFile = File | Blob | PickedFile | FileSystemFileHandle

/** The options of `uploadFiles`: they hold for each of the files. */
export type UploadFilesOptions = Omit<UploadFileOptions, 'name' | 'handle' | 'relativePath'> & {
  /** How many of the list are taken at most; those that are refused for other reasons do not count. @default no limit */
  readonly maxFiles?: number | undefined
}

/** What has become of one file. `name`: with its path, where it has one. `refused`: nothing of it was sent. */
export type FileOutcome<One extends UploadLike = Upload> =
  | { readonly status: 'done'; readonly name: string; readonly upload: One; readonly result: UploadResult }
  | { readonly status: 'failed'; readonly name: string; readonly upload: One; readonly error: UploadError }
  | { readonly status: 'cancelled'; readonly name: string; readonly upload: One; readonly reason: unknown }
  | { readonly status: 'refused'; readonly name: string; readonly error: UploadError }

/** How many files have come to which end, and each of them. */
export type UploadSummary<One extends UploadLike = Upload> = {
  readonly [Status in FileOutcome['status']]: number
} & {
  /** One for each file of the list, in its order, and then what of a folder cannot be read. After `Uploader.stop` those that had come. */
  readonly outcomes: readonly FileOutcome<One>[]
}

/** A file of which nothing was sent. */
export type RefusedFile = Extract<FileOutcome, { status: 'refused' }>

/** Awaiting it gives the uploads, when all of them have begun; `settled()` waits until they have ended. */
export type UploadBatch<One extends UploadLike = Upload> = Promise<readonly One[]> & {
  /** What was not let in or cannot be read, known when the others have begun. Rejects as awaiting the batch does. */
  refused(): Promise<readonly RefusedFile[]>
  /**
   * What has become of each file: when every upload is done, has failed for the first time, or was cancelled. One that
   * is paused is waited for. Does not reject because of a file; it rejects with what awaiting the batch rejects with.
   */
  settled(): Promise<UploadSummary<One>>
}

type Batch<One> = {
  readonly files: Iterable<AnyFile> | AsyncIterable<AnyFile>
  readonly options: UploadFilesOptions
  readonly now: () => number
  /** Whether nothing is to be begun any more. */
  isOver(): boolean
  upload(file: Exclude<AnyFile, FileSystemFileHandle>, options: UploadFileOptions): One
}

/** Milliseconds of work between two breaths. */
const slice = 8

/** @throws TypeError where it gets no list, RangeError or TypeError for a `maxFiles` that makes no sense. */
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
    // An input's list is emptied by the page that lets the same file be picked again.
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

/** Misuse is thrown. */
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

/** What a folder could not give, as `filesOf` tells it at its end. */
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
      // A cancel's own reason: who hears of a failure may cancel it at once.
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
