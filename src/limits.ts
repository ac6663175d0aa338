/** What an application wants to take, looked at before anything of a file is sent. */
import { TooLargeError, UploadError } from './errors.ts'
import { requireText, requireWhole } from './options.ts'
import type { Identity } from './ports.ts'

/** What a page takes of what is picked. */
export type Limits = {
  /**
   * As the `accept` of an `<input type=file>` (HTML): extensions (`.jpg`), types (`image/png`) and groups of types
   * (`image/*`), separated by commas. By name and type only, as the browser tells them: the server has to look itself.
   * @default everything
   */
  readonly accept?: string | undefined
  /** Bytes. @default no limit of the page's; the backend may have one */
  readonly maxSize?: number | undefined
}

type Named = Pick<Identity, 'name' | 'size' | 'type'>

/** @returns Why the file is not taken; `undefined` where it is. */
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
