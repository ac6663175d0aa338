/** How the demo's page uploads to the server for the presigned protocol. */
import { presigned, Uploader, type UploadResult } from 'longhaul'
import { plug } from '../faults/plug.ts'
import type { DemoBackend } from './demo-backend.ts'

const api = '/api/presigned'

export const presignedDemo: DemoBackend = {
  name: 'presigned',
  label: 'Presigned',
  about: 'Three endpoints of your own that presign the parts of an S3 multipart upload.',
  code: `import { presigned, Uploader } from 'longhaul'

const uploader = new Uploader({
  backend: presigned({ baseUrl: '/api' }),
})

const { key } = await uploader.uploadFile(file)`,
  uploader: new Uploader({
    connectivity: plug,
    backend: presigned({
      baseUrl: api,
      endpoints: { listParts: '/list-parts', status: '/status', abort: '/abort' },
    }),
  }),
  locate: async (result) => downloadOf(result),
  link: downloadOf,
  async sha256(result, signal) {
    const response = await fetch(`${api}/sha256/${pathOf(result)}`, { signal })
    const body: { sha256?: unknown; error?: unknown } = await response.json()
    if (response.ok && typeof body.sha256 === 'string') return body.sha256
    throw new Error(`The server could not read the object back: ${String(body.error ?? response.status)}`)
  },
}

function downloadOf(result: UploadResult): string {
  return `${api}/download/${pathOf(result)}`
}

function pathOf({ key }: UploadResult): string {
  return key.split('/').map(encodeURIComponent).join('/')
}
