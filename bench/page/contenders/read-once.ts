/** The bare loop with each part read once: a worker computes its CRC32C and sends the same bytes itself. */
import { bareLoop } from '../bare-loop.ts'
import type { Contender } from '../contender.ts'
import type { PartToSend, SentPart } from '../workers/part-sender.ts'

export const upload: Contender = (files, settings) => {
  // Two, like the cores here: reading and digesting alternate with sending.
  const workers = [1, 2].map(() => new Worker('workers/part-sender.js', { type: 'module' }))
  let next = 0
  const put = (url: string, body: Blob): Promise<SentPart> => {
    next += 1
    const { port1, port2 } = new MessageChannel()
    const part: PartToSend = { url, body }
    workers[next % workers.length]?.postMessage(part, [port2])
    return new Promise((resolve) => {
      port1.onmessage = ({ data }: MessageEvent<SentPart>) => resolve(data)
    })
  }
  return bareLoop(files, settings, put).finally(() => {
    for (const worker of workers) worker.terminate()
  })
}
