/** The page's stores as React hooks. Each component hears only of what it shows. */
import { useSyncExternalStore } from 'react'
import { announcements } from './announcements.ts'
import type { PartsBoard } from './parts-board.ts'
import { type Totals, totalsStore } from './totals.ts'
import type { UploadEntry, UploadView } from './upload-entry.ts'
import { uploadList } from './upload-list.ts'

export function useUploads(): readonly UploadEntry[] {
  return useSyncExternalStore(uploadList.changes.subscribe, uploadList.entries)
}

export function useUpload(entry: UploadEntry): UploadView {
  return useSyncExternalStore(entry.changes.subscribe, entry.view)
}

export function useTotals(): Totals {
  return useSyncExternalStore(totalsStore.changes.subscribe, totalsStore.view)
}

export function useAnnouncement(): string {
  return useSyncExternalStore(announcements.changes.subscribe, () => announcements.text)
}

/** Only the number of parts: their changes are drawn without React. */
export function usePartCount(board: PartsBoard): number {
  return useSyncExternalStore(board.changes.subscribe, () => board.cells.length)
}
