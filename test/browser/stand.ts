/** An Uploader in a real browser. Its server answers at once, and its storage answers when the test says so. */
import { expect } from 'vitest'
import { indexedDbCheckpoints } from '../../src/checkpoints/indexed-db.ts'
import { NetworkError } from '../../src/errors.ts'
import type { PartCall, PartResponse, PartTarget, PartTransport } from '../../src/ports.ts'
import { Uploader, type UploaderOptions } from '../../src/uploader.ts'
import { FakeBackend } from '../fakes/backend.ts'
import { until } from '../until.ts'

type Request = {
  readonly number: number
  store(): void
  /** @default cut */
  fail(error?: Error): void
  progress(sent: number): void
}

export class GatedTransport implements PartTransport {
  /** Part numbers, in the order of their requests. */
  readonly sent: number[] = []
  readonly open = new Set<Request>()

  send({ number }: PartTarget, _body: Blob, { signal, onProgress }: PartCall): Promise<PartResponse> {
    this.sent.push(number)
    return new Promise((resolve, reject) => {
      const settle = (work: () => void) => () => {
        this.open.delete(request)
        work()
      }
      const request: Request = {
        number,
        store: settle(() => resolve({ status: 200, headers: { etag: `"${number}"` }, body: '' })),
        fail: (error = new NetworkError('cut')) => settle(() => reject(error))(),
        progress: (sent) => onProgress?.(sent),
      }
      this.open.add(request)
      signal.addEventListener(
        'abort',
        settle(() => reject(signal.reason)),
      )
    })
  }

  /** The next open request. */
  async next(): Promise<Request> {
    for (;;) {
      for (const request of this.open) return request
      await new Promise((resolve) => setTimeout(resolve))
    }
  }

  /** Answers everything from now on. */
  async storeAll(until: PromiseLike<unknown>): Promise<void> {
    let isOver = false
    const end = (): void => {
      isOver = true
    }
    until.then(end, end)
    while (!isOver) {
      for (const request of [...this.open]) request.store()
      await new Promise((resolve) => setTimeout(resolve))
    }
  }
}

export type Stand = {
  readonly options: UploaderOptions
  readonly backend: FakeBackend
  readonly transport: GatedTransport
}

/** @param database The database for the checkpoints. Tests that should not see each other's need different ones. */
export function stand(database: string = crypto.randomUUID()): Stand {
  const backend = new FakeBackend()
  const transport = new GatedTransport()
  const options = {
    backend,
    transport,
    checkpoints: indexedDbCheckpoints(database),
    scope: database,
    concurrency: 2,
    partSize: 4,
    verify: 'none',
    retry: { attempts: 1 },
  } as const
  return { options, backend, transport }
}

/** A file with this many bytes. */
export function fileOf(size: number, name = 'file.bin'): File {
  return new File([new Uint8Array(size)], name, { lastModified: 1 })
}

/** Leaves an upload of `file.bin` as an earlier visit would: one part of three is stored. @returns Its database. */
export async function leave(database: string = crypto.randomUUID()): Promise<string> {
  const { options, transport } = stand(database)
  const uploader = new Uploader(options)
  uploader.uploadFile(fileOf(12)).catch(() => {})
  ;(await transport.next()).store()
  await until(() => expect(uploader.progress.confirmed).toBe(4))
  await uploader.stop()
  return database
}
