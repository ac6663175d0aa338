import type { Progress, SystemPause, UploadError, UploadErrorCode, UploadState } from '../index.ts'

/** All texts of the element. A page can set them in its own language. */
export type UploadElementLabels = {
  /** The hint in the drop zone. */
  readonly drop: string
  /** The button that opens the file picker. */
  readonly choose: string
  /** The name of the list of uploads. */
  readonly uploads: string
  /** The name of the list of uploads that earlier visits left unfinished. */
  readonly interrupted: string
  /** The button that pauses an upload. */
  readonly pause: string
  /** The button that resumes a paused or interrupted upload. */
  readonly resume: string
  /** The button that resumes a failed upload. */
  readonly retry: string
  /** The button that asks for the file again. */
  readonly chooseAgain: string
  /** The button that cancels an upload. */
  readonly cancel: string
  /** The button that removes an ended upload from the list. */
  readonly remove: string
  /** The button that throws an interrupted upload away. */
  readonly discard: string
  /** Why the form around the element cannot be sent yet. */
  readonly busy: string
  /** The language of these texts (BCP 47), such as `de` or `pt-BR`. The browser formats the rate and the time in it. */
  readonly language: string
  /** The time that an upload still takes. `{time}` is replaced by a text such as "3 minutes". */
  readonly left: string
  /** The name of each state. */
  readonly states: Readonly<Record<UploadState['status'] | SystemPause, string>>
  /** The text for an error, by its code. For codes that are not here, the error's own English message is shown. */
  readonly errors: Readonly<Partial<Record<UploadErrorCode, string>>>
}

/** The texts that a page sets. Those that it leaves out stay as they are. */
export type UploadElementTexts = Partial<Omit<UploadElementLabels, 'states' | 'errors'>> & {
  readonly states?: Partial<UploadElementLabels['states']>
  readonly errors?: UploadElementLabels['errors']
}

/** @throws RangeError for a language that is no BCP 47 tag: at once, and not each time the rate is shown. */
export function relabeled(before: UploadElementLabels, texts: UploadElementTexts): UploadElementLabels {
  Intl.getCanonicalLocales(texts.language)
  const states = { ...before.states, ...texts.states }
  return { ...before, ...texts, states, errors: { ...before.errors, ...texts.errors } }
}

export function errorText({ errors }: UploadElementLabels, { code, message, help }: UploadError): string {
  return errors[code] ?? `${message}. ${help}`
}

/** The text for any thrown value. */
export function messageOf({ errors }: UploadElementLabels, thrown: unknown): string {
  const { code } = Object(thrown) as UploadError
  return errors[code] ?? (thrown instanceof Error ? thrown.message : String(thrown))
}

/** The rate and the time left. Empty if nothing moves. */
export function speedText({ language, left }: UploadElementLabels, { rate, eta }: Progress): string {
  if (rate < 1) return ''
  const speed = inUnits(rate, sizes, { style: 'unit' }, language)
  if (eta === undefined) return speed
  const time = inUnits(Math.ceil(eta / 1000), times, { style: 'unit', unitDisplay: 'long' }, language)
  return `${speed}, ${left.replace('{time}', () => time)}`
}

type Units = readonly (readonly [unit: string, size: number, digits: number])[]

const sizes: Units = [
  ['gigabyte-per-second', 1e9, 1],
  ['megabyte-per-second', 1e6, 1],
  ['kilobyte-per-second', 1e3, 0],
  ['byte-per-second', 1, 0],
]

const times: Units = [
  ['day', 86_400, 1],
  ['hour', 3600, 1],
  ['minute', 60, 0],
  ['second', 1, 0],
]

/** Formats a value in the largest unit of which it has at least one. */
function inUnits(value: number, units: Units, options: Intl.NumberFormatOptions, language: string): string {
  const [unit, size, digits] = units.find(([, each]) => value >= each) ?? ['second', 1, 0]
  const format = { ...options, unit, maximumFractionDigits: digits }
  return new Intl.NumberFormat(language, format).format(value / size)
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
  language: 'en',
  left: '{time} left',
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
    'too-many': 'These are too many files.',
    'not-accepted': 'Files of this type are not accepted.',
    'file-unreadable': 'This file cannot be read.',
  },
}
