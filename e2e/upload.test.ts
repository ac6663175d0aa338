/** The main job, end to end: files from disk, through a real Chromium, into the store, and read back. */
import { basename } from 'node:path'
import type { Page } from '@playwright/test'
import type { ObjectStore } from '../demo/server/store/object-store.ts'
import {
  end,
  expect,
  expectStored,
  lastSequence,
  look,
  mebibyte,
  openSite,
  partSize,
  partsHeld,
  partsStored,
  start,
  test,
  unfinished,
  untilStored,
} from './fixtures.ts'

/** Expects that no request arrives within half a second. */
async function expectQuiet(page: Page, store: ObjectStore): Promise<void> {
  let arrived = 0
  const off = store.log.onArrival(() => {
    arrived += 1
  })
  await page.waitForTimeout(500)
  off()
  expect(arrived).toBe(0)
}

for (const [what, size] of [
  ['0 bytes', 0],
  ['one byte', 1],
  ['one byte less than a part', partSize - 1],
  ['exactly one part', partSize],
  ['one byte more than a part', partSize + 1],
  ['exactly three parts', 3 * partSize],
  ['100 MiB', 100 * mebibyte],
] as const) {
  test(`a file of ${what} arrives unchanged`, async ({ demo, site, makeFile }) => {
    const file = await makeFile('file.bin', size)
    await start(site, file)
    const ended = await end(site)
    await expectStored(demo, ended, file)
    expect(ended.states).toEqual(['waiting', 'hashing', 'opening', 'uploading', 'completing', 'done'])
    expect(ended.stored.length).toBe(Math.max(1, Math.ceil(size / partSize)))
    expect(ended.confirmed).toEqual([...ended.confirmed].sort((a, b) => a - b))
    expect(ended.confirmed.at(-1)).toBe(size)
    expect(ended.warnings).toEqual([])
  })
}

for (const name of [
  '日本語のファイル.bin',
  'a#b?c%d+e &f.bin',
  "it's (1) [2] {3}!~$,;=@.bin",
  '.hidden',
  'no-extension',
]) {
  test(`a file named ${name} arrives under its name`, async ({ demo, site, makeFile }) => {
    const file = await makeFile(name, 6 * mebibyte)
    await start(site, file)
    const ended = await end(site)
    await expectStored(demo, ended, file)
    expect(basename(ended.result?.key ?? '')).toBe(name)
  })
}

test('several files at an automatic width all arrive, with each part sent once', async ({
  demo,
  page: site,
  makeFile,
  store,
}) => {
  await site.addInitScript(() => {
    globalThis.uploaderOptions = { concurrency: 'auto' }
  })
  await openSite(site, demo)
  const files = await Promise.all(
    [1, 12, 23, 7].map((size, index) => makeFile(`${index}.bin`, size * mebibyte)),
  )
  await start(site, ...files)
  for (const [index, file] of files.entries()) await expectStored(demo, await end(site, index), file)
  expect(await site.evaluate(() => harness.running())).toBe(0)
  const parts = store.log.entries().filter(({ operation }) => operation === 'UploadPart')
  expect(parts).toHaveLength(1 + 3 + 5 + 2)
})

test('the server gets the xxHash64 of the content', async ({ demo, site, makeFile }) => {
  const file = await makeFile('file.bin', 20 * mebibyte)
  const starting = site.waitForRequest(/start-upload/)
  await start(site, file)
  const body = (await starting).postDataJSON()
  const ended = await end(site)
  await expectStored(demo, ended, file)
  expect(body).toEqual({
    fileName: 'file.bin',
    fileSize: file.size,
    fileHash: ended.result?.checksums['xxhash64'],
  })
  expect(ended.hashed.at(-1)).toBe(file.size)
})

test('after a pause and a resume, no acknowledged part is sent again', async ({
  demo,
  site,
  makeFile,
  store,
}) => {
  store.faults.add({ operation: 'UploadPart', effect: { kind: 'throttle', bytesPerSecond: 20 * mebibyte } })
  const file = await makeFile('file.bin', 60 * mebibyte)
  await start(site, file)
  await untilStored(site, 4)
  await site.evaluate(() => harness.pause(0))
  const paused = await look(site)
  expect(paused.status).toBe('paused')
  expect(paused.progress.inFlight).toBe(0)
  await expectQuiet(site, store)
  const before = lastSequence(store)
  const held = partsHeld(store)
  expect([...held]).toEqual(expect.arrayContaining([...paused.stored]))

  store.faults.clear()
  await site.evaluate(() => harness.resume(0))
  await expectStored(demo, await end(site), file)
  const again = partsStored(store, before)
  expect(again.filter((number) => paused.stored.includes(number))).toEqual([])
  // The pause may cut off a part's answer. The part is in the server's list all the same, and is not sent again.
  expect(again.length).toBe(12 - held.size)
})

