/** Reads a blob slice by slice, once, and digests it. Runs in a worker, or on the main thread where there is none. */
import type { Checksums, DigestAlgorithm, DigestState } from '../ports.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { plainDigest } from './plain-digest.ts'

/** A digest in the making. Those without `save` cannot be gone on with. */
export type Digest = {
  update(bytes: Uint8Array<ArrayBuffer>): unknown
  digest(): string | Promise<string>
  save?(): Uint8Array
  load?(state: Uint8Array): unknown
}

/** Which digests can be made here, and how. */
export type Makers = { readonly [Algorithm in DigestAlgorithm]?: () => Promise<Digest> }

export type Reading = {
  readonly blob: Blob
  readonly algorithms: readonly DigestAlgorithm[]
  /** Where an earlier reading of the same content got to. */
  readonly from?: DigestState | undefined
}

export type DigestOptions = {
  readonly makers: Makers
  /** Bytes that are read at once, at first. */
  readonly sliceSize: number
  /** Milliseconds that digesting a slice may take: slices are made smaller, or larger, to it. @default no limit */
  readonly sliceTime?: number
  /** Lets other tasks of this thread run. @default they wait until a slice is digested */
  readonly breathe?: () => Promise<void>
  readonly signal?: AbortSignal
  readonly onProgress: (bytes: number) => void
  readonly onState?: ((state: DigestState) => void) | undefined
  /** WebAssembly is refused here, and this is computed without it. */
  readonly onPlain?: (algorithm: DigestAlgorithm) => void
}

/** The read failed, and not the digest. */
export class ReadError extends Error {
  override readonly name = 'ReadError'
}

/** There is no code here that can compute it. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError'
}

/** States of another one are not read. hash-wasm marks its own with a hash of the WebAssembly too. */
const build = 'hash-wasm 4'

/** Bytes between two states: a few seconds of reading at most. */
const stateEvery = 128 * 1024 * 1024

/** The slice that is digested, and one that is read meanwhile. */
const largestSlice = 4 * 1024 * 1024
const smallestSlice = 32 * 1024
/** Bytes that are digested between two breaths. */
const piece = 256 * 1024

/** @returns The digests in lowercase hex. Rejects with `ReadError` where the blob cannot be read. */
export async function digestBlob(reading: Reading, options: DigestOptions): Promise<Checksums> {
  const { blob, algorithms } = reading
  const digests = await Promise.all(algorithms.map((algorithm) => make(algorithm, blob.size, options)))
  const [only] = digests
  const start = digests.length === 1 && only !== undefined ? await goOn(only, reading, options) : 0
  await feed(digests, start, reading, options)
  const values = await Promise.all(digests.map(async (digest) => digest.digest()))
  return Object.fromEntries(algorithms.map((algorithm, index) => [algorithm, values[index]]))
}

async function make(algorithm: DigestAlgorithm, size: number, options: DigestOptions): Promise<Digest> {
  const maker = options.makers[algorithm]
  try {
    if (maker !== undefined) return await maker()
  } catch (cause) {
    // Refused by the page's policy, or not there at all.
    const plain = plainDigest(algorithm, size)
    if (plain === undefined) throw new UnsupportedError(refused(algorithm), { cause })
    options.onPlain?.(algorithm)
    return plain
  }
  throw new UnsupportedError(`there is no code for ${algorithm} here`)
}

function refused(algorithm: DigestAlgorithm): string {
  return `WebAssembly, which ${algorithm} needs for a file of this size, is refused: allow 'wasm-unsafe-eval' in the page's Content-Security-Policy`
}

/** @returns The first byte that is not in the digest yet. */
async function goOn(
  digest: Digest,
  { blob, algorithms, from }: Reading,
  { makers }: DigestOptions,
): Promise<number> {
  const fits = from?.build === build && from.algorithm === algorithms[0] && from.offset <= blob.size
  if (!fits || digest.load === undefined) return 0
  const { offset, checked, check } = from
  const before = await read(blob, offset - checked, checked)
  if ((await digestOf(before, makers[from.algorithm])) !== check) return 0
  try {
    digest.load(fromBase64(from.state))
    return offset
  } catch {
    // Of other code after all.
    return 0
  }
}

async function digestOf(bytes: Uint8Array<ArrayBuffer>, maker: Makers[DigestAlgorithm]): Promise<string> {
  const digest = await maker?.()
  digest?.update(bytes)
  return (await digest?.digest()) ?? ''
}

async function feed(
  digests: readonly Digest[],
  start: number,
  { blob, algorithms }: Reading,
  options: DigestOptions,
): Promise<void> {
  const { sliceTime, signal, onProgress, onState, breathe } = options
  let size = options.sliceSize
  let kept = start
  let next = read(blob, start, size)
  for (let offset = start; offset < blob.size; ) {
    const bytes = await next
    signal?.throwIfAborted()
    offset += bytes.length
    next = read(blob, offset, size)
    const begun = performance.now()
    for (let done = 0; done < bytes.length; done += piece) {
      // What comes of the next slice is taken in here, on this thread, and until then the rest of it has to wait.
      if (done > 0) await breathe?.()
      for (const digest of digests) digest.update(bytes.subarray(done, done + piece))
    }
    size = fitting(size, performance.now() - begun, sliceTime)
    onProgress(offset)
    if (onState !== undefined && offset - kept >= stateEvery && digests.length === 1) {
      kept = offset
      await tell({ digest: digests[0], algorithm: algorithms[0], offset, last: bytes }, options)
    }
    free(bytes)
  }
}

/** Gives the memory back at once (ES2024): a collector that sees only a small object lets hundreds of megabytes pile up. */
function free({ buffer }: Uint8Array<ArrayBuffer>): void {
  const { transfer } = buffer as { transfer?: (this: ArrayBuffer, size: number) => unknown }
  transfer?.call(buffer, 0)
}

type Point = {
  readonly digest: Digest | undefined
  readonly algorithm: DigestAlgorithm | undefined
  readonly offset: number
  /** The slice that ends there: a file that is another one by now will not have the same. */
  readonly last: Uint8Array<ArrayBuffer>
}

async function tell(
  { digest, algorithm, offset, last }: Point,
  { makers, onState }: DigestOptions,
): Promise<void> {
  if (algorithm === undefined || digest?.save === undefined) return
  const state = toBase64(digest.save())
  const check = await digestOf(last, makers[algorithm])
  onState?.({ algorithm, offset, build, state, checked: last.length, check })
}

/** @returns The size of a slice that takes about half of the time that it may take. */
function fitting(size: number, took: number, sliceTime: number | undefined): number {
  if (sliceTime === undefined) return size
  if (took > sliceTime / 2) return Math.max(smallestSlice, size / 2)
  return took < sliceTime / 8 ? Math.min(largestSlice, Math.max(size, size * 2)) : size
}

/** Begun while the slice before is digested. */
function read(blob: Blob, offset: number, size: number): Promise<Uint8Array<ArrayBuffer>> {
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
