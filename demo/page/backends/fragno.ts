/** How the demo's page uploads to the server for Fragno's protocol. */
import { fragno, fragnoFile, fragnoFiles, Uploader } from 'longhaul'
import { plug } from '../faults/plug.ts'
import type { DemoBackend } from './demo-backend.ts'
import { bearer } from './signed-in.ts'

const baseUrl = '/fragno'
const token = bearer(baseUrl)
const server = { baseUrl, headers: () => token.current(), onUnauthorized: token.renew }

export const fragnoDemo: DemoBackend = {
  name: 'fragno',
  label: 'Fragno',
  about:
    'Fragno’s upload fragment: the server decides whether a file is sent in one request, in parts or through the server.',
  code: `import { fragno, Uploader } from 'longhaul'

const uploader = new Uploader({
  backend: fragno({ baseUrl: '/api/uploads' }),
})

const { key, details } = await uploader.uploadFile(file)`,
  uploader: new Uploader({ connectivity: plug, backend: fragno(server) }),
  async locate({ key, details }) {
    const { provider } = fragnoFile(details) ?? { provider: 's3' }
    return (await fragnoFiles(server).downloadUrl({ provider, fileKey: key })).url
  },
}
