/** What is asked of each application: its page, opened in a browser, uploads a file by the help of its worker. */
import type { Page } from '@playwright/test'
import type { Demo } from '../../demo/server/demo.ts'
import { type DiskFile, objectSha256 } from '../files.ts'
import { test as base, expect, mebibyte } from '../fixtures.ts'
import { newFolder, pack, removeFolder } from './fresh-app.ts'

export { expect }

export const test = base.extend<object, { tarball: string }>({
  tarball: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures out of it
    async ({}, use) => {
      const folder = newFolder()
      await use(pack(folder))
      removeFolder(folder)
    },
    { scope: 'worker' },
  ],
})

type Ended = {
  readonly key?: string
  readonly size?: number
  readonly checksums?: Readonly<Record<string, string>>
  readonly error?: string
  readonly warnings: readonly string[]
  readonly hasElement: boolean
}

/** @param url Of the page; @param demo Whose backend and storage it uses. */
export async function expectUploads(
  page: Page,
  url: string,
  demo: Demo,
  makeFile: (name: string, size: number) => Promise<DiskFile>,
): Promise<void> {
  const workers: string[] = []
  const complaints: string[] = []
  page.on('worker', (worker) => workers.push(worker.url()))
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()))
  page.on('pageerror', (error) => complaints.push(String(error)))
  const file = await makeFile('bundled.bin', 11 * mebibyte + 3)
  // The page's scripts have run by then.
  await page.goto(url, { waitUntil: 'networkidle' })
  await page.locator('input').setInputFiles(file.path)
  await expect(page.locator('output')).not.toBeEmpty()
  const ended: Ended = JSON.parse((await page.locator('output').textContent()) ?? '')
  expect(complaints).toEqual([])
  expect(ended).toMatchObject({ size: file.size, warnings: [], hasElement: true })
  expect(ended.checksums).toMatchObject({ crc32c: expect.any(String), xxhash64: expect.any(String) })
  expect(await objectSha256(demo.s3, demo.bucket, ended.key ?? '')).toBe(file.sha256)
  expect(workers.length).toBeGreaterThan(0)
}
