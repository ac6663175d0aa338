/** Reads a blob slice by slice and digests it. Runs in the worker, or on the main thread where there is none. */
import {
  createBLAKE3,
  createCRC32,
  createCRC64,
  createMD5,
  createSHA1,
  createSHA256,
  createXXHash3,
  createXXHash32,
  createXXHash64,
  createXXHash128,
} from 'hash-wasm'
import type { DigestAlgorithm } from '../ports.ts'

type Digest = { update(bytes: Uint8Array): unknown; digest(): string }

const algorithms: Readonly<Record<DigestAlgorithm, () => Promise<Digest>>> = {
  blake3: () => createBLAKE3(),
  crc32: () => createCRC32(),
  // The polynomial of Castagnoli, reversed.
  crc32c: () => createCRC32(0x82f63b78),
  crc64nvme: () => createCRC64('9a6c9329ac4bc9b5'),
  md5: createMD5,
  sha1: createSHA1,
  sha256: createSHA256,
  xxhash128: createXXHash128,
  xxhash3: createXXHash3,
  xxhash32: createXXHash32,
  xxhash64: createXXHash64,
}

export type DigestOptions = {
  /** Bytes that are read at once. Two slices are in memory: one is digested while the next is read. */
  readonly sliceSize: number
  readonly signal?: AbortSignal
  readonly onProgress: (bytes: number) => void
}

/** The read failed, and not the digest. */
export class ReadError extends Error {
  override readonly name = 'ReadError'
}

/** @returns The digest in lowercase hex. Rejects with `ReadError` where the blob cannot be read. */
export async function digestBlob(
  blob: Blob,
  algorithm: DigestAlgorithm,
  options: DigestOptions,
): Promise<string> {
  const digest = await algorithms[algorithm]()
  let next = read(blob, 0, options.sliceSize)
  for (let offset = 0; offset < blob.size; offset += options.sliceSize) {
    const bytes = await next
    options.signal?.throwIfAborted()
    next = read(blob, offset + options.sliceSize, options.sliceSize)
    digest.update(bytes)
    options.onProgress(Math.min(offset + options.sliceSize, blob.size))
  }
  return digest.digest()
}

/** Begun while the slice before is digested. */
function read(blob: Blob, offset: number, size: number): Promise<Uint8Array> {
  if (offset >= blob.size) return Promise.resolve(new Uint8Array())
  const reading = blob
    .slice(offset, offset + size)
    .arrayBuffer()
    .then(
      (buffer) => new Uint8Array(buffer),
      (cause: unknown) => Promise.reject(new ReadError(String(cause), { cause })),
    )
  // Awaited one turn later: until then a failure is nobody's.
  reading.catch(() => {})
  return reading
}
