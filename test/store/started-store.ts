import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach } from 'vitest'
import {
  type ObjectStore,
  type ObjectStoreOptions,
  startObjectStore,
} from '../../demo/server/store/object-store.ts'
import { type S3Address, S3User } from '../contracts/s3/s3-user.ts'

export const bucket = 'uploads'

const cleanups: (() => unknown)[] = []

/** Closes everything that a test has started when the test ends, in reverse order. */
export function atEnd(cleanup: () => unknown): void {
  cleanups.push(cleanup)
}

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

export async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'longhaul-store-'))
  atEnd(() => rm(directory, { recursive: true, force: true }))
  return directory
}

/** A store with the bucket `uploads`, whose parts may have any size. */
export async function startStore(options: Partial<ObjectStoreOptions> = {}): Promise<ObjectStore> {
  const directory = options.directory ?? (await temporaryDirectory())
  const store = await startObjectStore({ buckets: [bucket], minimumPartSize: 0, ...options, directory })
  atEnd(() => store.close())
  return store
}

/** The number of files in each of the store's directories. */
export async function filesIn(directory: string): Promise<Readonly<Record<string, number>>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true })
  const counts: Record<string, number> = { buckets: 0, content: 0, temporary: 0, uploads: 0 }
  for (const entry of entries.filter((one) => one.isFile())) {
    const [top = ''] = entry.parentPath.slice(directory.length + 1).split('/')
    if (top !== '') counts[top] = (counts[top] ?? 0) + 1
  }
  return counts
}

/** Signs for the bucket `uploads`. */
export function userOf(store: Omit<S3Address, 'bucket'>): S3User {
  const user = new S3User({ ...store, bucket })
  atEnd(() => user.s3.destroy())
  return user
}
