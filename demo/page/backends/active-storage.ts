/** How the demo's page uploads to the server for Active Storage's protocol. */
import { activeStorage, activeStorageBlob, Uploader } from 'longhaul'
import { plug } from '../faults/plug.ts'
import type { DemoBackend } from './demo-backend.ts'
import { post, SignedIn } from './signed-in.ts'

const baseUrl = '/api/active-storage'

const key = new SignedIn(async () => {
  const { apiKey } = await post<'apiKey'>(`${baseUrl}/api/session`)
  return { 'x-api-key': apiKey }
})

export const activeStorageDemo: DemoBackend = {
  name: 'active-storage',
  label: 'Active Storage',
  about:
    'Rails direct uploads: one PUT of the whole file, with its MD5. After a pause, the file is sent again.',
  code: `import { activeStorage, activeStorageBlob, Uploader } from 'longhaul'

const uploader = new Uploader({
  backend: activeStorage({ path: '/rails/active_storage/direct_uploads', csrf: true }),
})

const { signed_id } = activeStorageBlob(await uploader.uploadFile(file))`,
  uploader: new Uploader({
    connectivity: plug,
    backend: activeStorage({ baseUrl, headers: () => key.current(), onUnauthorized: key.renew }),
  }),
  async locate(result) {
    return `${baseUrl}/rails/active_storage/blobs/redirect/${activeStorageBlob(result).signed_id}/file`
  },
}
