/** How the demo's page uploads to the server for bkend's protocol. */
import { type BkendFile, bkend, bkendFiles, Uploader } from 'longhaul'
import { plug } from '../faults/plug.ts'
import type { DemoBackend } from './demo-backend.ts'
import { post, SignedIn } from './signed-in.ts'

const baseUrl = '/api/bkend'

const session = new SignedIn(async () => {
  const { apiKey, accessToken } = await post<'apiKey' | 'accessToken'>(`${baseUrl}/session`)
  return { 'x-api-key': apiKey, authorization: `Bearer ${accessToken}` }
})

const server = { baseUrl, headers: () => session.current(), onUnauthorized: session.renew }

export const bkendDemo: DemoBackend = {
  name: 'bkend',
  label: 'bkend',
  about:
    'The storage of bkend.ai: one PUT for files up to 10 MiB, parts for larger ones. Each file is registered at the end.',
  code: `import { bkend, Uploader } from 'longhaul'

const uploader = new Uploader({
  backend: bkend({ apiKey: 'pk_…', accessToken, refreshToken }),
})

const { key, details } = await uploader.uploadFile(file)`,
  uploader: new Uploader({ connectivity: plug, backend: bkend(server) }),
  async locate({ details }) {
    const { id } = details as BkendFile
    return (await bkendFiles(server).downloadUrl(id)).url
  },
}
