/** Computes the SHA-256 of one file slice by slice, because the Web Crypto API wants the whole file in memory. */
import { createSHA256 } from 'hash-wasm'
import type { Sha256Reply } from './protocol.ts'

const sliceSize = 8 * 1024 * 1024
/** Milliseconds between two reports of progress. */
const tick = 100

addEventListener('message', ({ data }: MessageEvent<Blob>) => {
  digest(data).then(
    (sha256) => reply({ type: 'done', sha256 }),
    (error: unknown) => reply({ type: 'failed', message: String(error) }),
  )
})

async function digest(file: Blob): Promise<string> {
  const hash = (await createSHA256()).init()
  let told = 0
  for (let offset = 0; offset < file.size; offset += sliceSize) {
    hash.update(new Uint8Array(await file.slice(offset, offset + sliceSize).arrayBuffer()))
    if (performance.now() - told < tick) continue
    told = performance.now()
    reply({ type: 'progress', bytes: Math.min(offset + sliceSize, file.size) })
  }
  return hash.digest('hex')
}

function reply(message: Sha256Reply): void {
  postMessage(message)
}
