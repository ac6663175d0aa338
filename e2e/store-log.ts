/** Helpers that read the storage and its log, and slow it down. */
import { ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import type { Demo } from '../demo/server/demo.ts'
import type { ObjectStore, Operation } from '../demo/server/store/object-store.ts'
import { mebibyte } from './files.ts'

export const partSize = 5 * mebibyte

/** Makes parts so slow that a test can act in the middle of an upload. */
export function slow(store: ObjectStore, mebibytesPerSecond = 5): void {
  store.faults.add({
    operation: 'UploadPart',
    effect: { kind: 'throttle', bytesPerSecond: mebibytesPerSecond * mebibyte },
  })
}

export function lastSequence(store: ObjectStore): number {
  return store.log.entries().at(-1)?.sequence ?? 0
}

/** Numbers of the parts that were acknowledged since, each as often as it was sent. */
export function partsStored(store: ObjectStore, since = 0): number[] {
  const stored = store.log
    .entries(since)
    .filter(({ operation, status }) => operation === 'UploadPart' && status === 200)
  return stored.map(({ partNumber }) => partNumber ?? 0)
}

/** Numbers of the parts that the storage has, including those whose answer was cut off. */
export function partsHeld(store: ObjectStore): ReadonlySet<number> {
  const held = store.log
    .entries()
    .filter(
      ({ operation, status, code }) =>
        operation === 'UploadPart' && code === undefined && (status === 200 || status === 'cut'),
    )
  return new Set(held.map(({ partNumber }) => partNumber ?? 0))
}

/** How often the operation succeeded. */
export function count(store: ObjectStore, operation: Operation, since = 0): number {
  return store.log.entries(since).filter((entry) => entry.operation === operation && entry.status === 200)
    .length
}

/** Keys of multipart uploads that are neither completed nor aborted. */
export async function unfinished(demo: Demo): Promise<(string | undefined)[]> {
  const { Uploads = [] } = await demo.s3.send(new ListMultipartUploadsCommand({ Bucket: demo.bucket }))
  return Uploads.map(({ Key }) => Key)
}
