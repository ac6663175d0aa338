/** The work of both hashing workers: one request at a time, which is cancelled by terminating the worker. */
import { digestBlob, type Makers, UnsupportedError } from './digest.ts'
import type { HashFailure, HashReply, HashRequest } from './protocol.ts'
import { ReadError, streamed } from './read-blob.ts'
import { Shelf } from './shelf.ts'

export function serve(makers: Makers): void {
  const shelf = new Shelf(makers)
  addEventListener('message', ({ data }: MessageEvent<HashRequest>) => {
    void answer(data, shelf)
  })
}

async function answer({ tellsStates, ...reading }: HashRequest, shelf: Shelf): Promise<void> {
  try {
    const digests = await digestBlob(reading, {
      makers: shelf.makers,
      source: streamed,
      onProgress: (bytes) => reply({ type: 'progress', bytes }),
      onState: tellsStates ? (state) => reply({ type: 'state', state }) : undefined,
      onPlain: () => reply({ type: 'plain' }),
    })
    shelf.takeBack()
    reply({ type: 'done', digests })
  } catch (error) {
    reply({ type: kindOf(error), message: error instanceof Error ? error.message : String(error) })
  }
}

function kindOf(error: unknown): HashFailure['type'] {
  if (error instanceof ReadError) return 'unreadable'
  return error instanceof UnsupportedError ? 'unsupported' : 'failed'
}

function reply(message: HashReply): void {
  postMessage(message)
}
