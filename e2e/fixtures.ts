/** Fixtures: the demo's servers in this process, a page on them, files on disk, and a check of the stored bytes. */
import { test as base, expect, type Page } from '@playwright/test'
import { type Demo, startDemo } from '../demo/server/demo.ts'
import type { ObjectStore } from '../demo/server/store/object-store.ts'
import { type DiskFile, mebibyte, objectSha256, writeRandom } from './files.ts'
import type { End, Look } from './harness.ts'
import { environmentOf, placeOf } from './s3/place.ts'
import { startRelay } from './s3/relay.ts'
import { partSize, unfinished } from './store-log.ts'

export { count, lastSequence, partSize, partsHeld, partsStored, slow, unfinished } from './store-log.ts'
export type { DiskFile, End, Look }
export { mebibyte }

/**
 * Where the bytes go: to the embedded store, straight to the S3 that the environment names, or to that S3 through a relay
 * with the embedded store's faults and log.
 */
export type StorageOption = 'embedded' | 's3' | 's3 by relay'

type Fixtures = {
  /** The embedded store or the relay, without faults and with an empty log. */
  readonly store: ObjectStore
  /** An open page with the harness. */
  readonly site: Page
  readonly makeFile: (name: string, size: number) => Promise<DiskFile>
}

type WorkerFixtures = {
  readonly storage: StorageOption
  readonly relay: ObjectStore | undefined
  readonly demo: Demo
}

export const test = base.extend<Fixtures, WorkerFixtures>({
  storage: ['embedded', { option: true, scope: 'worker' }],
  relay: [
    async ({ storage }, use) => {
      const relay = storage === 's3 by relay' ? await startRelay(placeOf(process.env)) : undefined
      await use(relay)
      await relay?.close()
    },
    { scope: 'worker' },
  ],
  demo: [
    async ({ storage, relay }, use) => {
      const harness = new URL('harness', import.meta.url).pathname
      const named = storage === 'embedded' ? {} : environmentOf(placeOf(process.env))
      const environment = relay === undefined ? named : { ...named, S3_ENDPOINT: relay.endpoint }
      const demo = await startDemo({ page: harness, partSize, environment })
      await use(demo)
      await demo.close()
    },
    { scope: 'worker' },
  ],
  store: async ({ demo, relay }, use) => {
    const store = relay ?? demo.store
    if (store === undefined) throw new Error('these tests need the embedded store, or a relay')
    store.faults.clear()
    store.log.clear()
    await use(store)
    store.faults.clear()
  },
  site: async ({ demo, page, store: _ }, use) => {
    await openSite(page, demo)
    await use(page)
  },
  // biome-ignore lint/correctness/noEmptyPattern: as above
  makeFile: async ({}, use, testInfo) => {
    await use((name, size) => writeRandom(testInfo.outputPath(name), size))
  },
})

export { expect }

/** @param backend As e2e/harness/backends.js calls it. */
export async function openSite(
  page: Page,
  demo: Pick<Demo, 'url'>,
  backend: string = 'presigned',
): Promise<void> {
  await page.goto(`${demo.url}/?backend=${backend}`)
  await page.waitForFunction(() => 'harness' in globalThis)
}

/** Picks the files and starts their uploads. */
export async function start(page: Page, ...files: DiskFile[]): Promise<void> {
  await page.locator('#files').setInputFiles(files.map(({ path }) => path))
  await page.evaluate((count) => {
    for (let index = 0; index < count; index++) harness.start(index)
  }, files.length)
}

export function end(page: Page, index = 0): Promise<End> {
  return page.evaluate((which) => harness.end(which), index)
}

export function look(page: Page, index = 0): Promise<Look> {
  return page.evaluate((which) => harness.look(which), index)
}

/** Waits until this many parts of the file are stored. */
export async function untilStored(page: Page, count: number, index = 0): Promise<void> {
  await page.waitForFunction(
    ([which, wanted]) => harness.look(which ?? 0).stored.length >= (wanted ?? 0),
    [index, count],
  )
}

/** Expects that the storage holds exactly the file's bytes, and nothing unfinished of the file. */
export async function expectStored(demo: Demo, ended: End, file: DiskFile): Promise<void> {
  expect(ended.error).toBeUndefined()
  const key = ended.result?.key ?? ''
  expect(await objectSha256(demo.s3, demo.bucket, key)).toBe(file.sha256)
  expect(ended.result?.size).toBe(file.size)
  expect(await unfinished(demo)).not.toContain(key)
}
