import { setTimeout as sleep } from 'node:timers/promises'
import type { Exchange } from '../exchange.ts'
import { untilGone } from './fault-timeline.ts'

type Body = AsyncIterable<Buffer>

/** The body as the fault lets it arrive. Without a fault, the body itself. */
export function faultyBody({ message, effect, gone }: Exchange): Body {
  switch (effect?.kind) {
    case 'cut':
      return endingAfter(message, effect.afterBytes ?? 0, () => {
        message.socket.destroy()
        return untilGone(gone)
      })
    case 'stall':
      return endingAfter(message, effect.afterBytes ?? 0, () => untilGone(gone))
    case 'throttle':
      return throttled(message, effect.bytesPerSecond, gone)
    case 'corrupt-on-the-way':
      return flipped(message)
    default:
      return message
  }
}

/** Flips the lowest bit of the first byte. */
async function* flipped(body: Body): AsyncGenerator<Buffer> {
  let isFirst = true
  for await (const chunk of body) {
    yield isFirst ? Buffer.concat([Buffer.of((chunk[0] ?? 0) ^ 1), chunk.subarray(1)]) : chunk
    isFirst = false
  }
}

/** @param end Never resolves. The bytes before it are never the whole body. */
async function* endingAfter(body: Body, bytes: number, end: () => Promise<never>): AsyncGenerator<Buffer> {
  let left = bytes
  if (left === 0) await end()
  for await (const chunk of body) {
    yield chunk.subarray(0, left)
    left -= Math.min(left, chunk.length)
    if (left === 0) await end()
  }
  await end()
}

async function* throttled(body: Body, bytesPerSecond: number, signal: AbortSignal): AsyncGenerator<Buffer> {
  for await (const chunk of body) {
    await sleep((chunk.length / bytesPerSecond) * 1000, undefined, { signal })
    yield chunk
  }
}
