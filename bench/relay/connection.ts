/** One connection through the network. */
import type { Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { CarriedBytes } from './carried-bytes.ts'
import { Pace } from './pace.ts'
import type { Shape } from './shape.ts'

/** Bytes that pass in one turn, so that connections share the line evenly. */
const turn = 16 * 1024

/** What all connections share. */
export type Line = { readonly shape: Shape; readonly pace: Pace; readonly carried: CarriedBytes }

/** Carries until one side has gone. Never rejects. */
export async function carry(client: Socket, server: Socket, line: Line): Promise<void> {
  const gone = new AbortController()
  const end = (): void => {
    gone.abort()
    client.destroy()
    server.destroy()
  }
  for (const socket of [client, server]) {
    socket.setNoDelay(true)
    socket.on('error', end)
    socket.once('close', end)
  }
  answer(server, client, line, gone.signal)
  await send(client, server, line, gone.signal).catch(end)
}

/**
 * Bytes that are not read stay in the kernel's buffers, and when these are full the client waits: that is the
 * backpressure.
 */
async function send(client: Socket, server: Socket, line: Line, gone: AbortSignal): Promise<void> {
  const own = new Pace(line.shape.connectionRate)
  // Making a connection takes one packet there and one back.
  await sleep(line.shape.latency ?? 0, undefined, { signal: gone })
  // A connection that stalls stays open.
  for await (const chunk of client.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    for (const piece of pieces(chunk)) {
      const now = performance.now()
      await until(Math.max(own.pass(piece.length, now), line.pace.pass(piece.length, now)), gone)
      if (line.carried.add(piece.length)) return stall(server)
      if (!server.write(piece)) await drained(server, gone)
    }
  }
  server.end()
}

/** Answers are short, so their rate is not limited and little ever waits. */
function answer(server: Socket, client: Socket, { shape: { latency = 0 } }: Line, gone: AbortSignal): void {
  const later = (act: () => void): void => {
    // Timers of the same length fire in the order in which they were set.
    if (latency > 0) setTimeout(() => gone.aborted || act(), latency)
    else act()
  }
  server.on('data', (chunk: Buffer) => later(() => client.write(chunk)))
  server.once('end', () => later(() => client.end()))
}

/** Both ends stay open, and no byte moves any more in either direction. */
function stall(server: Socket): void {
  server.removeAllListeners('data').pause()
}

function* pieces(chunk: Buffer): Generator<Buffer> {
  for (let offset = 0; offset < chunk.length; offset += turn) yield chunk.subarray(offset, offset + turn)
}

async function until(time: number, signal: AbortSignal): Promise<void> {
  const milliseconds = time - performance.now()
  // A timer cannot be shorter.
  if (milliseconds >= 1) await sleep(milliseconds, undefined, { signal })
}

function drained(socket: Socket, gone: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(gone.reason)
    gone.addEventListener('abort', fail, { once: true })
    socket.once('drain', () => {
      gone.removeEventListener('abort', fail)
      resolve()
    })
  })
}
