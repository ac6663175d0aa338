/** The demo page in a test: served by this process, with files on disk to pick. */
import { test as base, expect, type Locator, type Page } from '@playwright/test'
import { type Demo, startDemo } from '../demo/server/demo.ts'
import type { ObjectStore } from '../demo/server/store/object-store.ts'
import { type DiskFile, mebibyte, objectSha256, writeRandom } from './files.ts'

export { expect, mebibyte }

type Fixtures = {
  readonly makeFile: (name: string, size: number) => Promise<DiskFile>
  /** The embedded store, without faults and with an empty log. */
  readonly store: ObjectStore
}

export const test = base.extend<Fixtures, { demo: Demo }>({
  demo: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures out of it
    async ({}, use) => {
      const demo = await startDemo({ environment: {} })
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
  // biome-ignore lint/correctness/noEmptyPattern: as above
  makeFile: async ({}, use, testInfo) => {
    await use((name, size) => writeRandom(testInfo.outputPath(name), size))
  },
})

export function row(page: Page, name: string): Locator {
  return page.locator(`[data-testid=upload][data-name=${JSON.stringify(name)}]`)
}

/** Opens the page and picks the files. */
export async function upload(page: Page, demo: Demo, ...files: readonly DiskFile[]): Promise<void> {
  await page.goto(demo.url)
  await page.getByTestId('file-input').setInputFiles(files.map(({ path }) => path))
}

/** Waits until something of the file is stored. */
export async function untilUnderway(page: Page, name: string): Promise<void> {
  await expect
    .poll(async () => Number(await row(page, name).getAttribute('data-confirmed')))
    .toBeGreaterThan(0)
}

/**
 * Slows down the third to the eighth part, so that a test can act in the middle of a file.
 *
 * @param mebibytes Per second and connection.
 */
export function slow(store: ObjectStore | undefined, mebibytes = 2): () => void {
  const effect = { kind: 'throttle', bytesPerSecond: mebibytes * mebibyte } as const
  const rules = [3, 4, 5, 6, 7, 8].map((partNumber) => ({
    operation: 'UploadPart' as const,
    partNumber,
    effect,
  }))
  return store?.faults.add(...rules) ?? (() => {})
}

/** Expects that the page finds both sides identical, and compares them again with the bytes that the storage returns. */
export async function expectIdentical(page: Page, demo: Demo, file: DiskFile, name: string): Promise<void> {
  const upload = row(page, name)
  await expect(upload.getByTestId('verdict')).toHaveAttribute('data-verdict', 'identical', {
    timeout: 60_000,
  })
  await expect(upload.getByTestId('verdict')).toContainText(file.sha256)
  const completed = demo.store?.log
    .entries()
    .filter(({ operation }) => operation === 'CompleteMultipartUpload')
  const key = completed?.findLast((entry) => entry.key.endsWith(name))?.key ?? ''
  expect(await objectSha256(demo.s3, demo.bucket, key)).toBe(file.sha256)
}

/** Numbers of the file's stored parts, each as often as it was stored. */
export function partsStored(store: ObjectStore, name: string): number[] {
  const entries = store.log
    .entries()
    .filter(({ key, operation }) => key.endsWith(name) && operation === 'UploadPart')
  return entries.filter(({ status }) => status === 200).map(({ partNumber }) => partNumber ?? 0)
}
