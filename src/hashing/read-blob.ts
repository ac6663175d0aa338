/** Two ways to read a blob piece by piece from some byte on. Both reject with `ReadError`. */
export type Source = (blob: Blob, start: number) => AsyncIterable<Uint8Array<ArrayBuffer>>

/** The read failed, not the digest. */
export class ReadError extends Error {
  override readonly name = 'ReadError'
}

/**
 * Reads the browser's stream, which reads ahead while the last piece is digested. In a worker this is the fastest way,
 * because slices arrive on the thread that digests. A piece is gone when the next one is asked for.
 */
export async function* streamed(blob: Blob, start: number): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const stream = blob.slice(start).stream()
  const reader = refilling(stream) ?? stream.getReader()
  const kept = [stream, reader]
  underway.add(kept)
  let offset = start
  try {
    for (;;) {
      const { done, value } = await reader.read().catch(unreadable)
      if (done) return requireLength(offset, blob.size)
      offset += value.length
      yield value
    }
  } finally {
    underway.delete(kept)
    reader.cancel().catch(() => {})
  }
}

/**
 * Streams that are being read. If only the waiting read holds on to a stream that is read into our buffer, Chromium 156
 * collects it, and the read is never answered: without this, once in two to five gigabytes.
 */
const underway = new Set<unknown>()

type Reader = Pick<ReadableStreamDefaultReader<Uint8Array<ArrayBuffer>>, 'read' | 'cancel'>

const streamBuffer = 1024 * 1024
/** The last stream's buffer, for the next one. */
let spare: ArrayBuffer | undefined

/**
 * Reads all pieces into one buffer (Streams standard, "bring your own buffer"): pieces that the browser allocates pile
 * up to a hundred megabytes before they are collected. `undefined` if a Blob's stream cannot be read like that.
 */
function refilling(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Reader | undefined {
  try {
    const reader = stream.getReader({ mode: 'byob' })
    let buffer = spare ?? new ArrayBuffer(streamBuffer)
    spare = undefined
    const read: Reader['read'] = async () => {
      const { done, value } = await reader.read(new Uint8Array(buffer))
      if (value !== undefined) buffer = value.buffer
      if (!done) return { done, value }
      spare = buffer
      return { done, value: undefined }
    }
    return { read, cancel: () => reader.cancel() }
  } catch {
    return undefined
  }
}

const largestSlice = 4 * 1024 * 1024
const smallestSlice = 32 * 1024

/**
 * Reads by slices, one ahead, of such a size that each is used up in about half of the time.
 *
 * @param first Bytes of the first slice.
 * @param time Milliseconds.
 */
export function sliced(first: number, time: number): Source {
  return async function* slices(blob, start) {
    let size = first
    let next = readSlice(blob, start, size)
    for (let offset = start; offset < blob.size; ) {
      const bytes = await next
      offset += bytes.length
      next = readSlice(blob, offset, size)
      const begun = performance.now()
      yield bytes
      size = fitting(size, performance.now() - begun, time)
    }
  }
}

function fitting(size: number, took: number, time: number): number {
  if (took > time / 2) return Math.max(smallestSlice, size / 2)
  return took < time / 8 ? Math.min(largestSlice, size * 2) : size
}

export function readSlice(blob: Blob, offset: number, size: number): Promise<Uint8Array<ArrayBuffer>> {
  if (offset >= blob.size) return Promise.resolve(new Uint8Array())
  const slice = blob.slice(offset, offset + size)
  const reading = slice.arrayBuffer().then((buffer) => {
    requireLength(buffer.byteLength, slice.size)
    return new Uint8Array(buffer)
  }, unreadable)
  // It is awaited one turn later, and until then a failure must not count as unhandled.
  reading.catch(() => {})
  return reading
}

/** Firefox reads a file that has become shorter up to its new end, without an error. */
function requireLength(read: number, size: number): void {
  if (read < size) throw new ReadError(`Expected ${size} bytes, got ${read}`)
}

function unreadable(cause: unknown): never {
  throw new ReadError(String(cause), { cause })
}
