import type { Progress, SystemPause, UploadError, UploadErrorCode, UploadState } from '../index.ts'

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
  /** The language of these texts (BCP 47, such as `de` or `pt-BR`): in it the browser writes the rate and the time. */
  readonly language: string
  /** How long an upload will still take; `{time}` is such as "3 minutes". */
  readonly left: string
  readonly states: Readonly<Record<UploadState['status'] | SystemPause, string>>
  /** What is said of an error, by its code. Of one that is not named here the error's own message is shown, in English. */
  readonly errors: Readonly<Partial<Record<UploadErrorCode, string>>>
}

/** What a page may set: what it leaves out stays as it is. */
export type UploadElementTexts = Partial<Omit<UploadElementLabels, 'states' | 'errors'>> & {
  readonly states?: Partial<UploadElementLabels['states']>
  readonly errors?: UploadElementLabels['errors']
}

/** @throws RangeError where the language is none: here, and not at every look at the rate. */
export function relabeled(before: UploadElementLabels, texts: UploadElementTexts): UploadElementLabels {
  Intl.getCanonicalLocales(texts.language)
  const states = { ...before.states, ...texts.states }
  return { ...before, ...texts, states, errors: { ...before.errors, ...texts.errors } }
}

export function errorText({ errors }: UploadElementLabels, { code, message, help }: UploadError): string {
  return errors[code] ?? `${message}. ${help}`
}

/** Of whatever has been thrown. */
export function messageOf({ errors }: UploadElementLabels, thrown: unknown): string {
  const { code } = Object(thrown) as UploadError
  return errors[code] ?? (thrown instanceof Error ? thrown.message : String(thrown))
}

/** How fast it is, and how long it will still take; empty where nothing moves. */
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

/** In the largest unit of which there is one. */
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
