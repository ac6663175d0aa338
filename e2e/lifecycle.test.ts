/** What a browser does to pages and to what they keep: the way back, freezing, storage that is full or cleared. */
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
  /** A page of a browser that keeps pages for the way back, which Playwright's own does not. */
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

test.describe('a page that is left and kept for the way back', () => {
  test('goes on when the user comes back', async ({ demo, keeping: page, store, makeFile }) => {
    slow(store)
    const file = await makeFile('file.bin', 40 * mebibyte)
    await openSite(page, demo)
    await start(page, file)
    await untilStored(page, 2)
    await page.goto(`${demo.url}/service-worker.js`)
    await page.goBack({ waitUntil: 'commit' })
    store.faults.clear()
    // It is the same page: the upload is there.
    await expectStored(demo, await end(page), file)
    expect(count(store, 'CreateMultipartUpload')).toBe(1)
  })

  test('and waits for another tab, has its turn when the user has come back', async ({
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
    // No news, by which Chromium would end the page that is kept.
    await owner.evaluate(() => harness.pause(0))
    await page.goto(`${demo.url}/service-worker.js`)
    await page.goBack({ waitUntil: 'commit' })
    await page.waitForFunction(() => 'harness' in globalThis)
    // It is the same page, and still waits.
    expect(await page.evaluate(() => harness.look(0).reason)).toBe('other-tab')
    await owner.close()
    store.faults.clear()
    await expectStored(demo, await end(page), file)
    expect(count(store, 'CreateMultipartUpload')).toBe(1)
  })

  test('does not keep its uploads from the next page, at its first look', async ({
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

test('a page that is frozen for a while goes on', async ({ demo, site, cdp, store, makeFile }) => {
  slow(store)
  const file = await makeFile('file.bin', 40 * mebibyte)
  await start(site, file)
  await untilStored(site, 2)
  await cdp.send('Page.setWebLifecycleState', { state: 'frozen' })
  // What was on its way arrives, and the page does not hear of it yet.
  await expect.poll(() => partsHeld(store).size).toBeGreaterThan(5)
  await cdp.send('Page.setWebLifecycleState', { state: 'active' })
  store.faults.clear()
  await expectStored(demo, await end(site), file)
  const parts = partsStored(store)
  expect(parts.length).toBe(new Set(parts).size)
})

test('a cancel is one although the page is closed before the server has answered', async ({
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
  // What was held back may have reached the server by now: then there is nothing left to throw away, which is well, too.
  await expect.poll(() => next.evaluate(() => harness.kept())).not.toContain('aborting')
})

test('without room in the storage an upload is done, and says that it is not kept', async ({
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
  test(`what ${who} clears in the middle of an upload stays cleared, and the upload says so`, async ({
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