test('after a reload halfway, picking the file again sends only the parts that were not acknowledged', async ({
  demo,
  site,
  makeFile,
  store,
}) => {
  store.faults.add({ operation: 'UploadPart', effect: { kind: 'throttle', bytesPerSecond: 20 * mebibyte } })
  const file = await makeFile('file.bin', 60 * mebibyte)
  await start(site, file)
  await untilStored(site, 6)
  const { stored } = await look(site)
  await openSite(site, demo)
  store.faults.clear()
  const [left] = await site.evaluate(() => harness.interrupted())
  expect(left?.identity.name).toBe('file.bin')
  expect(left?.confirmed).toBeGreaterThanOrEqual(stored.length * partSize)

  const before = store.log.entries().length
  await start(site, file)
  const ended = await end(site)
  await expectStored(demo, ended, file)
  const after = store.log.entries().slice(before)
  const again = after
    .filter(({ operation }) => operation === 'UploadPart')
    .map(({ partNumber }) => partNumber ?? 0)
  expect(again.filter((number) => stored.includes(number))).toEqual([])
  expect(after.filter(({ operation }) => operation === 'CreateMultipartUpload')).toEqual([])
  // The digest is in the checkpoint, so the file is not hashed again.
  expect(ended.hashed).toEqual([])
  expect(await site.evaluate(() => harness.interrupted())).toEqual([])
})

test('an upload waits out a burst of 503s with Retry-After', async ({ demo, site, makeFile, store }) => {
  store.faults.add({
    operation: 'UploadPart',
    times: 6,
    effect: { kind: 'status', status: 503, code: 'SlowDown', retryAfter: 1 },
  })
  const file = await makeFile('file.bin', 30 * mebibyte)
  await start(site, file)
  const ended = await end(site)
  await expectStored(demo, ended, file)
  const parts = store.log.entries().filter(({ operation }) => operation === 'UploadPart')
  expect(parts.filter(({ status }) => status === 503)).toHaveLength(6)
  expect(parts.filter(({ status }) => status === 200)).toHaveLength(6)
})

test('parts whose connections are cut mid-body are sent again', async ({ demo, site, makeFile, store }) => {
  store.faults.add({ operation: 'UploadPart', times: 4, effect: { kind: 'cut', afterBytes: mebibyte } })
  const file = await makeFile('file.bin', 30 * mebibyte)
  await start(site, file)
  await expectStored(demo, await end(site), file)
  expect(store.log.entries().filter(({ status }) => status === 'cut')).toHaveLength(4)
})

test('a file arrives although answers to its parts and to its completion are lost', async ({
  demo,
  site,
  makeFile,
  store,
}) => {
  store.faults.add({ operation: 'UploadPart', times: 2, effect: { kind: 'cut-answer' } })
  store.faults.add({ operation: 'CompleteMultipartUpload', times: 1, effect: { kind: 'cut-answer' } })
  const file = await makeFile('file.bin', 12 * mebibyte)
  await start(site, file)
  await expectStored(demo, await end(site), file)
})

test('URLs that the storage refuses as expired are signed again', async ({ demo, site, makeFile, store }) => {
  store.faults.add({ operation: 'UploadPart', times: 3, effect: { kind: 'expired' } })
  const file = await makeFile('file.bin', 22 * mebibyte)
  await start(site, file)
  await expectStored(demo, await end(site), file)
})

test('a cancel ends the requests, discards the parts on the server and deletes the checkpoint', async ({
  demo,
  site,
  makeFile,
  store,
}) => {
  // Other tests may have left unfinished uploads.
  const before = await unfinished(demo)
  store.faults.add({ operation: 'UploadPart', effect: { kind: 'throttle', bytesPerSecond: 10 * mebibyte } })
  const file = await makeFile('file.bin', 60 * mebibyte)
  await start(site, file)
  await untilStored(site, 2)
  await site.evaluate(() => harness.cancel(0))
  const ended = await end(site)
  expect(ended.error?.name).toBe('AbortError')
  expect(ended.states.at(-1)).toBe('cancelled')
  expect(await unfinished(demo)).toEqual(before)
  expect(await site.evaluate(() => harness.interrupted())).toEqual([])
  await expectQuiet(site, store)
})

test('if CORS hides the ETag, the error says so and shows the rule to add', async ({
  site,
  makeFile,
  store,
}) => {
  store.faults.add({ operation: 'UploadPart', effect: { kind: 'hide-etag' } })
  await start(site, await makeFile('file.bin', mebibyte))
  const ended = await end(site)
  expect(ended.error).toMatchObject({ name: 'EtagHiddenError', code: 'etag-hidden' })
  expect(ended.error?.message).toContain('"ExposeHeaders": ["ETag"]')
})

test("the application's headers never reach the storage", async ({ demo, site, makeFile, store }) => {
  const file = await makeFile('file.bin', 12 * mebibyte)
  const asked = site.waitForRequest(/get-upload-urls/)
  await start(site, file)
  expect((await asked).headers()['authorization']).toContain('canary')
  await expectStored(demo, await end(site), file)
  const parts = store.log.entries().filter(({ operation }) => operation === 'UploadPart')
  expect(parts.length).toBeGreaterThan(0)
  expect(JSON.stringify(parts)).not.toContain('canary')
  // Some stores refuse a Content-Type that was not signed.
  for (const { headers } of parts) expect(Object.keys(headers)).not.toContain('content-type')
})
