/** What the documents of direct uploads in the manner of Active Storage have, read by hand. */

const record = [
  'id',
  'key',
  'filename',
  'content_type',
  'metadata',
  'service_name',
  'byte_size',
  'checksum',
  'created_at',
  'signed_id',
  'direct_upload',
] as const
const needed = ['filename', 'content_type', 'byte_size', 'checksum'] as const

export const activeStorageContract = {
  name: 'active-storage',
  /** By method and path: the status of success, the fields of the blob, those that are needed, and what is answered. */
  endpoints: {
    'POST /api/v1/upload/direct': { status: 200, fields: needed, needed, answer: record },
    'POST /rails/active_storage/direct_uploads': {
      status: 200,
      fields: [...needed, 'metadata'],
      needed,
      answer: record,
    },
    // Not in the vendor's document: how Rails gives the bytes back.
    'GET /rails/active_storage/blobs/redirect/:signed_id/:filename': {
      status: 302,
      fields: [],
      needed: [],
      answer: [],
    },
  },
  headers: ['Content-Type', 'Content-MD5', 'Content-Disposition'],
  /** The document has statuses and shapes, and no codes; the names are the reference server's. */
  codes: {
    'upload-failed': 400,
    unauthorized: 401,
    forbidden: 403,
    'not-found': 404,
    'validation-error': 422,
    'invalid-authenticity-token': 422,
    'rate-limited': 429,
    'internal-error': 500,
  },
} as const
