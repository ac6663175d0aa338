/** What the document of bkend's storage has, read by hand. */

const upload = ['filename', 'contentType', 'fileSize', 'visibility', 'category'] as const
const file = [
  'id',
  's3Key',
  'originalName',
  'mimeType',
  'size',
  'visibility',
  'metadata',
  'createdAt',
] as const

export const bkendContract = {
  name: 'bkend',
  /** By method and path: the status of success, the fields that are taken, those that are needed, and what is answered. */
  endpoints: {
    'POST /v1/files/presigned-url': {
      status: 200,
      fields: upload,
      needed: ['filename', 'contentType'],
      answer: ['url', 'key', 'filename', 'contentType'],
    },
    'POST /v1/files/multipart/init': {
      status: 200,
      fields: upload,
      needed: ['filename', 'contentType', 'fileSize'],
      answer: ['uploadId', 'key', 'filename'],
    },
    'POST /v1/files/multipart/presigned-url': {
      status: 200,
      fields: ['key', 'uploadId', 'partNumber'],
      needed: ['key', 'uploadId', 'partNumber'],
      answer: ['url', 'partNumber'],
    },
    'POST /v1/files/multipart/complete': {
      status: 200,
      fields: ['key', 'uploadId', 'parts'],
      needed: ['key', 'uploadId', 'parts'],
      answer: ['key', 'location'],
    },
    'POST /v1/files/multipart/abort': {
      status: 200,
      fields: ['key', 'uploadId'],
      needed: ['key', 'uploadId'],
      answer: ['success', 'key'],
    },
    'POST /v1/files': {
      status: 201,
      fields: [
        's3Key',
        'originalName',
        'mimeType',
        'size',
        'width',
        'height',
        'visibility',
        'bucket',
        'metadata',
      ],
      needed: ['s3Key', 'originalName', 'mimeType', 'size'],
      answer: file,
    },
    'GET /v1/files/:fileId': { status: 200, fields: ['fileId'], needed: ['fileId'], answer: file },
    'GET /v1/files': {
      status: 200,
      fields: [
        'page',
        'limit',
        'sortBy',
        'sortDirection',
        'visibility',
        'ownerType',
        'ownerId',
        'bucket',
        'mimeType',
        'search',
      ],
      needed: [],
      answer: ['items', 'pagination'],
    },
    'PATCH /v1/files/:fileId': {
      status: 200,
      fields: ['fileId', 'originalName', 'visibility', 'metadata'],
      needed: ['fileId'],
      answer: file,
    },
    'DELETE /v1/files/:fileId': { status: 200, fields: ['fileId'], needed: ['fileId'], answer: [] },
    'POST /v1/files/:fileId/download-url': {
      status: 200,
      fields: ['fileId'],
      needed: ['fileId'],
      answer: ['url', 'filename', 'contentType', 'size', 'expiresAt'],
    },
    // Not in the reference of the storage, but in the vendor's pages about signing in.
    'POST /v1/auth/refresh': {
      status: 200,
      fields: ['refreshToken'],
      needed: ['refreshToken'],
      answer: ['accessToken', 'refreshToken'],
    },
  },
  codes: {
    'file/not-found': 404,
    'file/invalid-name': 400,
    'file/file-too-large': 400,
    'file/file-too-small': 400,
    'file/invalid-format': 400,
    'file/invalid-path': 400,
    'file/bucket-not-configured': 500,
    'file/invalid-part-number-range': 400,
    'file/upload-init-failed': 500,
    'file/invalid-parts-array': 400,
    'file/access-denied': 403,
    'file/s3-key-already-exists': 409,
    'file/s3-key-too-long': 400,
    'file/original-name-too-long': 400,
    'file/mime-type-too-long': 400,
    'file/size-negative': 400,
    'common/authentication-required': 401,
  },
} as const
