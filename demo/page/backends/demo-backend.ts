import type { Uploader, UploadResult } from 'longhaul'

/** One of the protocols, as the page uses it. */
export type DemoBackend = {
  readonly name: string
  /** Its name for people. */
  readonly label: string
  /** What it is, in a sentence or two. */
  readonly about: string
  /** All the code that an application writes. */
  readonly code: string
  readonly uploader: Uploader
  /** Where the stored bytes can be read. Asked for anew every time, because signed URLs expire. */
  locate(result: UploadResult): Promise<string>
  /** Where a browser can download them under the file's name without anything else. */
  link?(result: UploadResult): string
  /** The SHA-256 of the stored bytes, if the server computes it, so that the page need not read them all. */
  sha256?(result: UploadResult, signal: AbortSignal): Promise<string>
}
