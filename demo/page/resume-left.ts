import { leftFile } from './left-file.ts'
import { uploadList } from './upload-list.ts'
import type { LeftUpload } from './use-left-uploads.ts'

/** Goes on by the handle that was kept. It has to be called in a click's own turn: the browser asks the user. */
export function resumeByHandle({ upload, backend }: LeftUpload): void {
  // Looked for now: when the upload is done, its checkpoint is gone, and the handle with it.
  const kept = leftFile(upload)
  kept.catch(() => {})
  const read = async (): Promise<File> => {
    const file = await kept
    if (file === undefined) throw new Error('The browser cannot open the file again.')
    return file()
  }
  uploadList.adopt(upload.resume(), read, backend)
}

/** Goes on with the file that was picked again. @throws FileChangedError where it is another one. Nothing is lost then. */
export function resumeWith(
  { upload, backend }: LeftUpload,
  file: File,
  handle: FileSystemFileHandle | undefined,
): void {
  uploadList.adopt(upload.resume(file, handle && { handle }), async () => file, backend)
}
