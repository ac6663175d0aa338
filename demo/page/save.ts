import type { UploadResult } from 'longhaul'
import { announce } from './announcements.ts'
import type { UploadEntry } from './upload-entry.ts'
import { stored } from './verdict.ts'
import { nameInWords } from './words.ts'

/** Saves the stored bytes under the file's name. A signed URL leads to the bytes, but not always to a download. */
export async function save({ upload, backend }: UploadEntry, result: UploadResult): Promise<void> {
  try {
    const bytes = await stored(backend, result, new AbortController().signal)
    const link = document.createElement('a')
    link.href = URL.createObjectURL(bytes)
    link.download = upload.identity.name
    link.click()
    // By then the browser has begun to read it.
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000)
  } catch (error) {
    announce(`${nameInWords(upload.identity)} could not be downloaded: ${String(error)}`)
  }
}
