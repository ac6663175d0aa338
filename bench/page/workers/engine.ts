/**
 * The worker of the contender `longhaul-in-worker`: an Uploader with its defaults, once the page has said where the
 * server is.
 */
import { presigned, Uploader } from '../../../src/index.ts'
import { serveUploader } from '../../../src/remote/index.ts'
import type { Settings } from '../contender.ts'

addEventListener(
  'message',
  ({ data: { api, width } }: MessageEvent<Pick<Settings, 'api' | 'width'>>) => {
    const backend = presigned({ baseUrl: api, fileHash: async () => 'none' })
    serveUploader(new Uploader({ backend, ...(width !== undefined && { concurrency: width }) }))
  },
  { once: true },
)
