/** What stands between the page and its two servers, and answers in their place. */
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

/** What a captive portal answers with a 200, to whatever comes. */
const portal = "<script>top.self.location.href='http://192.0.2.1/portal'</script>"

/** Answers so many requests in the place of the server, which never sees them. */
async function comeBetween(page: Page, url: RegExp, times: number, body: string): Promise<void> {
  await page.route(url, (route) => route.fulfill({ body, headers: { 'access-control-allow-origin': '*' } }), {
    times,
  })
}

test('a portal that answers for a while costs nothing but the while, whatever it has answered', async ({
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
  ['PHP shows with a 200 of what has ended it', '<br />\n<b>Fatal error</b>:  Uncaught S3Exception'],
  ['an API Gateway passes on of a Lambda function', '{"errorMessage":"Task timed out after 3.00 seconds"}'],
] as const) {
  test(`what ${who} completes nothing, and is no end: with the server back, resuming brings it to one`, async ({
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

test("a service worker's page for when there is no network is a network that is away", async ({
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
