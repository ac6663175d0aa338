/** Uploads from the browser straight to the S3 that the environment names, with nothing of ours in between. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { UploadPartCommand } from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import type { Page } from '@playwright/test'
import { chromium } from 'playwright'
import type { Demo } from '../../demo/server/demo.ts'
import { chromiumLaunch } from '../../scripts/browser-path.js'
import type { Driver } from '../contract/driver.ts'
import { activeStorageDriver } from '../contract/drivers/active-storage.ts'
import { bkendDriver } from '../contract/drivers/bkend.ts'
import { fragnoDriver } from '../contract/drivers/fragno.ts'
import { newtonDriver } from '../contract/drivers/newton.ts'
import { presignedDriver } from '../contract/drivers/presigned.ts'
import { expectArrived, loseMultipartUploads, objectCount, untilHalfway } from '../contract/stage.ts'
import { end, expect, look, openSite, partSize, start, test, unfinished } from '../fixtures.ts'
import { browserProcess, kill } from '../kill/kill-run.ts'
import { partsSent, slowDown } from './slow-page.ts'

const drivers = [presignedDriver, fragnoDriver, bkendDriver, newtonDriver, activeStorageDriver]
const large = 4 * partSize

async function open(driver: Driver, demo: Demo, page: Page): Promise<void> {
  await loseMultipartUploads(demo)
  await driver.arrange?.(demo)
  await openSite(page, demo, driver.name)
}

for (const driver of drivers) {
  const { name, inParts } = driver

  test(`${name}: files arrive unchanged and leave nothing unfinished`, async ({ demo, page, makeFile }) => {
    await open(driver, demo, page)
    const sizes = [0, 1, partSize, 2 * partSize + 1]
    const files = await Promise.all(sizes.map((size) => makeFile(`${size} bytes ü.bin`, size)))
    const sent = partsSent(page)
    await start(page, ...files)
    for (const [index, file] of files.entries())
      await expectArrived(driver, { demo }, await end(page, index), file)
    if (inParts) expect(Math.max(...sent)).toBeGreaterThanOrEqual(2)
    expect(await unfinished(demo)).toEqual([])
    await driver.tidy(demo)
  })

  test(`${name}: a cancel leaves nothing in the browser or in the storage`, async ({
    demo,
    page,
    makeFile,
  }) => {
    await open(driver, demo, page)
    const before = await objectCount(demo)
    await slowDown(page, 4)
    await start(page, await makeFile('cancelled.bin', large))
    await untilHalfway(driver, page)
    await page.evaluate(() => harness.cancel(0))
    expect((await end(page)).error?.name).toBe('AbortError')
    expect(await unfinished(demo)).toEqual([])
    expect(await objectCount(demo)).toBe(before)
    expect(await page.evaluate(() => harness.interrupted())).toEqual([])
    await driver.tidy(demo)
  })

  if (!inParts) continue

  test(`${name}: after its browser was killed, an upload sends only the parts that were not acknowledged`, async ({
    demo,
    makeFile,
  }) => {
    const profile = await mkdtemp(join(tmpdir(), 'longhaul-kill-'))
    const launch = () => chromium.launchPersistentContext(profile, chromiumLaunch(chromium.executablePath()))
    const file = await makeFile('killed.bin', large)
    try {
      const first = await launch()
      const pid = await browserProcess(first)
      const page = first.pages()[0] ?? (await first.newPage())
      // Parts whose answer the page has seen for 100 ms, by its own clock.
      const acknowledged = new Set<number>()
      await page.exposeFunction('partSeen', (number: number) => void acknowledged.add(number))
      await open(driver, demo, page)
      await slowDown(page, 4)
      await start(page, file)
      await expect.poll(() => acknowledged.size, { timeout: 60_000 }).toBeGreaterThanOrEqual(2)
      await kill({ context: first, page, pid })

      const second = await launch()
      const next = second.pages()[0] ?? (await second.newPage())
      const sent = partsSent(next)
      await openSite(next, demo, name)
      await start(next, file)
      const ended = await end(next)
      await expectArrived(driver, { demo }, ended, file)
      expect(sent.filter((number) => acknowledged.has(number))).toEqual([])
      expect(sent.length).toBeLessThanOrEqual(4 - acknowledged.size)
      expect(ended.warnings).toEqual([])
      expect(await unfinished(demo)).toEqual([])
      await second.close()
    } finally {
      await rm(profile, { recursive: true, force: true, maxRetries: 5 })
      await driver.tidy(demo)
    }
  })

  test(`${name}: an upload that the storage has lost between two visits starts again, with a warning`, async ({
    demo,
    page,
    makeFile,
  }) => {
    await open(driver, demo, page)
    const undo = await slowDown(page, 4)
    const file = await makeFile('lost.bin', large)
    await start(page, file)
    await untilHalfway(driver, page)
    await openSite(page, demo, name)
    await undo()
    await driver.loseSessions?.(demo)
    await loseMultipartUploads(demo)
    await start(page, file)
    const ended = await end(page)
    await expectArrived(driver, { demo }, ended, file)
    expect(ended.warnings).toEqual(['session-lost'])
    expect(await unfinished(demo)).toEqual([])
    await driver.tidy(demo)
  })
}

test('presigned: an upload that the storage has lost before its completion starts again, with a warning', async ({
  demo,
  page,
  makeFile,
}) => {
  await open(presignedDriver, demo, page)
  await page.route(
    '**/api/presigned/complete/**',
    async (route) => {
      await loseMultipartUploads(demo)
      await route.continue()
    },
    { times: 1 },
  )
  const file = await makeFile('late.bin', 2 * partSize)
  await start(page, file)
  const ended = await end(page)
  await expectArrived(presignedDriver, { demo }, ended, file)
  expect(ended.warnings).toEqual(['session-lost'])
  expect(await unfinished(demo)).toEqual([])
})

test('presigned: if the answer to the completion is lost, the upload succeeds and stores one object', async ({
  demo,
  page,
  makeFile,
}) => {
  await open(presignedDriver, demo, page)
  const before = await objectCount(demo)
  let completed = 0
  await page.route('**/api/presigned/complete/**', async (route) => {
    completed += 1
    if (completed > 1) return route.continue()
    await route.fetch()
    await route.abort('connectionreset')
  })
  const file = await makeFile('unanswered.bin', 2 * partSize)
  await start(page, file)
  const ended = await end(page)
  await expectArrived(presignedDriver, { demo }, ended, file)
  expect(ended.warnings).toEqual([])
  expect(await objectCount(demo)).toBe(before + 1)
})

test('presigned: URLs that the storage refuses as expired are signed again', async ({
  demo,
  page,
  makeFile,
}) => {
  await open(presignedDriver, demo, page)
  const refused: string[] = []
  page.on('requestfailed', (request) => {
    if (request.method() === 'PUT') refused.push(request.url())
  })
  page.on('response', (response) => {
    if (response.request().method() === 'PUT' && response.status() === 403) refused.push(response.url())
  })
  await page.route(
    '**/api/presigned/get-upload-urls',
    async (route) => {
      const { key, uploadId, parts } = route.request().postDataJSON()
      const urls = (parts as readonly number[]).map((number) => expiredUrl(demo, { key, uploadId, number }))
      await route.fulfill({ json: { urls: Object.fromEntries(await Promise.all(urls)) } })
    },
    { times: 1 },
  )
  const file = await makeFile('expired.bin', 3 * partSize + 1)
  await start(page, file)
  const ended = await end(page)
  await expectArrived(presignedDriver, { demo }, ended, file)
  expect(refused.length).toBeGreaterThan(0)
  for (const url of refused) expect(url).toContain('X-Amz-Expires=61')
  expect((await look(page)).status).toBe('done')
})

/** A URL signed with the storage's own key, an hour ago. */
async function expiredUrl(
  { s3, bucket }: Demo,
  { key, uploadId, number }: { readonly key: string; readonly uploadId: string; readonly number: number },
): Promise<readonly [string, string]> {
  const put = new UploadPartCommand({ Bucket: bucket, Key: key, UploadId: uploadId, PartNumber: number })
  const signingDate = new Date(Date.now() - 3_600_000)
  return [String(number), await getSignedUrl(s3, put, { signingDate, expiresIn: 61 })]
}
