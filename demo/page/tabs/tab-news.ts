/** What this page's tabs tell each other about their uploads, as plain data. */
import type { UploadEntry } from '../upload-entry.ts'
import { isEnded } from '../upload-list.ts'
import { isElsewhere, nameInWords, stateInWords } from '../words.ts'

export type FarUpload = {
  readonly id: string
  readonly name: string
  readonly size: number
  readonly backend: string
  /** As in a row's `data-status`. */
  readonly status: string
  /** The state in words. */
  readonly words: string
  readonly confirmed: number
  readonly inFlight: number
  readonly rate: number
}

export type TabNews =
  | { readonly type: 'hello' }
  | { readonly type: 'uploads'; readonly tab: string; readonly uploads: readonly FarUpload[] }

/** This tab's own uploads that have not ended. The tab that works on an upload tells of it. */
export function newsOf(entries: readonly UploadEntry[]): readonly FarUpload[] {
  return entries.filter(isOwn).map((entry) => {
    const view = entry.view()
    const { upload, backend } = entry
    const { confirmed, inFlight, rate } = view.progress
    return {
      id: upload.id,
      name: nameInWords(upload.identity),
      size: upload.identity.size,
      backend: backend.label,
      status: view.state.status,
      words: stateInWords(view),
      confirmed,
      inFlight,
      rate: view.state.status === 'uploading' ? rate : 0,
    }
  })
}

function isOwn(entry: UploadEntry): boolean {
  return !isEnded(entry) && !isElsewhere(entry.view().state)
}
