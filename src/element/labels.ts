import type { SystemPause, UploadError, UploadErrorCode, UploadState } from '../index.ts'

/** Every text of the element, so that a page can have them in its own language. */
export type UploadElementLabels = {
  readonly drop: string
  readonly choose: string
  /** Names the list of uploads. */
  readonly uploads: string
  /** Names the list of what an earlier visit has left. */
  readonly interrupted: string
  readonly pause: string
  readonly resume: string
  readonly retry: string
  readonly chooseAgain: string
  readonly cancel: string
  /** Takes a line out of the list. */
  readonly remove: string
  /** Throws away what an earlier visit has left. */
  readonly discard: string
  /** Why a form that it is in cannot be sent yet. */
  readonly busy: string
  readonly states: Readonly<Record<UploadState['status'] | SystemPause, string>>
  /** What is said of an error, by its code. Of one that is not named here the error's own message is shown, in English. */
  readonly errors: Readonly<Partial<Record<UploadErrorCode, string>>>
}

/** What a page may set: what it leaves out stays as it is. */
export type UploadElementTexts = Partial<Omit<UploadElementLabels, 'states' | 'errors'>> & {
  readonly states?: Partial<UploadElementLabels['states']>
  readonly errors?: UploadElementLabels['errors']
}

export function relabeled(before: UploadElementLabels, texts: UploadElementTexts): UploadElementLabels {
  const states = { ...before.states, ...texts.states }
  return { ...before, ...texts, states, errors: { ...before.errors, ...texts.errors } }
}

export function errorText({ errors }: UploadElementLabels, { code, message, help }: UploadError): string {
  return errors[code] ?? `${message} ${help}`
}

export const english: UploadElementLabels = {
  drop: 'Drop files or folders here',
  choose: 'Choose files',
  uploads: 'Uploads',
  interrupted: 'Unfinished uploads',
  pause: 'Pause',
  resume: 'Resume',
  retry: 'Try again',
  chooseAgain: 'Choose the file again',
  cancel: 'Cancel',
  remove: 'Remove',
  discard: 'Discard',
  busy: 'Wait until the files are uploaded, or cancel them.',
  states: {
    waiting: 'Waiting',
    hashing: 'Reading',
    opening: 'Starting',
    uploading: 'Uploading',
    completing: 'Finishing',
    paused: 'Paused',
    done: 'Done',
    failed: 'Failed',
    cancelled: 'Cancelled',
    offline: 'Offline',
    'needs-file': 'Needs the file again',
    'other-tab': 'In another tab',
  },
  errors: {
    'too-large': 'This file is too large.',
    'too-many': 'These are more files than can be taken.',
    'not-accepted': 'Files of this type are not taken.',
    'file-unreadable': 'This file cannot be read.',
  },
}
