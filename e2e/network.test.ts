/** Trouble from the network and the servers, in a real Chromium: stalls, lost answers, stale tokens, CORS. */
import type { Page } from '@playwright/test'
import {
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
} from './fixtures.ts'

async function withOptions(page: Page, options: Readonly<Record<string, unknown>>): Promise<void> {
  await page.addInitScript((given) => {
    globalThis.uploaderOptions = given
  }, options)
}

test('a connection that stalls is given up, and its part is sent again', async ({
  demo,
  page,
  makeFile,
  store,
}) => {
  await withOptions(page, { stall: { idle: 1_000, answer: 2_000 }, retry: { baseDelay: 100 } })
  await openSite(page, demo)
  store.faults.add({ operation: 'UploadPart', times: 1, effect: { kind: 'stall', afterBytes: mebibyte } })
  let puts = 0
  store.log.onArrival(({ operation }) => {
    if (operation === 'UploadPart') puts += 1
  })
  const file = await makeFile('file.bin', 27 * mebibyte)
  await start(page, file)
  const ended = await end(page)
  await expectStored(demo, ended, file)
  expect(puts).toBe(7)
})

test('slow parts are not aborted behind a service worker that hides their progress', async ({
  demo,
  page,
  makeFile,
  store,
}) => {
  await withOptions(page, { stall: { idle: 500, answer: 10_000 }, retry: { attempts: 2, baseDelay: 100 } })
  await openSite(page, demo)
  await page.evaluate(async () => {
    const taken = new Promise((resolve) =>
      navigator.serviceWorker.addEventListener('controllerchange', resolve),
    )
    await navigator.serviceWorker.register('/service-worker.js')
    if (navigator.serviceWorker.controller === null) await taken
  })
  slow(store, 2)
  const file = await makeFile('file.bin', 17 * mebibyte)
  await start(page, file)
  await expectStored(demo, await end(page), file)
  expect(partsStored(store).sort()).toEqual([1, 2, 3, 4])
  expect((await look(page)).parts.map(({ status }) => status)).toEqual(Array(4).fill('stored'))
})

test('a stale token is refreshed once for all refused calls', async ({ demo, site, makeFile }) => {
  let isStale = false
  await site.route('**/api/presigned/**', async (route) => {
    const isOld = isStale && !/ \d+$/.test(route.request().headers()['authorization'] ?? '')
    if (isOld) await route.fulfill({ status: 401, body: '' })
    else await route.continue()
  })
  const files = await Promise.all(['a', 'b', 'c'].map((name) => makeFile(name, 6 * mebibyte)))
  isStale = true
  await start(site, ...files)
  for (const [index, file] of files.entries()) await expectStored(demo, await end(site, index), file)
  expect(await site.evaluate(() => harness.refreshes())).toBe(1)
})

test('if the answer to the completion is lost, the upload is looked up and no part is sent again', async ({
  demo,
  site,
  makeFile,
  store,
}) => {
  let asked = 0
  await site.route('**/api/presigned/complete/**', async (route) => {
    asked += 1
    if (asked > 1) return route.fulfill({ status: 404, body: '{"code":"NoSuchUpload"}' })
    await route.fetch()
    await route.abort('connectionreset')
  })
  const file = await makeFile('file.bin', 12 * mebibyte)
  await start(site, file)
  const ended = await end(site)
  await expectStored(demo, ended, file)
  expect(asked).toBe(2)
  expect(ended.warnings).toEqual([])
  expect(store.log.entries().filter(({ operation }) => operation === 'UploadPart')).toHaveLength(3)
})

test('two hundred files uploaded at once all arrive', async ({ site, store }) => {
  const { results, progress } = await site.evaluate(() => harness.uploadMany(200, 2_000))
  expect(new Set(results.map(({ key }) => key)).size).toBe(200)
  expect(results.every(({ size }) => size === 2_000)).toBe(true)
  expect(progress).toMatchObject({
    confirmed: 400_000,
    inFlight: 0,
    files: { total: 200, done: 200, failed: 0 },
  })
  expect(store.log.entries().filter(({ operation }) => operation === 'UploadPart')).toHaveLength(200)
})

test('diagnose() finds nothing wrong with the demo', async ({ site }) => {
  const { ok, findings } = await site.evaluate(() => harness.diagnose())
  expect(findings.filter((finding) => !finding.ok)).toEqual([])
  expect(ok).toBe(true)
})

test("diagnose() names the page's policy if it blocks the storage", async ({ demo, page, store }) => {
  await page.route(
    ({ pathname }) => pathname === '/',
    async (route) => {
      const response = await route.fetch()
      const headers = { ...response.headers(), 'content-security-policy': "connect-src 'self'" }
      await route.fulfill({ response, headers })
    },
  )
  await openSite(page, demo)
  const { ok, findings } = await page.evaluate(() => harness.diagnose())
  expect(ok).toBe(false)
  expect(findings.filter((one) => !one.ok)).toEqual([
    {
      check: 'storage',
      ok: false,
      message: expect.stringMatching(/add http:\/\/[^/]+ to connect-src\.$/),
    },
  ])
  expect(partsStored(store)).toEqual([])
})

test('diagnose() names an ETag that CORS hides, and a CORS rule that refuses the request', async ({
  site,
  store,
}) => {
  store.faults.add({ operation: 'UploadPart', times: 1, effect: { kind: 'hide-etag' } })
  const hidden = await site.evaluate(() => harness.diagnose())
  expect(hidden.findings.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual(['etag'])
  // As after a refused preflight: the request fails although the host can be reached.
  await site.route(/partNumber=/, (route) => route.abort('accessdenied'))
  const forbidden = await site.evaluate(() => harness.diagnose())
  expect(forbidden.findings.filter(({ ok }) => !ok).map(({ check }) => check)).toEqual(['cors'])
})
