/** The bodies of failures, as in the vendor's document and as in Rails. */
import type { UploadFailure } from './failures.ts'
import type { Settings } from './settings.ts'

export function vendorBody(failure: UploadFailure, settings: Settings): object {
  const { code, message, title } = failure
  if (code === 'validation-error') return validationBody(failure, settings)
  return { detail: message, error: title, error_code: code }
}

/** The document has a list. The vendor's guide has the same list under a heading, where other errors have a text. */
function validationBody({ message, path }: UploadFailure, { validation }: Settings): object {
  if (validation === 'text') return { detail: message, error: null, error_code: null }
  const detail = [{ loc: path, msg: message, type: 'value_error' }]
  return validation === 'named-list' ? { error: 'Validation error', detail } : { detail }
}

/** Rails says the first two, and in development also the third. */
export function railsBody({ status, title, message }: UploadFailure): object {
  return { status, error: title, exception: message }
}
