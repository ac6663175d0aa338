import { hash } from 'node:crypto'
import { isCrc, TableCrc } from '../../src/hashing/plain-digest.ts'
import type { DigestAlgorithm } from '../../src/ports.ts'
import type { Random } from './random.ts'

/** What the file system holds under one name. Versions have no byte in common, and the same name, size and date. */
export class Source {
  readonly name: string
  readonly size: number
  readonly #first: Uint8Array
  /** The version that the disk holds now, from 0. */
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

  /** As the user picks it: a new File every time. */
  pick(version: number = this.version): SimulatedFile {
    const file = new SimulatedFile(this, version, this.bytes(version))
    this.#picked.push(file)
    return file
  }

  /** The medium is pulled out: what was picked so far cannot be read any more. */
  vanish(): void {
    for (const file of this.#picked) file.isReadable = false
    this.#picked = []
  }
}

/** A File whose bytes are here already: Node's own reads them in other threads, in an order of their own. */
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

/** What the engine hands to a port as a blob. */
export function contentOf(blob: Blob): { readonly file: SimulatedFile; readonly bytes: Uint8Array } {
  if (blob instanceof SimulatedBlob) return { file: blob.file, bytes: blob.content }
  if (blob instanceof SimulatedFile) return { file: blob, bytes: blob.content }
  throw new TypeError('Expected a blob of the simulation')
}

/**
 * MD5 is MD5, so that it can be an ETag, and CRCs are CRCs, so that they can be put together; the others need only tell one
 * content from another.
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
