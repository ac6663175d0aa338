/** How the demo's page uploads to the server for Newton's protocol. */
import { type NewtonFile, newton, Uploader } from 'longhaul'
import { plug } from '../faults/plug.ts'
import type { DemoBackend } from './demo-backend.ts'
import { bearer } from './signed-in.ts'

const baseUrl = '/newton'
const token = bearer(baseUrl)

export const newtonDemo: DemoBackend = {
  name: 'newton',
  label: 'Newton',
  about:
    'The Files API of Archetype AI: the server decides the parts, keeps checkpoints, and can check a checksum of the whole file.',
  code: `import { newton, Uploader } from 'longhaul'

const uploader = new Uploader({
  backend: newton({ baseUrl: '/api/newton' }),
})

const { key, details } = await uploader.uploadFile(file)`,
  uploader: new Uploader({
    connectivity: plug,
    backend: newton({ baseUrl, headers: () => token.current(), onUnauthorized: token.renew }),
  }),
  // Newton's contract has no downloads, so the demo's own server leads to the bytes.
  locate: async ({ details }) => `/newton-downloads/${(details as NewtonFile).file_uid}`,
}
