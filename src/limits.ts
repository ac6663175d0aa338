/** The application's limits on files, checked before anything is sent. */
import { TooLargeError, UploadError } from './errors.ts'
import { requireText, requireWhole } from './options.ts'
import type { Identity } from './ports.ts'

/** Which files a page accepts. */
export type Limits = {
  /**
   * Like the `accept` of an `<input type=file>` (HTML): extensions (`.jpg`), types (`image/png`) and groups of types
   * (`image/*`), separated by commas. Checks only the name and type that the browser reports, so the server has to
   * check too.
   * @default everything
   */
  readonly accept?: string | undefined
  /** Bytes. @default no limit from the page; the backend may have one */
  readonly maxSize?: number | undefined
}

type Named = Pick<Identity, 'name' | 'size' | 'type'>

/** @returns Why the file is refused; `undefined` if it is accepted. */
export function refusal(file: Named, { accept = '', maxSize }: Limits): UploadError | undefined {
  if (maxSize !== undefined && file.size > requireWhole('maxSize', maxSize, 0))
    return new TooLargeError(file.size, maxSize)
  if (isAccepted(file, requireText('accept', accept))) return undefined
  return new UploadError('not-accepted', `"${file.name}" is not accepted: expected ${accept}`)
}

function isAccepted({ name, type }: Named, accept: string): boolean {
  const wanted = accept
    .toLowerCase()
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean)
  // A type may have parameters, such as a charset.
  const [kind = ''] = type.toLowerCase().split(';')
  return wanted.length === 0 || wanted.some((one) => fits(one, name.toLowerCase(), kind))
}

function fits(wanted: string, name: string, type: string): boolean {
  if (wanted.startsWith('.')) return name.endsWith(wanted)
  if (wanted === '*/*') return true
  return wanted.endsWith('/*') ? type.startsWith(wanted.slice(0, -1)) : type === wanted
}
