import type { Uploader, UploadResult } from 'longhaul'

/** One of the protocols, as the page uses it. */
export type DemoBackend = {
  readonly name: string
  /** As people call it. */
  readonly label: string
  /** What it is, in a sentence or two. */
  readonly about: string
  /** All that an application writes. */
  readonly code: string
  readonly uploader: Uploader
  /** Where the stored bytes can be read. It may be asked for anew every time, because signed URLs expire. */
  locate(result: UploadResult): Promise<string>
  /** Where a browser downloads them under the file's name, and needs nothing else for it. */
  link?(result: UploadResult): string
  /** The SHA-256 of what is stored, where the server computes it, so that the page need not read it all. */
  sha256?(result: UploadResult, signal: AbortSignal): Promise<string>
}
