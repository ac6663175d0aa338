/** A page with one of the backends on the demo's servers, and what the storage makes of it. */
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

/** @returns The tests' own `test`: its `stage` has the backend that the driver drives, and an empty storage. */
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

/** What carries bytes of files. */
const puts = ['UploadPart', 'PutObject'] as const

/**
 * The first two parts of a file go fast and the others slowly, so that a test can act in the middle of it, however many parts
 * are on their way at once. A file in one piece goes slowly as a whole.
 */
export function slow(store: ObjectStore, mebibytesPerSecond = 2): void {
  for (const partNumber of [3, 4])
    store.faults.add({ operation: 'UploadPart', partNumber, effect: throttle(mebibytesPerSecond) })
  store.faults.add({ operation: 'PutObject', effect: throttle(6) })
}

function throttle(mebibytesPerSecond: number): FaultEffect {
  return { kind: 'throttle', bytesPerSecond: mebibytesPerSecond * mebibyte }
}

/** The next requests with bytes go wrong. */
export function disturb(store: ObjectStore, times: number, effect: FaultEffect): void {
  for (const operation of puts) store.faults.add({ operation, times, effect })
}

/** Requests that carried bytes, and that the storage has taken. */
export function takenPuts(store: ObjectStore, since = 0): readonly LogEntry[] {
  return store.log
    .entries(since)
    .filter(({ operation, status }) => puts.some((put) => put === operation) && status === 200)
}

/** Until some parts are stored and some are not; of a file that goes in one piece, until it is on its way. */
export async function untilHalfway(driver: Driver, page: Page): Promise<void> {
  if (driver.inParts) await untilStored(page, 2)
  else await page.waitForFunction(() => harness.look(0).progress.inFlight > 0)
}

/** The storage holds exactly the file's bytes, and the server gives them out under the file's name. */
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

/** As a lifecycle rule does it, behind the back of whoever has begun them. */
export async function loseMultipartUploads({ s3, bucket }: Demo): Promise<void> {
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
  for (const { Key, UploadId } of Uploads)
    await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }))
}
