import { activeStorage } from '../../../src/backends/active-storage.ts'
import type { Backend } from '../../../src/ports.ts'
import { base, type Fields, type ModelServer, routed, saying, token } from './model-server.ts'

/** Its storage needs no completing: the object exists after its one PUT. */
export function activeStorageServer(): ModelServer {
  let blobs = 0
  const answer = routed([
    [
      'POST',
      /^\/api\/v1\/upload\/direct$/,
      ({ blob }, _, storage) => {
        blobs += 1
        const { filename, content_type, byte_size, checksum } = blob as Fields
        return saying({
          id: blobs,
          key: `key${blobs}`,
          signed_id: `signed${blobs}`,
          filename: filename ?? null,
          content_type: content_type ?? null,
          byte_size: byte_size ?? null,
          checksum: checksum ?? null,
          metadata: { identified: true },
          service_name: 'amazon',
          created_at: '2026-11-25T00:00:00Z',
          direct_upload: {
            url: storage.url(`b${blobs}`, 1),
            headers: { 'Content-Type': String(content_type), 'Content-MD5': String(checksum) },
          },
        })
      },
    ],
  ])
  const backend: ModelServer['backend'] = (calls) =>
    activeStorage({ baseUrl: base, headers: { 'x-api-key': token }, ...calls }) as unknown as Backend
  return { name: 'active storage', needsCompleting: false, isOnePiece: true, backend, answer }
}
