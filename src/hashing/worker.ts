/** The hashing worker: one request at a time; it is cancelled by being terminated. */
import { digestBlob, ReadError } from './digest.ts'
import type { HashReply, HashRequest } from './protocol.ts'

/** Larger slices read faster, smaller ones hold less memory; see docs/decisions. */
const sliceSize = 8 * 1024 * 1024

addEventListener('message', ({ data }: MessageEvent<HashRequest>) => {
  void answer(data)
})

async function answer({ blob, algorithm }: HashRequest): Promise<void> {
  try {
    const onProgress = (bytes: number): void => reply({ type: 'progress', bytes })
    reply({ type: 'done', digest: await digestBlob(blob, algorithm, { sliceSize, onProgress }) })
  } catch (error) {
    reply({ type: error instanceof ReadError ? 'unreadable' : 'failed', message: String(error) })
  }
}

function reply(message: HashReply): void {
  postMessage(message)
}
