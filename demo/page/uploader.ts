import { presigned, Uploader } from 'longhaul'

/** Where the demo's server has the backend's endpoints. */
export const api = '/api/presigned'

/** One for the page: the parts of all its files share one queue. */
export const uploader = new Uploader({
  backend: presigned({
    baseUrl: api,
    endpoints: { listParts: '/list-parts', status: '/status', abort: '/abort' },
  }),
})
