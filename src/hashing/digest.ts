/** Reads a blob once, piece by piece, and digests it. Runs in a worker, or on the main thread if there is none. */
import type { Checksums, DigestAlgorithm, DigestState } from '../ports.ts'
import { fromBase64, toBase64 } from './base64.ts'
import { plainDigest } from './plain-digest.ts'
import { readSlice, type Source } from './read-blob.ts'

/** A digest in the making. Without `save` it cannot be continued later, and without `init` it cannot start over. */
export type Digest = {
  init?(): unknown
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
  /** How far an earlier reading of the same content got. */
  readonly from?: DigestState | undefined
}

export type DigestOptions = {
  readonly makers: Makers
  /** How the blob is read. */
  readonly source: Source
  readonly signal?: AbortSignal
  readonly onProgress: (bytes: number) => void
  readonly onState?: ((state: DigestState) => void) | undefined
  /** WebAssembly is refused here, so this is computed without it. */
  readonly onPlain?: (algorithm: DigestAlgorithm) => void
}

/** There is no code here that can compute it. */
export class UnsupportedError extends Error {
  override readonly name = 'UnsupportedError'
}

/**
 * States of another build are not read. hash-wasm also marks its own with a hash of the WebAssembly; our CRCs do not.
 */
const build = 'longhaul 2'

/** Bytes between two states: a few seconds of reading at most. */
const stateEvery = 128 * 1024 * 1024

/** Bytes. A smaller file is read again sooner than its last state is written down. */
const worthKeeping = 32 * 1024 * 1024

/** Bytes before a state's offset that are compared: a file that has changed does not have the same ones there. */
const looked = 1024 * 1024

/** Bytes between two reports of progress, since pieces can be small. */
const progressEvery = 4 * 1024 * 1024

/** @returns The digests in lowercase hex. Rejects with `ReadError` if the blob cannot be read. */
export async function digestBlob(reading: Reading, options: DigestOptions): Promise<Checksums> {
  const { blob, algorithms } = reading
  const digests = await Promise.all(algorithms.map((algorithm) => make(algorithm, blob.size, options)))
  const [only] = digests
  const start = digests.length === 1 && only !== undefined ? await goOn(only, reading) : 0
  await feed(digests, start, reading, options)
  const values = await Promise.all(digests.map(async (digest) => digest.digest()))
  return Object.fromEntries(algorithms.map((algorithm, index) => [algorithm, values[index]]))
}

async function make(algorithm: DigestAlgorithm, size: number, options: DigestOptions): Promise<Digest> {
  const maker = options.makers[algorithm]
  try {
    if (maker !== undefined) return await maker()
  } catch (cause) {
    // WebAssembly is refused by the page's policy, or does not exist here.
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

/** @returns The offset of the first byte that is not in the digest yet. */
async function goOn(digest: Digest, { blob, algorithms, from }: Reading): Promise<number> {
  const fits = from?.build === build && from.algorithm === algorithms[0] && from.offset <= blob.size
  if (!fits || digest.load === undefined) return 0
  const { offset, checked, check } = from
  const before = await readSlice(blob, offset - checked, checked)
  try {
    if ((await digestOf(before, digest)) === check) {
      digest.load(fromBase64(from.state))
      return offset
    }
  } catch {
    // The state is of other code after all.
  }
  digest.init?.()
  return 0
}

/**
 * Uses the digest at hand, whose own state has to be loaded again afterwards. Another one for every state would be
 * another WebAssembly memory, and Chromium has room for 125.
 */
async function digestOf(bytes: Uint8Array<ArrayBuffer>, digest: Digest): Promise<string> {
  digest.init?.()
  digest.update(bytes)
  return digest.digest()
}

async function feed(
  digests: readonly Digest[],
  start: number,
  { blob, algorithms }: Reading,
  options: DigestOptions,
): Promise<void> {
  const { source, signal, onProgress, onState } = options
  let [offset, told, kept] = [start, start, start]
  for await (const bytes of source(blob, start)) {
    signal?.throwIfAborted()
    for (const digest of digests) digest.update(bytes)
    offset += bytes.length
    if (offset - told >= progressEvery || offset === blob.size) {
      told = offset
      onProgress(offset)
    }
    const isEnd = offset === blob.size && offset >= worthKeeping
    if (onState === undefined || (offset - kept < stateEvery && !isEnd) || digests.length > 1) continue
    kept = offset
    await tell({ digest: digests[0], algorithm: algorithms[0], offset, blob }, options)
  }
}

type Point = {
  readonly digest: Digest | undefined
  readonly algorithm: DigestAlgorithm | undefined
  readonly offset: number
  readonly blob: Blob
}

async function tell({ digest, algorithm, offset, blob }: Point, { onState }: DigestOptions): Promise<void> {
  if (algorithm === undefined || digest?.save === undefined) return
  const last = await readSlice(blob, Math.max(0, offset - looked), Math.min(looked, offset))
  const state = digest.save()
  const check = await digestOf(last, digest)
  digest.load?.(state)
  onState?.({ algorithm, offset, build, state: toBase64(state), checked: last.length, check })
}
