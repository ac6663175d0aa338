import { leftFile } from './left-file.ts'
import { uploadList } from './upload-list.ts'
import type { LeftUpload } from './use-left-uploads.ts'

/** Resumes with the stored handle. Has to be called in a click's own turn, because the browser asks the user. */
export function resumeByHandle({ upload, backend }: LeftUpload): void {
  // Looked up now: when the upload is done, its checkpoint is gone, and the handle with it.
  const kept = leftFile(upload)
  kept.catch(() => {})
  const read = async (): Promise<File> => {
    const file = await kept
    if (file === undefined) throw new Error('The browser cannot open the file again.')
    return file()
  }
  uploadList.adopt(upload.resume(), read, backend)
}

/** Resumes with a file that was picked again. @throws FileChangedError if it is another file. Nothing is lost then. */
export function resumeWith(
  { upload, backend }: LeftUpload,
  file: File,
  handle: FileSystemFileHandle | undefined,
): void {
  uploadList.adopt(upload.resume(file, handle && { handle }), async () => file, backend)
}
