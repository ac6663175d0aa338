/**
 * The main job in Chromium, Firefox and WebKitGTK, with the same tests for all. The tests read what was sent and stored
 * from the store and its log, not from the page.
 */
import { createHash } from 'node:crypto'
import { openAsBlob } from 'node:fs'
import { copyFile, open, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { pathToFileURL } from 'node:url'
import { startDemo } from '../../demo/server/demo.ts'
import { makers } from '../../src/hashing/all-digests.ts'
import { digestBlob } from '../../src/hashing/digest.ts'
import { streamed } from '../../src/hashing/read-blob.ts'
import type { DigestAlgorithm } from '../../src/ports.ts'
import { startCdn } from '../cdn/cdn-server.ts'
import { pageWith } from '../cdn/page.ts'
import { withApplication } from '../document-site.ts'
import { type DiskFile, mebibyte, objectSha256 } from '../files.ts'
import type { Look } from '../harness.ts'
import { application, beginRecording, held, kept, writeRecording } from '../recordings-page.ts'
import { count, lastSequence, partSize, partsHeld, partsStored, slow, unfinished } from '../store-log.ts'
import { columnOf, release } from './browsers-page.ts'
import type { Profile, Tab } from './engine.ts'
import { findChanges, findConnections, findFeatures, findOverwritten, findRequests } from './findings.ts'
import { startPlainServer } from './plain-server.ts'
import {
  end,
  expect,
  expectStored,
  look,
  openPage,
  reloadPage,
  start,
  storeOf,
  test,
  until,
  untilLook,
  untilStored,
} from './stage.ts'

declare global {
  /** Set in a page before it is left. */
  var wasLeft: true | undefined
  /** Defined by remote/remote-page.js. */
  function uploadedByWorker(): Promise<{
    readonly key: string
    readonly size: number
    readonly checksums: { readonly crc32c?: string }
    /** Bytes when it was paused. */
    readonly confirmed: number
    readonly warnings: readonly string[]
    readonly left: number
    readonly status: string
  }>
}

/** Computed in this process. */
async function checksumOf({ path }: DiskFile, algorithm: DigestAlgorithm): Promise<string | undefined> {
  const reading = { blob: await openAsBlob(path), algorithms: [algorithm] }
  const digests = await digestBlob(reading, { makers, source: streamed, onProgress: () => {} })
  return digests[algorithm]
}

/** Changes the content, but not the name, size or date. The half millisecond keeps a rounding error from lowering the date. */
async function edit({ path }: DiskFile): Promise<void> {
  const { mtimeMs } = await stat(path)
  const file = await open(path, 'r+')
  await file.write(Buffer.alloc(mebibyte, 'edited'), 0, mebibyte, 0)
  await file.close()
  const seconds = (Math.floor(mtimeMs) + 0.5) / 1000
  await utimes(path, seconds, seconds)
}

for (const [what, size] of [
  ['0 bytes', 0],
  ['one byte', 1],
  ['one part', 3 * mebibyte],
  ['one byte more than a part', partSize + 1],
  ['nine parts', 8 * partSize + 12_345],
] as const) {
  test(`a file of ${what} arrives unchanged`, async ({ demo, tab, store, makeFile }) => {
    await openPage(tab, demo)
    const file = await makeFile('file.bin', size)
    await start(tab, file)
    const ended = await end(tab)
    await expectStored(demo, ended, file)
    expect(ended.states).toEqual(['waiting', 'hashing', 'opening', 'uploading', 'completing', 'done'])
    expect(partsStored(store)).toHaveLength(Math.max(1, Math.ceil(size / partSize)))
    expect(ended.confirmed).toEqual([...ended.confirmed].sort((a, b) => a - b))
    expect(ended.confirmed.at(-1)).toBe(size)
    expect(ended.warnings).toEqual([])
  })
}

test('the script-tag build uploads with the worker that it contains', async ({
  demo,
  tab,
  store: _,
  makeFile,
}) => {
  await openPage(tab, demo, { build: 'script-tag', options: { checksum: 'crc32c' } })
  const file = await makeFile('日本語 #1.bin', 12 * mebibyte)
  await start(tab, file)
  const ended = await end(tab)
  await expectStored(demo, ended, file)
  expect(ended.result?.checksums['crc32c']).toBe(await checksumOf(file, 'crc32c'))
  expect(ended.warnings).toEqual([])
})

test('the script-tag build uploads from a file: page, which has no origin of its own', async ({
  demo,
  tab,
  folder,
  makeFile,
}) => {
  const cdn = await startCdn(demo.url)
  try {
    const options = { file: 'longhaul.global.js', from: '.', api: `${cdn.url}/api/presigned` } as const
    const page = join(folder, 'from-a-file.html')
    await writeFile(page, pageWith(options))
    await copyFile(`dist/${options.file}`, join(folder, options.file))
    await tab.open(pathToFileURL(page).href)
    const file = await makeFile('file.bin', 11 * mebibyte + 3)
    await tab.pick('input', [file.path])
    const ended = await tab.evaluate(() => uploaded())
    expect(ended.error).toBeUndefined()
    expect(ended.checksums?.['crc32c']).toBe(await checksumOf(file, 'crc32c'))
    expect(await objectSha256(demo.s3, demo.bucket, ended.key ?? '')).toBe(file.sha256)
  } finally {
    await cdn.close()
  }
})

test('an Uploader in a worker uploads, and computes digests in a worker of its own', async ({
  demo,
  tab,
  store,
  makeFile,
}) => {
  slow(store, 10)
  await tab.open(`${demo.url}/remote.html`)
  const file = await makeFile('file.bin', 33 * mebibyte + 5)
  await tab.pick('input', [file.path])
  const { key, checksums, ...ended } = await tab.evaluate(() => uploadedByWorker())
  expect(ended).toEqual({
    size: file.size,
    confirmed: expect.any(Number),
    warnings: [],
    left: 0,
    status: 'done',
  })
  expect(ended.confirmed).toBeLessThan(file.size)
  expect(checksums.crc32c).toBe(await checksumOf(file, 'crc32c'))
  expect(await objectSha256(demo.s3, demo.bucket, key)).toBe(file.sha256)
  // A part whose request the pause has cut may be stored all the same. Then it is not sent again.
  expect(partsHeld(store).size).toBe(7)
  const acknowledged = partsStored(store)
  expect(new Set(acknowledged).size).toBe(acknowledged.length)
})

test('several files at an automatic width all arrive, with each part sent once', async ({
  demo,
  tab,
  store,
  makeFile,
}) => {
  await openPage(tab, demo, { options: { concurrency: 'auto' } })
  const sizes = [1, 12, 23, 7]
  const files = await Promise.all(sizes.map((size, index) => makeFile(`${index}.bin`, size * mebibyte)))
  await start(tab, ...files)
  for (const [index, file] of files.entries()) await expectStored(demo, await end(tab, index), file)
  expect(partsStored(store)).toHaveLength(1 + 3 + 5 + 2)
  expect(await tab.evaluate(() => harness.running())).toBe(0)
})

test('a hundred small files made in the page all arrive', async ({ demo, tab, store }) => {
  await openPage(tab, demo)
  const { results, progress } = await tab.evaluate(() => harness.uploadMany(100, 2_000))
  expect(new Set(results.map(({ key }) => key)).size).toBe(100)
  expect(progress).toMatchObject({ confirmed: 200_000, files: { total: 100, done: 100, failed: 0 } })
  expect(partsStored(store)).toHaveLength(100)
})

test('after a pause and a resume, no acknowledged part is sent again', async ({
  demo,
  tab,
  store,
  begun,
}) => {
  const file = await begun(2)
  await tab.evaluate(() => harness.pause(0))
  await untilLook(
    tab,
    ({ status, progress }) => status === 'paused' && progress.inFlight === 0,
    'it is paused',
  )
  const paused = await look(tab)
  const before = lastSequence(store)
  store.faults.clear()
  await tab.evaluate(() => harness.resume(0))
  await expectStored(demo, await end(tab), file)
  expect(partsStored(store, before).filter((number) => paused.stored.includes(number))).toEqual([])
  expect(partsHeld(store).size).toBe(8)
  expect(count(store, 'CreateMultipartUpload')).toBe(1)
})

test('after a reload, picking the file again sends only the parts that were not acknowledged', async ({
  demo,
  tab,
  store,
  begun,
}) => {
  const file = await begun(3)
  const { stored } = await look(tab)
  await reloadPage(tab)
  store.faults.clear()
  const [left] = await tab.evaluate(() => harness.interrupted())
  expect(left?.identity.name).toBe('file.bin')
  expect(left?.needsFile).toBe(true)
  expect(left?.confirmed).toBeGreaterThanOrEqual(stored.length * partSize)
  const before = lastSequence(store)
  await start(tab, file)
  const ended = await end(tab)
  await expectStored(demo, ended, file)
  expect(partsStored(store, before).filter((number) => stored.includes(number))).toEqual([])
  expect(count(store, 'CreateMultipartUpload')).toBe(1)
  // The digest is in the checkpoint.
  expect(ended.hashed).toEqual([])
  expect(await tab.evaluate(() => harness.interrupted())).toEqual([])
})

test('another file of the same name, size and date is refused, and can be sent from the beginning', async ({
  demo,
  tab,
  store,
  begun,
}) => {
  const file = await begun(3)
  await reloadPage(tab)
  store.faults.clear()
  await edit(file)
  const before = lastSequence(store)
  await start(tab, file)
  expect((await end(tab)).error).toMatchObject({ name: 'FileChangedError', code: 'file-changed' })
  expect(partsStored(store, before)).toEqual([])
  await tab.evaluate(() => harness.restart(0))
  await untilLook(tab, ({ status }) => status === 'done', 'it has been sent from its beginning')
  expect(partsStored(store, before).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
  expect(count(store, 'CompleteMultipartUpload')).toBe(1)
  expect(await unfinished(demo)).toEqual([])
})

test('another file of the same name but another size is a separate upload', async ({
  demo,
  tab,
  store,
  makeFile,
  begun,
}) => {
  await begun(2)
  await reloadPage(tab)
  store.faults.clear()
  const other = await makeFile('file.bin', 12 * mebibyte)
  await start(tab, other)
  await expectStored(demo, await end(tab), other)
  const left = await tab.evaluate(() => harness.interrupted())
  expect(left.map(({ confirmed }) => confirmed >= 2 * partSize)).toEqual([true])
})

test('parts whose connections are cut mid-body are sent again', async ({ demo, tab, store, makeFile }) => {
  await openPage(tab, demo)
  store.faults.add({ operation: 'UploadPart', times: 4, effect: { kind: 'cut', afterBytes: mebibyte } })
  const file = await makeFile('file.bin', 30 * mebibyte)
  await start(tab, file)
  await expectStored(demo, await end(tab), file)
  expect(store.log.entries().filter(({ status }) => status === 'cut')).toHaveLength(4)
  expect(partsStored(store)).toHaveLength(6)
})

test('if all connections are cut at once, no acknowledged part is sent again', async ({
  demo,
  tab,
  store,
  begun,
}) => {
  const file = await begun(2)
  const { stored } = await look(tab)
  store.cut()
  store.faults.clear()
  await expectStored(demo, await end(tab), file)
  const parts = partsStored(store)
  for (const number of stored) expect(parts.filter((part) => part === number)).toHaveLength(1)
})

test('a file arrives although answers to its parts and to its completion are lost', async ({
  demo,
  tab,
  store,
  makeFile,
}) => {
  await openPage(tab, demo)
  store.faults.add({ operation: 'UploadPart', times: 2, effect: { kind: 'cut-answer' } })
  store.faults.add({ operation: 'CompleteMultipartUpload', times: 1, effect: { kind: 'cut-answer' } })
  const file = await makeFile('file.bin', 12 * mebibyte)
  await start(tab, file)
  await expectStored(demo, await end(tab), file)
})

test('an upload waits out a burst of 503s', async ({ demo, tab, store, makeFile }) => {
  await openPage(tab, demo)
  const effect = { kind: 'status', status: 503, code: 'SlowDown', retryAfter: 1 } as const
  store.faults.add({ operation: 'UploadPart', times: 4, effect })
  const file = await makeFile('file.bin', 30 * mebibyte)
  await start(tab, file)
  await expectStored(demo, await end(tab), file)
  expect(store.log.entries().filter(({ status }) => status === 503)).toHaveLength(4)
  expect(partsStored(store)).toHaveLength(6)
})

test('URLs that have expired are signed again', async ({ demo, tab, store, makeFile }) => {
  await openPage(tab, demo)
  store.faults.add({ operation: 'UploadPart', times: 3, effect: { kind: 'expired' } })
  const file = await makeFile('file.bin', 22 * mebibyte)
  await start(tab, file)
  await expectStored(demo, await end(tab), file)
  expect(partsStored(store)).toHaveLength(5)
})

test('URLs that have expired are signed again even if the page sees only a network error', async ({
  page,
  tab,
  makeFile,
}) => {
  const demo = await startDemo({ page, partSize, environment: {}, corsOnErrors: false })
  try {
    const store = storeOf(demo)
    await openPage(tab, demo)
    store.faults.add({ operation: 'UploadPart', times: 3, effect: { kind: 'expired' } })
    const file = await makeFile('file.bin', 22 * mebibyte)
    await start(tab, file)
    await expectStored(demo, await end(tab), file)
    expect(store.log.entries().filter(({ status }) => status === 403)).toHaveLength(3)
    expect(partsStored(store)).toHaveLength(5)
  } finally {
    await demo.close()
  }
})

test('URLs that live for two seconds are enough, because each part gets a fresh one', async ({
  page,
  tab,
  makeFile,
}) => {
  const demo = await startDemo({ page, partSize, environment: {}, urlLifetime: 2 })
  try {
    slow(storeOf(demo), 10)
    await openPage(tab, demo)
    const file = await makeFile('file.bin', 40 * mebibyte)
    await start(tab, file)
    await expectStored(demo, await end(tab), file)
  } finally {
    await demo.close()
  }
})

test('a request that stalls is given up, and its part is sent again', async ({
  demo,
  tab,
  store,
  makeFile,
}) => {
  await openPage(tab, demo, { options: { stall: { idle: 2_000, answer: 4_000 }, retry: { baseDelay: 100 } } })
  store.faults.add({ operation: 'UploadPart', times: 1, effect: { kind: 'stall', afterBytes: mebibyte } })
  let puts = 0
  store.log.onArrival(({ operation }) => {
    if (operation === 'UploadPart') puts += 1
  })
  const file = await makeFile('file.bin', 27 * mebibyte)
  await start(tab, file)
  await expectStored(demo, await end(tab), file)
  expect(puts).toBeGreaterThanOrEqual(7)
  expect(partsStored(store)).toHaveLength(6)
})

for (const checksum of ['crc32c', 'crc64nvme'] as const) {
  test(`the ${checksum} of the file, combined from its parts, and the MD5 of each part are right`, async ({
    demo,
    tab,
    makeFile,
  }) => {
    await openPage(tab, demo, { options: { checksum, verify: 'etag' } })
    const file = await makeFile('file.bin', 23 * mebibyte + 7)
    await start(tab, file)
    const ended = await end(tab)
    await expectStored(demo, ended, file)
    expect(ended.result?.checksums[checksum]).toBe(await checksumOf(file, checksum))
    expect(ended.result?.checksums['xxhash64']).toBe(await checksumOf(file, 'xxhash64'))
    expect(ended.warnings).toEqual([])
  })
}

test('a worker computes the same digests of the picked file as Node, for every algorithm', async ({
  demo,
  tab,
  makeFile,
}) => {
  await openPage(tab, demo)
  const file = await makeFile('file.bin', 9 * mebibyte + 3)
  await tab.pick('#files', [file.path])
  const digests = await tab.evaluate(() => engine.digestPicked())
  const bytes = await readFile(file.path)
  for (const algorithm of ['md5', 'sha1', 'sha256'] as const)
    expect(digests[algorithm], algorithm).toBe(createHash(algorithm).update(bytes).digest('hex'))
  for (const algorithm of ['crc32', 'crc32c', 'crc64nvme', 'xxhash64', 'xxhash3', 'blake3'] as const)
    expect(digests[algorithm], algorithm).toBe(await checksumOf(file, algorithm))
})

test('a part that is corrupted on the way is detected by its MD5 and sent again', async ({
  demo,
  tab,
  store,
  makeFile,
}) => {
  await openPage(tab, demo, { options: { verify: 'etag' } })
  const effect = { kind: 'corrupt-on-the-way' } as const
  store.faults.add({ operation: 'UploadPart', partNumber: 2, times: 1, effect })
  const file = await makeFile('file.bin', 12 * mebibyte)
  await start(tab, file)
  await expectStored(demo, await end(tab), file)
  expect(partsStored(store).toSorted()).toEqual([1, 2, 2, 3])
})

test("two tabs: the second shows the first's progress, and takes over when the first closes", async ({
  demo,
  profile,
  tab,
  store,
  makeFile,
}) => {
  slow(store)
  const file = await makeFile('file.bin', 40 * mebibyte)
  const owner = await profile.newTab()
  await openPage(owner, demo)
  await openPage(tab, demo)
  await start(owner, file)
  await untilStored(owner, 2)
  await start(tab, file)
  await untilLook(tab, ({ reason }) => reason === 'other-tab', 'the second tab waits for the first')
  await untilStored(tab, 3)
  expect((await look(tab)).progress.confirmed).toBeGreaterThan(0)
  const { stored } = await look(owner)
  await owner.close()
  await untilLook(tab, ({ status }) => status !== 'paused', 'the second tab has taken over')
  await expectStored(demo, await end(tab), file)
  const parts = partsStored(store)
  for (const number of stored) expect(parts.filter((part) => part === number)).toHaveLength(1)
  expect(count(store, 'CreateMultipartUpload')).toBe(1)
})

/** Leaves the page for another. @returns A function that goes back, and resolves to whether the browser has kept the page. */
async function leave(tab: Tab): Promise<() => Promise<boolean>> {
  // During the navigation some drivers have no page to ask, and one has been seen never to answer.
  const shows = (isOurs: boolean): Promise<boolean> => {
    const asked = tab
      .evaluate(() => 'isReady' in globalThis)
      .then(
        (isReady) => isReady === isOurs,
        () => false,
      )
    return Promise.race([asked, sleep(2_000, false)])
  }
  await tab.evaluate(() => {
    globalThis.wasLeft = true
    setTimeout(() => location.assign('/service-worker.js'))
  })
  await until(() => shows(false), 'the page is left')
  return async () => {
    await tab.evaluate(() => void setTimeout(() => history.back()))
    await until(() => shows(true), 'the page is shown again')
    return tab.evaluate(() => 'wasLeft' in globalThis)
  }
}

test('a page that is left goes on with its upload when the user comes back', async ({
  demo,
  tab,
  store,
  begun,
}) => {
  const file = await begun(2)
  const goBack = await leave(tab)
  const isKept = await goBack()
  store.faults.clear()
  if (!isKept) await start(tab, file)
  await expectStored(demo, await end(tab), file)
  expect((await look(tab)).states).not.toContain('failed')
  expect(count(store, 'CreateMultipartUpload')).toBe(1)
})

test('two tabs: a page that the user comes back to waits for the tab that has taken over its upload', async ({
  demo,
  profile,
  tab,
  store,
  begun,
}) => {
  const file = await begun(2)
  const other = await profile.newTab()
  await openPage(other, demo)
  const goBack = await leave(tab)
  await start(other, file)
  await untilLook(other, ({ status }) => status === 'uploading', 'the second tab has taken over')
  const isKept = await goBack()
  if (isKept) await untilLook(tab, ({ reason }) => reason === 'other-tab', 'it waits for the second tab')
  store.faults.clear()
  await expectStored(demo, await end(other), file)
  if (isKept) expect((await end(tab)).error).toBeUndefined()
  expect(count(store, 'CreateMultipartUpload')).toBe(1)
  expect(count(store, 'CompleteMultipartUpload')).toBe(1)
})

test('two tabs: a cancel in one cancels the upload in both', async ({
  demo,
  profile,
  tab,
  store,
  makeFile,
}) => {
  slow(store)
  const file = await makeFile('file.bin', 40 * mebibyte)
  const other = await profile.newTab()
  await openPage(other, demo)
  await openPage(tab, demo)
  await start(tab, file)
  await untilStored(tab, 1)
  await start(other, file)
  await untilLook(other, ({ reason }) => reason === 'other-tab', 'the second tab waits for the first')
  await other.evaluate(() => harness.cancel(0))
  expect((await end(tab)).error?.name).toBe('AbortError')
  expect((await end(other)).error?.name).toBe('AbortError')
  expect(await unfinished(demo)).toEqual([])
})

test('a cancel leaves nothing unfinished in the browser or in the storage', async ({ demo, tab, begun }) => {
  await begun(2)
  await tab.evaluate(() => harness.cancel(0))
  const ended = await end(tab)
  expect(ended.error?.name).toBe('AbortError')
  expect(await unfinished(demo)).toEqual([])
  expect(await tab.evaluate(() => harness.interrupted())).toEqual([])
})

test('an upload pauses if its file is overwritten, and goes on when the restored file is picked again', async ({
  demo,
  tab,
  store,
  makeFile,
}) => {
  await openPage(tab, demo, { options: { stall: { idle: 2_000, answer: 4_000 }, retry: { baseDelay: 100 } } })
  slow(store)
  const file = await makeFile('file.bin', 40 * mebibyte)
  const content = await readFile(file.path)
  const { mtimeMs } = await stat(file.path)
  await start(tab, file)
  await untilStored(tab, 2)
  await writeFile(file.path, 'gone')
  await untilLook(tab, ({ reason }) => reason === 'needs-file', 'the file is asked for')
  const { stored } = await look(tab)
  await writeFile(file.path, content)
  const seconds = (Math.floor(mtimeMs) + 0.5) / 1000
  await utimes(file.path, seconds, seconds)
  const before = lastSequence(store)
  store.faults.clear()
  await start(tab, file)
  await expectStored(demo, await end(tab), file)
  expect(partsStored(store, before).filter((number) => stored.includes(number))).toEqual([])
})

test('after the browser was closed, an unfinished recording is uploaded and an interrupted one goes on', async ({
  engine,
  demo,
  store,
  profile,
  folder,
}) => {
  await withApplication(application, { demo, store }, async (url) => {
    const visit = async ({ newTab }: Profile): Promise<Tab> => {
      const tab = await newTab()
      await tab.open(url)
      await until(() => tab.evaluate(() => 'recordings' in globalThis), 'the page is there')
      return tab
    }
    if (engine.newBrowser === undefined) return expectNoPlace(await visit(profile))
    const browser = join(folder, 'recordings')
    const first = await engine.newBrowser(browser)
    const before = await visit(first)
    await before.evaluate(writeRecording, ['interview', 60] as const)
    await before.evaluate(beginRecording)
    const recorded = async (): Promise<boolean> => (await before.evaluate(held)).every(({ size }) => size > 0)
    await until(recorded, 'a second of it is on the disk')
    slow(store)
    await before.evaluate(() => recordings.sendAll())
    await until(() => partsStored(store).length > 2, 'parts of the other one are stored')
    const sent = await before.evaluate(kept)
    await first.close()
    store.faults.clear()
    const second = await engine.newBrowser(browser)
    const after = await visit(second)
    const left = await after.evaluate(held)
    expect(left).toHaveLength(2)
    await after.evaluate(() => recordings.sendAll())
    await until(() => after.evaluate(() => globalThis.keys.length === 2), 'both are stored')
    await until(async () => (await after.evaluate(held)).length === 0, 'both are removed')
    const keys = await after.evaluate(() => globalThis.keys)
    await second.close()
    const objects = await Promise.all(keys.map((key) => objectSha256(demo.s3, demo.bucket, key)))
    expect(objects.sort()).toEqual(left.map(({ sha256 }) => sha256).sort())
    // The unfinished recording is an upload of its own, with a single part.
    for (const number of sent.filter((part) => part > 1))
      expect(partsStored(store).filter((part) => part === number)).toHaveLength(1)
  })
})

/** WebKitGTK has no such storage, and Debian's packages have no recorder. The page loads, and its calls fail with the reason. */
async function expectNoPlace(tab: Tab): Promise<void> {
  expect(await tab.evaluate(() => recordings.sendAll().then(String, String))).toContain('getDirectory')
}

test('a file that is removed before its upload begins is not stored as an empty one', async ({
  demo,
  tab,
  store,
  makeFile,
}) => {
  await openPage(tab, demo)
  const file = await makeFile('file.bin', mebibyte)
  await tab.pick('#files', [file.path])
  await rm(file.path)
  await tab.evaluate(() => harness.start(0))
  // Chromium fails the upload, because the file has no bytes.
  const isOver = ({ status, reason }: Look): boolean => status === 'failed' || reason === 'needs-file'
  await untilLook(tab, isOver, 'it has failed, or the file is asked for')
  expect(partsStored(store)).toEqual([])
})

test('if CORS hides the ETag, the error says so', async ({ demo, tab, store, makeFile }) => {
  await openPage(tab, demo)
  store.faults.add({ operation: 'UploadPart', effect: { kind: 'hide-etag' } })
  await start(tab, await makeFile('file.bin', mebibyte))
  expect((await end(tab)).error).toMatchObject({ name: 'EtagHiddenError', code: 'etag-hidden' })
})

test('diagnose() finds nothing wrong', async ({ demo, tab }) => {
  await openPage(tab, demo)
  const { findings } = await tab.evaluate(() => harness.diagnose())
  expect(findings.filter(({ ok }) => !ok)).toEqual([])
})

test('docs/browsers.md is right about this engine', async ({ demo, tab, store, findings, makeFile }) => {
  await openPage(tab, demo)
  const server = await startPlainServer()
  try {
    // Slow enough for the file to be checked once more (`run.ts`).
    slow(store, 0.75)
    const part = await makeFile('part.bin', 4 * mebibyte)
    const file = await makeFile('file.bin', mebibyte)
    Object.assign(
      findings.found,
      await findFeatures(tab),
      await findRequests(tab, server, part),
      await findConnections(tab, server),
      await findChanges(tab, server, file),
      await findOverwritten(tab, await makeFile('long.bin', 40 * mebibyte)),
    )
  } finally {
    await server.close()
  }
  const told = columnOf(await readFile('docs/browsers.md', 'utf8'), findings.engine)
  // A browser updated since then may differ. That is no failure: `npm run browsers` updates the table.
  if (release(told.version) === release(findings.version)) expect(findings.found).toEqual(told.found)
  else
    console.log(`docs/browsers.md is of ${findings.engine} ${told.version}, and this is ${findings.version}`)
})
