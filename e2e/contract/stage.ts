/** A page with one of the backends on the demo's servers, and helpers to slow, disturb and read the storage. */
import { createHash } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  ListObjectsV2Command,
} from '@aws-sdk/client-s3'
import type { Page } from '@playwright/test'
import type { Demo } from '../../demo/server/demo.ts'
import type { FaultEffect } from '../../demo/server/store/faults/fault-rule.ts'
import type { LogEntry, ObjectStore } from '../../demo/server/store/object-store.ts'
import {
  test as base,
  type DiskFile,
  type End,
  expect,
  mebibyte,
  openSite,
  untilStored,
} from '../fixtures.ts'
import type { Driver, Stage } from './driver.ts'

/** @returns A `test` whose `stage` has the driver's backend, and a storage without unfinished uploads. */
export function testOn(driver: Driver) {
  return base.extend<{ readonly stage: Stage }>({
    stage: async ({ demo, page, store }, use) => {
      await loseMultipartUploads(demo)
      await driver.arrange?.(demo)
      await openSite(page, demo, driver.name)
      await use({ demo, page, store })
      await driver.tidy(demo)
    },
  })
}

/** Operations that carry bytes of files. */
const puts = ['UploadPart', 'PutObject'] as const

/**
 * Slows down the third and fourth part of a file, so that a test can act in the middle of it, however many parts are on
 * their way at once. A file in one piece is slow as a whole.
 */
export function slow(store: ObjectStore, mebibytesPerSecond = 2): void {
  for (const partNumber of [3, 4])
    store.faults.add({ operation: 'UploadPart', partNumber, effect: throttle(mebibytesPerSecond) })
  store.faults.add({ operation: 'PutObject', effect: throttle(6) })
}

function throttle(mebibytesPerSecond: number): FaultEffect {
  return { kind: 'throttle', bytesPerSecond: mebibytesPerSecond * mebibyte }
}

/** Makes the next requests with bytes go wrong. */
export function disturb(store: ObjectStore, times: number, effect: FaultEffect): void {
  for (const operation of puts) store.faults.add({ operation, times, effect })
}

/** Requests with bytes that the storage has accepted. */
export function takenPuts(store: ObjectStore, since = 0): readonly LogEntry[] {
  return store.log
    .entries(since)
    .filter(({ operation, status }) => puts.some((put) => put === operation) && status === 200)
}

/** Waits until some parts are stored and some are not, or until a file in one piece is on its way. */
export async function untilHalfway(driver: Driver, page: Page): Promise<void> {
  if (driver.inParts) await untilStored(page, 2)
  else await page.waitForFunction(() => harness.look(0).progress.inFlight > 0)
}

/** Expects that the upload has succeeded, and that the stored object has exactly the file's bytes. */
export async function expectArrived(
  driver: Driver,
  { demo }: Pick<Stage, 'demo'>,
  ended: End,
  file: DiskFile,
): Promise<void> {
  expect(ended.error).toBeUndefined()
  if (ended.result === undefined) throw new Error('an upload without an error has a result')
  expect(ended.result.size).toBe(file.size)
  const response = await driver.read(demo, ended.result)
  expect(response.status).toBe(200)
  const hash = createHash('sha256')
  for await (const chunk of response.body ?? []) hash.update(chunk)
  expect(hash.digest('hex')).toBe(file.sha256)
}

export async function objectCount({ s3, bucket }: Demo): Promise<number> {
  const { KeyCount = 0 } = await s3.send(new ListObjectsV2Command({ Bucket: bucket }))
  return KeyCount
}

/** Aborts all multipart uploads, as a lifecycle rule of the bucket may. */
export async function loseMultipartUploads({ s3, bucket }: Demo): Promise<void> {
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
  for (const { Key, UploadId } of Uploads)
    await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }))
}
