/** The store in a process of its own, with its log and its objects. */
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { DeleteObjectCommand, GetObjectCommand, HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import type { FaultRule } from '../demo/server/store/faults/fault-rule.ts'
import type { LogEntry } from '../demo/server/store/request-log.ts'
import { settingsOf } from '../demo/server/store/settings.ts'
import { startScript } from './child.ts'
import type { BenchFile } from './file.ts'
import type { Network } from './network.ts'
import type { Receiver, Traffic } from './receiver.ts'
import { type StorePlace, s3Client } from './s3.ts'

const bucket = 'uploads'
const script = fileURLToPath(new URL('../demo/server/store/main.ts', import.meta.url))

/** The counted fields of the store's log. */
export type Entry = Pick<LogEntry, 'sequence' | 'method' | 'bytesReceived' | 'status' | 'headers'>

export type StorageOptions = {
  /** The folder for its data. */
  readonly directory: string
  /** Whether it keeps the bytes, or drops them once they are digested. */
  readonly keeps: boolean
  /** The network between the page and the store. */
  readonly network: Network
}

export class Storage implements Receiver {
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

  async begin(faults: readonly FaultRule[]): Promise<void> {
    await fetch(`${this.place.direct}/_store/faults`, { method: 'PUT', body: JSON.stringify(faults) })
    this.#seen = (await this.#entries()).at(-1)?.sequence ?? this.#seen
  }

  async traffic(): Promise<Traffic> {
    return trafficOf(await this.#entries())
  }

  /** Compares the ETag. If the store keeps the bytes, it also has to return exactly the file. */
  async has(file: BenchFile, key: string): Promise<boolean> {
    const { ContentLength, ETag } = await this.#s3.send(new HeadObjectCommand({ Bucket: bucket, Key: key }))
    const isTaken = ContentLength === file.size && [`"${file.etag}"`, `"${file.md5}"`].includes(ETag ?? '')
    return isTaken && (!this.#keeps || (await this.#readBack(key)) === file.sha256)
  }

  async remove(key: string): Promise<void> {
    await this.#s3.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }))
  }

  async #entries(): Promise<readonly Entry[]> {
    const response = await fetch(`${this.place.direct}/_store/log?since=${this.#seen}`)
    const { entries } = (await response.json()) as { readonly entries: readonly Entry[] }
    return entries
  }

  /** @returns The SHA-256 in hex. */
  async #readBack(key: string): Promise<string> {
    const { Body } = await this.#s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }))
    const hash = createHash('sha256')
    for await (const bytes of Body as AsyncIterable<Uint8Array>) hash.update(bytes)
    return hash.digest('hex')
  }
}

/** Pure. The backend's own requests are not the page's: they have no origin. */
export function trafficOf(entries: readonly Entry[]): Traffic {
  const fromPage = entries.filter(({ method, headers }) => method !== 'OPTIONS' && 'origin' in headers)
  const puts = fromPage.filter(({ method }) => method === 'PUT')
  return {
    requests: fromPage.length,
    preflights: entries.filter(({ method }) => method === 'OPTIONS').length,
    bodyBytes: bytesOf(puts),
    lostBytes: bytesOf(puts.filter(({ status }) => status === 'cut' || status >= 400)),
  }
}

function bytesOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { bytesReceived }) => sum + bytesReceived, 0)
}

export async function startStorage({ directory, keeps, network }: StorageOptions): Promise<Storage> {
  const flags = ['--directory', directory, '--bucket', bucket, ...(keeps ? [] : ['--discard'])]
  const { said } = await startScript(script, flags)
  const { endpoint: direct, region } = said as { readonly endpoint: string; readonly region: string }
  const endpoint = await network.open(direct)
  return new Storage({ endpoint, direct, bucket, region, ...settingsOf({ directory }).credentials }, keeps)
}
