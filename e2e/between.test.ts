/** Captive portals, gateways and service workers that answer in place of the page's two servers. */
import type { Page } from '@playwright/test'
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

/** A captive portal's answer to any request, with status 200. */
const portal = "<script>top.self.location.href='http://192.0.2.1/portal'</script>"

/** Answers the first `times` requests in place of the server, which never sees them. */
async function comeBetween(page: Page, url: RegExp, times: number, body: string): Promise<void> {
  await page.route(url, (route) => route.fulfill({ body, headers: { 'access-control-allow-origin': '*' } }), {
    times,
  })
}

test('a captive portal that answers some requests only delays the upload, and each part is stored once', async ({
  demo,
  page,
  store,
  makeFile,
}) => {
  await comeBetween(page, /start-upload/, 1, portal)
  await comeBetween(page, /get-upload-urls/, 2, portal)
  await comeBetween(page, /partNumber=2/, 2, portal)
  await comeBetween(page, /\/complete\//, 2, portal)
  await openSite(page, demo)
  const file = await makeFile('portal.bin', 10 * mebibyte + 1_000)
  await start(page, file)
  await expectStored(demo, await end(page), file)
  expect(partsStored(store).sort()).toEqual([1, 2, 3])
  expect(count(store, 'CreateMultipartUpload')).toBe(1)
})

for (const [who, said] of [
  ["PHP's error page with status 200", '<br />\n<b>Fatal error</b>:  Uncaught S3Exception'],
  [
    "an API Gateway's answer for a Lambda that timed out",
    '{"errorMessage":"Task timed out after 3.00 seconds"}',
  ],
] as const) {
  test(`${who} is not taken for a completion: the upload fails, and resuming completes it`, async ({
    demo,
    page,
    store,
    makeFile,
  }) => {
    await page.addInitScript(() => Object.assign(globalThis, { uploaderOptions: { retry: { attempts: 2 } } }))
    await comeBetween(page, /\/complete\//, 2, said)
    await openSite(page, demo)
    const file = await makeFile('ended.bin', 1_000)
    await start(page, file)
    await expect.poll(async () => (await look(page)).status).toBe('failed')
    expect(count(store, 'CompleteMultipartUpload')).toBe(0)
    await page.evaluate(() => harness.resume(0))
    await expect.poll(async () => (await look(page)).status).toBe('done')
    expect(partsStored(store)).toEqual([1])
    expect(count(store, 'CompleteMultipartUpload')).toBe(1)
  })
}

test("a service worker's offline page pauses the upload as offline until the network is back", async ({
  demo,
  page,
  context,
  store,
  makeFile,
}) => {
  await openSite(page, demo)
  await page.evaluate(async () => {
    const controlled = new Promise((resolve) =>
      navigator.serviceWorker.addEventListener('controllerchange', resolve),
    )
    await navigator.serviceWorker.register('/offline-worker.js')
    await controlled
  })
  const file = await makeFile('offline.bin', 20 * mebibyte)
  slow(store, 10)
  await start(page, file)
  await untilStored(page, 1)
  await context.setOffline(true)
  await expect.poll(async () => (await look(page)).status).toBe('paused')
  expect((await look(page)).reason).toBe('offline')
  await context.setOffline(false)
  await expectStored(demo, await end(page), file)
})
