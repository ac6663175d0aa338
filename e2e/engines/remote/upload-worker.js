/** The Uploader. The page has only its remote. */
import { presigned, Uploader } from 'longhaul'
import { serveUploader } from 'longhaul/remote'

const backend = presigned({
  baseUrl: '/api/presigned',
  endpoints: { abort: '/abort', listParts: '/list-parts' },
})
serveUploader(new Uploader({ backend, checksum: 'crc32c', concurrency: 3 }))
