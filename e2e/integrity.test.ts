/** Checksums in a real browser: in workers, and in pages whose policy forbids workers or WebAssembly. */
import { cpSync, openAsBlob, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { type Demo, startDemo } from '../demo/server/demo.ts'
import { makers } from '../src/hashing/all-digests.ts'
import { digestBlob } from '../src/hashing/digest.ts'
import { streamed } from '../src/hashing/read-blob.ts'
import type { DigestAlgorithm } from '../src/ports.ts'
import {
  type DiskFile,
  end,
  expect,
  expectStored,
  lastSequence,
  mebibyte,
  openSite,
  partSize,
  partsStored,
  slow,
  start,
  test,
  untilStored,
} from './fixtures.ts'

/** Computed in this process, which shares only the digest's code with the page. */
async function checksumOf({ path }: DiskFile, algorithm: DigestAlgorithm): Promise<string | undefined> {
  const reading = { blob: await openAsBlob(path), algorithms: [algorithm] }
  const digests = await digestBlob(reading, { makers, source: streamed, onProgress: () => {} })
  return digests[algorithm]
}

/** The harness with a Content-Security-Policy, on a demo server of its own. */
async function demoWith(policy: string, folder: string): Promise<Demo> {
  const harness = new URL('harness/', import.meta.url)
  cpSync(harness, folder, { recursive: true })
  const html = readFileSync(new URL('index.html', harness), 'utf8')
  // Not by a route: Chromium takes a page answered by a tool for one from the internet, and keeps it from local servers.
  const meta = `<meta http-equiv="Content-Security-Policy" content="${policy}" />`
  writeFileSync(join(folder, 'index.html'), html.replace('<meta', `${meta}\n  <meta`))
  return startDemo({ page: folder, partSize, environment: {} })
}

async function withOptions(page: Page, options: Readonly<Record<string, unknown>>): Promise<void> {
  await page.addInitScript((given) => {
    globalThis.uploaderOptions = given
  }, options)
}

for (const checksum of ['crc32', 'crc32c', 'crc64nvme'] as const) {
  test(`the ${checksum} in the result is that of the whole file`, async ({
    demo,
    page,
    store: _,
    makeFile,
  }) => {
    await withOptions(page, { checksum, verify: 'etag' })
    await openSite(page, demo)
    const file = await makeFile('file.bin', 23 * mebibyte + 7)
    await start(page, file)
    const ended = await end(page)
    await expectStored(demo, ended, file)
    expect(ended.result?.checksums[checksum]).toBe(await checksumOf(file, checksum))
    expect(ended.warnings).toEqual([])
  })
}

test('after a reload, the checksum is still that of the whole file', async ({
  demo,
  page,
  store,
  makeFile,
}) => {
  await withOptions(page, { checksum: 'crc64nvme' })
  await openSite(page, demo)
  slow(store, 10)
  const file = await makeFile('file.bin', 40 * mebibyte)
  await start(page, file)
  await untilStored(page, 4)
  await openSite(page, demo)
  store.faults.clear()
  const before = lastSequence(store)
  await start(page, file)
  const ended = await end(page)
  await expectStored(demo, ended, file)
  expect(partsStored(store, before).length).toBeLessThanOrEqual(4)
  expect(ended.result?.checksums['crc64nvme']).toBe(await checksumOf(file, 'crc64nvme'))
})

test('a part that is corrupted on the way is sent again', async ({ demo, page, store, makeFile }) => {
  await withOptions(page, { verify: 'etag' })
  await openSite(page, demo)
  store.faults.add({
    operation: 'UploadPart',
    partNumber: 2,
    times: 1,
    effect: { kind: 'corrupt-on-the-way' },
  })
  const file = await makeFile('file.bin', 12 * mebibyte)
  await start(page, file)
  await expectStored(demo, await end(page), file)
  expect(partsStored(store).toSorted()).toEqual([1, 2, 2, 3])
})

test.describe('a page whose policy forbids', () => {
  for (const [what, policy] of [
    ['workers', "script-src 'self' 'wasm-unsafe-eval'; worker-src 'none'"],
    ['WebAssembly', "script-src 'self'; worker-src blob:"],
    ['workers and WebAssembly', "script-src 'self'; worker-src 'none'"],
  ] as const) {
    test(`${what} still uploads with all digests, and is warned that hashing is slow`, async ({
      page,
      makeFile,
    }, testInfo) => {
      const demo = await demoWith(policy, testInfo.outputPath('page'))
      await withOptions(page, { checksum: 'crc32c' })
      await openSite(page, demo)
      const file = await makeFile('file.bin', 6 * mebibyte)
      await start(page, file)
      const ended = await end(page)
      await expectStored(demo, ended, file)
      expect(ended.result?.checksums['crc32c']).toBe(await checksumOf(file, 'crc32c'))
      expect(ended.result?.checksums['xxhash64']).toBe(await checksumOf(file, 'xxhash64'))
      expect(ended.warnings).toEqual(['hashing'])
      await demo.close()
    })
  }

  test('WebAssembly cannot compare MD5s, and the error names what to allow', async ({
    page,
    makeFile,
  }, testInfo) => {
    const demo = await demoWith("script-src 'self'; worker-src blob:", testInfo.outputPath('page'))
    await withOptions(page, { verify: 'etag' })
    await openSite(page, demo)
    await start(page, await makeFile('file.bin', mebibyte))
    const { error } = await end(page)
    expect(error).toMatchObject({
      code: 'unexpected',
      message: expect.stringContaining("'wasm-unsafe-eval'"),
    })
    await demo.close()
  })
})

test('hashing a file of 8 GiB finishes', async ({ site }, testInfo) => {
  test.setTimeout(300_000)
  // If nothing refers to a stream, Chromium loses one of its reads every two to five gigabytes.
  const path = testInfo.outputPath('sparse.bin')
  writeFileSync(path, '')
  truncateSync(path, 8 * 1024 * mebibyte)
  await start(site, { path, size: 8 * 1024 * mebibyte, sha256: '' })
  await expect
    .poll(() => site.evaluate(() => harness.look(0).status), { timeout: 240_000 })
    .not.toMatch(/waiting|hashing/)
  await site.evaluate(() => harness.cancel(0))
  rmSync(path)
})
