/** What both hashing workers do: one request at a time; it is cancelled by terminating the worker. */
import { digestBlob, type Makers, ReadError, UnsupportedError } from './digest.ts'
import type { HashFailure, HashReply, HashRequest } from './protocol.ts'

/** Larger slices read faster, smaller ones hold less memory; see docs/decisions/0021. */
const sliceSize = 4 * 1024 * 1024

export function serve(makers: Makers): void {
  addEventListener('message', ({ data }: MessageEvent<HashRequest>) => {
    void answer(data, makers)
  })
}

async function answer({ tellsStates, ...reading }: HashRequest, makers: Makers): Promise<void> {
  try {
    const digests = await digestBlob(reading, {
      makers,
      sliceSize,
      breathe,
      onProgress: (bytes) => reply({ type: 'progress', bytes }),
      onState: tellsStates ? (state) => reply({ type: 'state', state }) : undefined,
      onPlain: () => reply({ type: 'plain' }),
    })
    reply({ type: 'done', digests })
  } catch (error) {
    reply({ type: kindOf(error), message: error instanceof Error ? error.message : String(error) })
  }
}

const { port1, port2 } = new MessageChannel()
const waiting: (() => void)[] = []
port1.onmessage = () => waiting.shift()?.()

/** A task of its own, which comes after those that are there already. (A timer would wait for 4 ms.) */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    waiting.push(resolve)
    port2.postMessage(undefined)
  })
}

function kindOf(error: unknown): HashFailure['type'] {
  if (error instanceof ReadError) return 'unreadable'
  return error instanceof UnsupportedError ? 'unsupported' : 'failed'
}

function reply(message: HashReply): void {
  postMessage(message)
}
