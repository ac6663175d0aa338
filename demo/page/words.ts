/** What an upload is doing, in words. */
import {
  FileChangedError,
  type Identity,
  type SystemPause,
  type UploadError,
  type UploadState,
} from 'longhaul'
import type { UploadView } from './upload-entry.ts'
import type { Verdict } from './verdict.ts'

/** How many unreadable entries are named. */
const most = 3

const pauses: Readonly<Record<SystemPause, string>> = {
  offline: 'Offline: resumes by itself',
  'needs-file': 'The file cannot be read: pick it again',
  'other-tab': 'Another tab is sending it',
}

/** With the path, because a folder may have many files of one name. */
export function nameInWords({ name, relativePath }: Identity): string {
  return relativePath || name
}

/** Whether another tab has the upload. */
export function isElsewhere(state: UploadState): boolean {
  return state.status === 'paused' && state.by === 'system' && state.reason === 'other-tab'
}

export function stateInWords({ state, hashed }: UploadView): string {
  switch (state.status) {
    case 'waiting':
      return 'Waiting for its turn'
    case 'hashing':
      return hashed === 0 ? 'Waiting to be read' : 'Reading the file'
    case 'opening':
      return 'Asking the server'
    case 'uploading':
      return 'Sending'
    case 'completing':
      return 'Putting the parts together'
    case 'paused':
      return state.by === 'user' ? 'Paused' : pauses[state.reason]
    case 'done':
      return 'Stored'
    case 'failed':
      return 'Stopped by an error'
    case 'cancelled':
      return 'Cancelled'
  }
}

/** For screen readers. Only what they would miss: no phases, and nothing that the user's own button has done. */
export function announcementOf(name: string, state: UploadState): string | undefined {
  if (state.status === 'failed') return `${name} stopped: ${firstLine(state.error)}`
  if (state.status === 'paused' && state.by === 'system') return `${name}: ${pauses[state.reason]}`
  return undefined
}

export function verdictAnnouncement(name: string, verdict: Verdict): string | undefined {
  if (verdict.status === 'identical') return `${name} is stored and identical`
  if (verdict.status === 'different') return `${name} is stored, but differs from the file`
  return verdict.status === 'failed' ? `${name} is stored; it could not be compared` : undefined
}

export function errorInWords(error: unknown): string {
  if (error instanceof FileChangedError)
    return `That is another file. ${error.message}. Nothing is lost: pick the right one.`
  if (error instanceof AggregateError) {
    const said = error.errors.slice(0, most).map(errorInWords)
    const rest = error.errors.length - said.length
    return [...said, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ')
  }
  return error instanceof Error ? error.message : String(error)
}

function firstLine({ message }: UploadError): string {
  return message.split('\n', 1)[0] ?? message
}
