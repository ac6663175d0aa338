import type { ContractList } from './contract-list.ts'

export const newtonContract: ContractList = {
  name: 'newton',
  mount: '/api/newton',
  endpoints: [
    { route: 'POST /files/uploads/initiate', does: 'opens or resumes an upload', origin: 'documented' },
    {
      route: 'POST /files/uploads/:uploadId/parts/urls',
      does: 'signs fresh URLs for parts',
      origin: 'documented',
    },
    {
      route: 'POST /files/uploads/:uploadId/parts/checkpoint',
      does: 'remembers parts',
      origin: 'documented',
    },
    { route: 'POST /files/uploads/:uploadId/complete', does: 'makes the file', origin: 'documented' },
    { route: 'POST /files/uploads/:uploadId/abort', does: 'gives the upload up', origin: 'documented' },
    { route: 'GET /files/metadata/:fileId', does: 'describes a file', origin: 'found' },
  ],
  errors: [
    { code: 'missing_parameter', status: 400, when: 'a field is not there', origin: 'found' },
    { code: 'invalid_file_type', status: 400, when: 'it is no MIME type', origin: 'found' },
    { code: 'invalid_file_size', status: 413, when: 'the file has more than 250 GB', origin: 'found' },
    { code: 'upload_not_found', status: 404, when: 'there is no such upload', origin: 'found' },
    { code: 'NOT_FOUND', status: 404, when: 'there is no such file or route', origin: 'found' },
    { code: 'capacity_reached', status: 429, when: 'too much at once', origin: 'found', onOrder: true },
    { code: 'file_backup_failed', status: 502, when: 'the storage fails', origin: 'found' },
    { code: 'unauthorized', status: 401, when: 'the key is not taken', origin: 'assumed' },
    { code: 'forbidden', status: 403, when: 'the key may not do this', origin: 'assumed', onOrder: true },
    { code: 'invalid_parameter', status: 400, when: 'a field is wrong', origin: 'assumed' },
    { code: 'missing_parts', status: 400, when: 'not every part is accounted for', origin: 'assumed' },
    { code: 'invalid_part_token', status: 400, when: 'the storage has no such part', origin: 'assumed' },
    {
      code: 'upload_conflict',
      status: 409,
      when: 'another file is under way, or this one is done',
      origin: 'assumed',
    },
    { code: 'integrity_mismatch', status: 422, when: 'the bytes are not the file', origin: 'assumed' },
    { code: 'internal_error', status: 500, when: 'the server fails', origin: 'assumed', onOrder: true },
    {
      code: 'service_unavailable',
      status: 503,
      when: 'the server is not up',
      origin: 'assumed',
      onOrder: true,
    },
    {
      code: 'gateway_timeout',
      status: 504,
      when: 'something behind it does not answer',
      origin: 'assumed',
      onOrder: true,
    },
  ],
}
