import type { ContractList } from './contract-list.ts'

const upload = ['uploadId', 'key'] as const

/** The document has neither codes nor error formats. */
export const presignedContract: ContractList = {
  name: 'presigned',
  mount: '/api/presigned',
  endpoints: {
    'POST /start-upload': {
      status: 200,
      fields: ['fileName', 'fileHash', 'fileSize'],
      needed: ['fileName', 'fileHash', 'fileSize'],
      answer: ['key', 'uploadId', 'partSize'],
    },
    'POST /get-upload-urls': {
      status: 200,
      fields: ['key', 'uploadId', 'parts'],
      needed: ['key', 'uploadId', 'parts'],
      answer: ['urls'],
    },
    'POST /complete/:uploadId/:key': {
      status: 200,
      fields: [...upload, 'parts'],
      needed: ['parts'],
      answer: [],
    },
    'POST /list-parts/:uploadId/:key': {
      status: 200,
      fields: [...upload, 'after'],
      needed: ['after'],
      answer: ['parts', 'next'],
    },
    'POST /status/:uploadId/:key': { status: 200, fields: upload, needed: [], answer: ['state'] },
    'POST /abort/:uploadId/:key': { status: 204, fields: upload, needed: [], answer: [] },
  },
  codes: {},
  found: [],
  assumed: ['POST /list-parts/:uploadId/:key', 'POST /status/:uploadId/:key', 'POST /abort/:uploadId/:key'],
  onOrder: [],
}
