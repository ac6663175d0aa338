/** Two tabs with the same upload: one sends, the other shows its progress and takes over when the first is gone. */
import type { Page } from '@playwright/test'
import { writeLookalikes } from './files.ts'
import {
  count,
  end,
  expect,
  expectStored,
  look,
  mebibyte,
  openSite,
  partsStored,
  slow,
  start,
  test,
  untilStored,
} from './fixtures.ts'

async function secondTab(site: Page): Promise<Page> {
  const page = await site.context().newPage()
  await page.goto(site.url())
  await page.waitForFunction(() => 'harness' in globalThis)
  return page
}

async function untilWatching(page: Page): Promise<void> {
  await page.waitForFunction(() => harness.look(0).reason === 'other-tab')
}

/** Expects that the tab takes over from an owner that is gone. */
async function expectTakenOver(heir: Page): Promise<void> {
  await heir.waitForFunction(
    () => /waiting|hashing|opening|uploading|completing|done/.test(harness.look(0).status),
    undefined,
    {
      timeout: 5_000,
    },
  )
}

test('two tabs that start the same upload at the same moment never both send', async ({
  demo,
  site,
  makeFile,
  store,
}) => {
  slow(store)
  const file = await makeFile('file.bin', 40 * mebibyte)
  const other = await secondTab(site)
  await Promise.all([start(site, file), start(other, file)])
  const [one, two] = await Promise.all([end(site), end(other)])
  await expectStored(demo, one, file)
  expect(two.result).toEqual(one.result)
  expect(count(store, 'CreateMultipartUpload')).toBe(1)
  expect(count(store, 'CompleteMultipartUpload')).toBe(1)
  expect(partsStored(store).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(await site.evaluate(() => harness.interrupted())).toEqual([])
})

test('if two tabs have different files that look the same, both files are stored', async ({
  demo,
  site,
  store,
}, testInfo) => {
  slow(store)
  const [file, another] = await writeLookalikes(testInfo.outputDir, 20 * mebibyte)
  await start(site, file)
  await untilStored(site, 1)
  const other = await secondTab(site)
  await start(other, another)
  await untilWatching(other)
  store.faults.clear()
  const [one, two] = await Promise.all([end(site), end(other)])
  await expectStored(demo, one, file)
  await expectStored(demo, two, another)
  expect(two.result?.key).not.toBe(one.result?.key)
})

test('a tab shows the progress of an upload that another tab sends', async ({ site, makeFile, store }) => {
  slow(store)
  const file = await makeFile('file.bin', 40 * mebibyte)
  await start(site, file)
  await untilStored(site, 1)
  const other = await secondTab(site)
  await start(other, file)
  await untilWatching(other)
  await untilStored(other, 2)
  const seen = await look(other)
  expect(seen.progress.confirmed).toBeGreaterThan(0)
  expect(seen.parts).toHaveLength(8)
  await Promise.all([end(site), end(other)])
})

for (const [how, leave] of [
  ['is closed', (page: Page) => page.close()],
  ['crashes', (page: Page) => page.goto('chrome://crash').catch(() => {})],
] as const) {
  test(`a waiting tab takes over when the sending tab ${how}`, async ({ demo, site, makeFile, store }) => {
    slow(store)
    const file = await makeFile('file.bin', 40 * mebibyte)
    const owner = await secondTab(site)
    await start(owner, file)
    await untilStored(owner, 2)
    await start(site, file)
    await untilWatching(site)
    const { stored } = await look(owner)
    await leave(owner)
    await expectTakenOver(site)
    await expectStored(demo, await end(site), file)
    const parts = partsStored(store)
    for (const number of stored) expect(parts.filter((part) => part === number)).toHaveLength(1)
    expect(count(store, 'CreateMultipartUpload')).toBe(1)
  })
}

test('without Web Locks, a reloaded page lists its upload, and goes on with it once the old lease has run out', async ({
  demo,
  site,
  store,
  makeFile,
}) => {
  // As in a page that is served over plain HTTP.
  await site.addInitScript(() => Object.defineProperty(Navigator.prototype, 'locks', { value: undefined }))
  const { origin: url } = new URL(site.url())
  await openSite(site, { url })
  slow(store)
  const file = await makeFile('file.bin', 40 * mebibyte)
  await start(site, file)
  await untilStored(site, 2)
  await openSite(site, { url })
  expect(await site.evaluate(() => harness.interrupted())).toMatchObject([{ identity: { name: 'file.bin' } }])
  store.faults.clear()
  await start(site, file)
  await untilWatching(site)
  await expectStored(demo, await end(site), file)
  expect(count(store, 'CreateMultipartUpload')).toBe(1)
})

test('a cancel in the waiting tab cancels the upload in both', async ({ site, makeFile, store }) => {
  slow(store)
  const file = await makeFile('file.bin', 40 * mebibyte)
  const other = await secondTab(site)
  await start(site, file)
  await untilStored(site, 1)
  await start(other, file)
  await untilWatching(other)
  await other.evaluate(() => harness.cancel(0))
  const [one, two] = await Promise.all([end(site), end(other)])
  expect([one.error?.name, two.error?.name]).toEqual(['AbortError', 'AbortError'])
  expect(count(store, 'AbortMultipartUpload')).toBe(0)
  expect(store.log.entries().filter(({ operation }) => operation === 'AbortMultipartUpload')).toHaveLength(1)
  await openSite(site, { url: new URL(site.url()).origin })
  expect(await site.evaluate(() => harness.interrupted())).toEqual([])
})
