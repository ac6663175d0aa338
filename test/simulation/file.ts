import { hash } from 'node:crypto'
import { isCrc, TableCrc } from '../../src/hashing/plain-digest.ts'
import type { DigestAlgorithm } from '../../src/ports.ts'
import type { Random } from './random.ts'

/** The file under one name in the file system. Its versions share no byte, and have the same name, size and date. */
export class Source {
  readonly name: string
  readonly size: number
  readonly #first: Uint8Array
  /** The version that is on the disk now, from 0. */
  version = 0
  #picked: SimulatedFile[] = []

  constructor(name: string, size: number, random: Random) {
    this.name = name
    this.size = size
    this.#first = random.bytes(size)
  }

  bytes(version: number): Uint8Array {
    return this.#first.map((byte) => (byte + version * 37) % 256)
  }

  /** A new File each time, as when the user picks it. */
  pick(version: number = this.version): SimulatedFile {
    const file = new SimulatedFile(this, version, this.bytes(version))
    this.#picked.push(file)
    return file
  }

  /** The medium is removed, and Files that were picked so far can no longer be read. */
  vanish(): void {
    for (const file of this.#picked) file.isReadable = false
    this.#picked = []
  }
}

/** A File whose bytes are in memory. Node's own Files are read in other threads, in an unpredictable order. */
export class SimulatedFile extends File {
  readonly source: Source
  readonly version: number
  readonly content: Uint8Array
  isReadable = true

  constructor(source: Source, version: number, content: Uint8Array) {
    super([], source.name, { lastModified: 1 })
    this.source = source
    this.version = version
    this.content = content
    Object.defineProperty(this, 'size', { value: content.length })
  }

  override slice(start: number, end: number): Blob {
    return new SimulatedBlob(this, start, end)
  }
}

/** A slice of a SimulatedFile. */
export class SimulatedBlob extends Blob {
  readonly file: SimulatedFile
  readonly content: Uint8Array

  constructor(file: SimulatedFile, start: number, end: number) {
    super()
    this.file = file
    this.content = file.content.subarray(start, end)
    Object.defineProperty(this, 'size', { value: this.content.length })
  }

  override async arrayBuffer(): Promise<ArrayBuffer> {
    if (!this.file.isReadable) throw new DOMException('The file could not be read', 'NotReadableError')
    return Uint8Array.from(this.content).buffer
  }
}

/** The blobs that the engine passes to a port. */
export function contentOf(blob: Blob): { readonly file: SimulatedFile; readonly bytes: Uint8Array } {
  if (blob instanceof SimulatedBlob) return { file: blob.file, bytes: blob.content }
  if (blob instanceof SimulatedFile) return { file: blob, bytes: blob.content }
  throw new TypeError('Expected a blob of the simulation')
}

/**
 * MD5 is real, so that it can be an ETag. CRCs are real, so that they can be combined. The others need only distinguish
 * contents.
 */
export function digestOf(bytes: Uint8Array, algorithm: DigestAlgorithm): string {
  if (isCrc(algorithm)) {
    const crc = new TableCrc(algorithm)
    crc.update(bytes)
    return crc.digest()
  }
  const md5 = hash('md5', bytes)
  return algorithm === 'md5' ? md5 : `${algorithm}-${md5}`
}

export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index])
}
