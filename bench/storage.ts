/** The store in a process of its own, and what it has seen and keeps. */
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { LogEntry } from '../demo/server/store/request-log.ts'
import { settingsOf } from '../demo/server/store/settings.ts'
import { startScript } from './child.ts'
import type { BenchFile } from './file.ts'
import { type StorePlace, s3Client } from './s3.ts'

const bucket = 'uploads'
const script = fileURLToPath(new URL('../demo/server/store/main.ts', import.meta.url))

/** What of the store's log is counted. */
type Entry = Pick<LogEntry, 'sequence' | 'method' | 'bytesReceived'>

/** What arrived at the store during one upload. */
export type Traffic = { readonly puts: number; readonly preflights: number; readonly putBytes: number }

export type StorageOptions = {
  /** Where its data may be. */
  readonly directory: string
  /** Whether it keeps the bytes, or drops them when it has digested them. */
  readonly keeps: boolean
}

export class Storage {
  readonly place: StorePlace
  readonly #s3: S3Client
  readonly #keeps: boolean
  #seen = 0

  /** @internal See `startStorage`. */
  constructor(place: StorePlace, keeps: boolean) {
    this.place = place
    this.#s3 = s3Client(place)
    this.#keeps = keeps
  }

  /** Since the last call. */
  async traffic(): Promise<Traffic> {
    const response = await fetch(`${this.place.endpoint}/_store/log?since=${this.#seen}`)
    const { entries } = (await response.json()) as { readonly entries: readonly Entry[] }
    this.#seen = entries.at(-1)?.sequence ?? this.#seen
    const puts = entries.filter(({ method }) => method === 'PUT')
    return {
      puts: puts.length,
      preflights: entries.filter(({ method }) => method === 'OPTIONS').length,
      putBytes: puts.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0),
    }
  }

  /** Whether it has taken in exactly the file, by its ETag, and gives exactly the file back, if it keeps anything. */
  async has(file: BenchFile, key: string): Promise<boolean> {
    const object = { Bucket: bucket, Key: key }
    const { ContentLength, ETag } = await this.#s3.send(new HeadObjectCommand(object))
    const taken = ContentLength === file.size && ETag === `"${file.etag}"`
    return taken && (!this.#keeps || (await this.#readBack(key)) === file.sha256)
  }

  async remove(key: string): Promise<void> {
    await this.#s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))
  }

  /** @returns The SHA-256 in hex. */
  async #readBack(key: string): Promise<string> {
    const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    const hash = createHash('sha256')
    for await (const bytes of Body as AsyncIterable<Uint8Array>) hash.update(bytes)
    return hash.digest('hex')
  }
}

export async function startStorage({ directory, keeps }: StorageOptions): Promise<Storage> {
  const flags = ['--directory', directory, '--bucket', bucket, ...(keeps ? [] : ['--discard'])]
  const { said } = await startScript(script, flags)
  const { endpoint, region } = said as { readonly endpoint: string; readonly region: string }
  return new Storage({ endpoint, bucket, region, ...settingsOf({ directory }).credentials }, keeps)
}
