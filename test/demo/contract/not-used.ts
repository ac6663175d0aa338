/** Rows of the contracts that the library does not use, with the reason. */
import type { ContractList } from './contract-list.ts'

/** Keyed by the contract's name, then by the rows of `rowsOf`. */
const notUsed: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  fragno: {
    'POST /uploads with keyParts': '`fileKey` says the same',
    'POST /files': 'a form goes through the server in one request, and nothing of it could be resumed',
    'GET /files/by-key/content': 'downloads go by the URL that the storage is asked with',
  },
  'active-storage': {
    'POST /rails/active_storage/direct_uploads with metadata': 'the document has no such field',
    'GET /rails/active_storage/blobs/redirect/:signed_id/:filename': 'a link for pages, and no call',
  },
}

/** @returns `undefined` for a row that the library must meet. */
export function whyNotUsed({ name }: ContractList, row: string): string | undefined {
  const [route = ''] = row.split(' with ')
  const reasons = notUsed[name] ?? {}
  return reasons[row] ?? reasons[route]
}
