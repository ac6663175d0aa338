import type { SystemPause, UploadState } from '../index.ts'

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
}
