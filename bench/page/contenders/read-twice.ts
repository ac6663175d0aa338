/** The bare loop with each part read twice: the browser streams it while a worker computes its CRC32C. */
import { workerHasher } from '../../../src/index.ts'
import { bareLoop } from '../bare-loop.ts'
import type { Contender } from '../contender.ts'

export const upload: Contender = (files, settings) => {
  const hasher = workerHasher(() => new Worker('worker.js', { type: 'module' }))
  const { signal } = new AbortController()
  return bareLoop(files, settings, async (url, body) => {
    const [{ status, headers }] = await Promise.all([
      fetch(url, { method: 'PUT', body }),
      hasher.digest(body, 'crc32c', { signal }),
    ])
    return { status, etag: headers.get('etag') }
  })
}
