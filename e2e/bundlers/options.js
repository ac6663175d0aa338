import { presigned } from 'longhaul'

export const options = {
  backend: presigned({ baseUrl: '/api/presigned' }),
  checksum: /** @type {const} */ ('crc32c'),
}
