/** What a browser does to pages and their storage: back/forward cache, freezing, storage that is full or cleared. */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, type CDPSession, chromium, type Page } from '@playwright/test'
import { chromiumLaunch } from '../scripts/browser-path.js'
import {
  test as base,
  count,
  end,
  expect,
  expectStored,
  look,
  mebibyte,
  openSite,
  partsHeld,
  partsStored,
  slow,
  start,
  untilStored,
} from './fixtures.ts'
import { removeProfile } from './handles.ts'

const test = base.extend<{ keeping: Page; cdp: CDPSession }>({
  /** A page in a browser with a back/forward cache, which Playwright turns off by default. */
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the names of the fixtures out of it
  keeping: async ({}, use) => {
    const profile = await mkdtemp(join(tmpdir(), 'longhaul-keeping-'))
    const launch = chromiumLaunch(chromium.executablePath())
    const ignoreDefaultArgs = ['--disable-back-forward-cache']
    const context: BrowserContext = await chromium.launchPersistentContext(profile, {
      ...launch,
      ignoreDefaultArgs,
    })
    await use(context.pages()[0] ?? (await context.newPage()))
    await context.close()
    await removeProfile(profile)
  },
  cdp: async ({ site }, use) => {
    await use(await site.context().newCDPSession(site))
  },
})

test.describe('a page in the back/forward cache', () => {
  test('goes on with its upload when the user comes back', async ({
    demo,
    keeping: page,
    store,
    makeFile,
  }) => {
    slow(store)
    const file = await makeFile('file.bin', 40 * mebibyte)
    await openSite(page, demo)
    await start(page, file)
    await untilStored(page, 2)
    await page.goto(`${demo.url}/service-worker.js`)
    await page.goBack({ waitUntil: 'commit' })
    store.faults.clear()
    // The page comes from the cache, so its upload is still there.
    await expectStored(demo, await end(page), file)
    expect(count(store, 'CreateMultipartUpload')).toBe(1)
  })

  test('still waits for another tab when the user comes back, and takes over when that tab closes', async ({
    demo,
    keeping: page,
    store,
    makeFile,
  }) => {
    slow(store)
    const file = await makeFile('file.bin', 40 * mebibyte)
    const owner = await page.context().newPage()
    await openSite(owner, demo)
    await openSite(page, demo)
    await start(owner, file)
    await untilStored(owner, 2)
    await start(page, file)
    await page.waitForFunction(() => harness.look(0).reason === 'other-tab')
    // Stops the progress messages, because they would make Chromium drop the cached page.
    await owner.evaluate(() => harness.pause(0))
    await page.goto(`${demo.url}/service-worker.js`)
    await page.goBack({ waitUntil: 'commit' })
    await page.waitForFunction(() => 'harness' in globalThis)
    // The page comes from the cache, and still waits.
    expect(await page.evaluate(() => harness.look(0).reason)).toBe('other-tab')
    await owner.close()
    store.faults.clear()
    await expectStored(demo, await end(page), file)
    expect(count(store, 'CreateMultipartUpload')).toBe(1)
  })

  test('lets go of its uploads, so that the next page lists them at its first call', async ({
    demo,
    keeping: page,
    store,
    makeFile,
  }) => {
    slow(store)
    await openSite(page, demo)
    await start(page, await makeFile('file.bin', 40 * mebibyte))
    await untilStored(page, 2)
    await page.evaluate(() => harness.pause(0))
    await openSite(page, demo, 'presigned&next')
    expect(await page.evaluate(() => harness.interrupted())).toMatchObject([
      { identity: { name: 'file.bin' } },
    ])
  })
})

test('a page that was frozen for a while goes on, and sends no part twice', async ({
  demo,
  site,
  cdp,
  store,
  makeFile,
}) => {
  slow(store)
  const file = await makeFile('file.bin', 40 * mebibyte)
  await start(site, file)
  await untilStored(site, 2)
  await cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
  // Parts on their way still arrive, but the page does not hear of it yet.
  await expect.poll(() => partsHeld(store).size).toBeGreaterThan(5)
  await cdp.send('Page.setWebLifecycleState', { state: 'active' })
  store.faults.clear()
  await expectStored(demo, await end(site), file)
  const parts = partsStored(store)
  expect(parts.length).toBe(new Set(parts).size)
})

test('if the page closes before the server has answered a cancel, the next page lists nothing and aborts again', async ({
  demo,
  site,
  store,
  makeFile,
}) => {
  slow(store)
  await start(site, await makeFile('file.bin', 40 * mebibyte))
  await untilStored(site, 2)
  await site.route('**/abort/**', () => {})
  const asked = site.waitForRequest('**/abort/**')
  await site.evaluate(() => void harness.cancel(0))
  await asked
  const next = await site.context().newPage()
  await site.close()
  const told = next.waitForResponse('**/abort/**')
  await openSite(next, demo)
  expect(await next.evaluate(() => harness.interrupted())).toEqual([])
  await told
  // The request that was held back may have reached the server by now. Then there is nothing left to abort.
  await expect.poll(() => next.evaluate(() => harness.kept())).not.toContain('aborting')
})

test("if the browser's storage is full, the upload completes and warns that its checkpoint is not kept", async ({
  demo,
  site,
  cdp,
  makeFile,
}) => {
  await cdp.send('Storage.overrideQuotaForOrigin', { origin: demo.url, quotaSize: 1 })
  const file = await makeFile('file.bin', 12 * mebibyte)
  await start(site, file)
  const ended = await end(site)
  await expectStored(demo, ended, file)
  expect(ended.warnings).toEqual(['checkpoint'])
})

for (const [who, clear] of [
  [
    'the user',
    (_: Page, cdp: CDPSession, origin: string) =>
      cdp.send('Storage.clearDataForOrigin', { origin, storageTypes: 'all' }),
  ],
  [
    'the application',
    (site: Page) =>
      site.evaluate(
        () =>
          new Promise<void>((resolve, reject) => {
            const deleting = indexedDB.deleteDatabase('longhaul')
            deleting.onsuccess = () => resolve()
            deleting.onblocked = () => reject(new Error('blocked'))
          }),
      ),
  ],
] as const) {
  test(`if ${who} clears the checkpoints during an upload, they stay cleared and the upload warns of it`, async ({
    demo,
    site,
    cdp,
    store,
    makeFile,
  }) => {
    slow(store)
    const file = await makeFile('file.bin', 40 * mebibyte)
    await start(site, file)
    await untilStored(site, 2)
    await clear(site, cdp, demo.url)
    await untilStored(site, 4)
    await expect.poll(async () => (await look(site)).warnings).toEqual(['checkpoint'])
    expect(JSON.stringify(JSON.parse(await site.evaluate(() => harness.kept())).databases)).not.toContain(
      file.path.split('/').at(-1),
    )
    store.faults.clear()
    const ended = await end(site)
    await expectStored(demo, ended, file)
    expect(ended.warnings).toEqual(['checkpoint'])
    expect(partsHeld(store).size).toBe(8)
  })
}
