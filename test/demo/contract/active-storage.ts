/** The documented contract of direct uploads as in Active Storage, copied by hand. Data only. */

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
  /** Below the demo's address. */
  mount: '/api/active-storage',
  /**
   * For each endpoint the status of success, the fields of its blob, the required ones, and the fields of the answer.
   */
  endpoints: [
    {
      route: 'POST /api/v1/upload/direct',
      does: 'makes a record and signs its PUT, as a vendor has it',
      origin: 'documented',
      status: 200,
      fields: needed,
      needed,
      answer: record,
    },
    {
      route: 'POST /rails/active_storage/direct_uploads',
      does: 'makes a record and signs its PUT, as Rails has it',
      origin: 'found',
      status: 200,
      fields: [...needed, 'metadata'],
      needed,
      answer: record,
    },
    {
      route: 'GET /rails/active_storage/blobs/redirect/:signed_id/:filename',
      does: 'leads to the bytes, as Rails has it',
      origin: 'found',
      status: 302,
      fields: [],
      needed: [],
      answer: [],
    },
  ],
  /** The fields in the answer for the PUT. */
  headers: ['Content-Type', 'Content-MD5', 'Content-Disposition'],
  /** The document has statuses and formats but no codes, so these are the reference server's. */
  errors: [
    { code: 'upload-failed', status: 400, when: 'it failed upstream', origin: 'documented', onOrder: true },
    { code: 'bad-request', status: 400, when: 'to Rails it is no request for a blob', origin: 'found' },
    { code: 'unauthorized', status: 401, when: 'the API key is not there or not good', origin: 'found' },
    // The document does not say which keys are forbidden instead of unauthorized.
    { code: 'forbidden', status: 403, when: 'the key may not do this', origin: 'found', onOrder: true },
    { code: 'not-found', status: 404, when: 'there is no such blob', origin: 'documented' },
    { code: 'validation-error', status: 422, when: 'a field is wrong', origin: 'documented' },
    {
      code: 'invalid-authenticity-token',
      status: 422,
      when: 'the page is not one of this Rails application',
      origin: 'found',
    },
    { code: 'rate-limited', status: 429, when: 'too much at once', origin: 'found', onOrder: true },
    {
      code: 'internal-error',
      status: 500,
      when: 'something else went wrong',
      origin: 'documented',
      onOrder: true,
    },
  ],
} as const
