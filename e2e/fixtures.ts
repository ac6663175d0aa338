/** The demo's servers in this process, a page on them, files on disk, and the bytes that the storage holds in the end. */
import { test as base, expect, type Page } from '@playwright/test'
import { type Demo, startDemo } from '../demo/server/demo.ts'
import type { ObjectStore } from '../demo/server/store/object-store.ts'
import { type DiskFile, mebibyte, objectSha256, writeRandom } from './files.ts'
import type { End, Look } from './harness.ts'
import { partSize, unfinished } from './store-log.ts'

export { count, lastSequence, partSize, partsHeld, partsStored, slow, unfinished } from './store-log.ts'
export type { DiskFile, End, Look }
export { mebibyte }

type Fixtures = {
  /** The embedded store, without faults and with an empty log. */
  readonly store: ObjectStore
  /** A page with the harness, opened. */
  readonly site: Page
  readonly makeFile: (name: string, size: number) => Promise<DiskFile>
}

export const test = base.extend<Fixtures, { demo: Demo }>({
  demo: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures out of it
    async ({}, use) => {
      const harness = new URL('harness', import.meta.url).pathname
      const demo = await startDemo({ page: harness, partSize, environment: {} })
      await use(demo)
      await demo.close()
    },
    { scope: 'worker' },
  ],
  store: async ({ demo }, use) => {
    if (demo.store === undefined) throw new Error('these tests need the embedded store')
    demo.store.faults.clear()
    demo.store.log.clear()
    await use(demo.store)
    demo.store.faults.clear()
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

/** Waits until so many parts of the file are stored. */
export async function untilStored(page: Page, count: number, index = 0): Promise<void> {
  await page.waitForFunction(
    ([which, wanted]) => harness.look(which ?? 0).stored.length >= (wanted ?? 0),
    [index, count],
  )
}

/** The storage holds exactly the file's bytes under the key, and nothing unfinished is left. */
export async function expectStored(demo: Demo, ended: End, file: DiskFile): Promise<void> {
  expect(ended.error).toBeUndefined()
  const key = ended.result?.key ?? ''
  expect(await objectSha256(demo.s3, demo.bucket, key)).toBe(file.sha256)
  expect(ended.result?.size).toBe(file.size)
  expect(await unfinished(demo)).not.toContain(key)
}
