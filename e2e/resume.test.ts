/** What can interrupt an upload, apart from a killed browser. */
import { open, readFile, stat, utimes, writeFile } from 'node:fs/promises'
import { AbortMultipartUploadCommand, ListMultipartUploadsCommand } from '@aws-sdk/client-s3'
import type { Demo } from '../demo/server/demo.ts'
import {
  count,
  type DiskFile,
  end,
  expect,
  expectStored,
  lastSequence,
  look,
  mebibyte,
  openSite,
  partsStored,
  slow,
  start,
  test,
  untilStored,
} from './fixtures.ts'

/** Changes the content, but not the name, size or date. */
async function edit(file: DiskFile): Promise<void> {
  const { mtimeMs } = await stat(file.path)
  const handle = await open(file.path, 'r+')
  await handle.write(Buffer.alloc(mebibyte, 'edited'), 0, mebibyte, 0)
  await handle.close()
  await setModified(file.path, mtimeMs)
}

/** A page sees whole milliseconds, rounded down. The extra half keeps a rounding error from losing one. */
async function setModified(path: string, milliseconds: number): Promise<void> {
  const seconds = (Math.floor(milliseconds) + 0.5) / 1000
  await utimes(path, seconds, seconds)
}

async function loseSessions({ s3, bucket }: Demo): Promise<void> {
  const { Uploads = [] } = await s3.send(new ListMultipartUploadsCommand({ Bucket: bucket }))
  for (const { Key, UploadId } of Uploads)
    await s3.send(new AbortMultipartUploadCommand({ Bucket: bucket, Key, UploadId }))
}

test('a file that was edited between two visits is refused, and can be sent again from the beginning', async ({
  demo,
  site,
  makeFile,
  store,
}) => {
  slow(store, 10)
  const file = await makeFile('file.bin', 40 * mebibyte)
  await start(site, file)
  await untilStored(site, 4)
  await openSite(site, demo)
  store.faults.clear()
  await edit(file)
  const before = lastSequence(store)
  await start(site, file)
  const refused = await end(site)
  expect(refused.error).toMatchObject({ name: 'FileChangedError', code: 'file-changed' })
  expect(partsStored(store, before)).toEqual([])

  await site.evaluate(() => harness.restart(0))
  await site.waitForFunction(() => harness.look(0).status === 'done')
  const { createHash } = await import('node:crypto')
  const sha256 = createHash('sha256')
    .update(await readFile(file.path))
    .digest('hex')
  await site.evaluate(() => harness.start(0))
  await expectStored(demo, await end(site), { ...file, sha256 })
})

test('an upload pauses if its file is overwritten, and goes on when the restored file is picked again', async ({
  demo,
  site,
  makeFile,
  store,
}) => {
  slow(store)
  const file = await makeFile('file.bin', 40 * mebibyte)
  const content = await readFile(file.path)
  const { mtimeMs } = await stat(file.path)
  await start(site, file)
  await untilStored(site, 2)
  await writeFile(file.path, 'gone')
  await site.waitForFunction(() => harness.look(0).reason === 'needs-file')
  const { stored } = await look(site)
  await writeFile(file.path, content)
  await setModified(file.path, mtimeMs)
  const before = lastSequence(store)
  await start(site, file)
  await expectStored(demo, await end(site), file)
  expect(partsStored(store, before).filter((number) => stored.includes(number))).toEqual([])
})

test('a session that the server has lost is replaced, with a warning', async ({
  demo,
  site,
  makeFile,
  store,
}) => {
  slow(store)
  const file = await makeFile('file.bin', 30 * mebibyte)
  await start(site, file)
  await untilStored(site, 2)
  await loseSessions(demo)
  store.faults.clear()
  const ended = await end(site)
  await expectStored(demo, ended, file)
  expect(ended.warnings).toEqual(['session-lost'])
  expect(count(store, 'CreateMultipartUpload')).toBe(2)
})

test('after a network outage, no acknowledged part is sent again', async ({
  demo,
  site,
  makeFile,
  store,
}) => {
  slow(store)
  const file = await makeFile('file.bin', 40 * mebibyte)
  await start(site, file)
  await untilStored(site, 2)
  await site.context().setOffline(true)
  await site.waitForTimeout(3_000)
  await site.context().setOffline(false)
  store.faults.clear()
  await expectStored(demo, await end(site), file)
  const parts = partsStored(store)
  expect(parts.length).toBe(new Set(parts).size)
})

test('an upload goes on after the machine has slept, with expired URLs', async ({
  demo,
  site,
  makeFile,
  store,
  browser,
}) => {
  slow(store)
  const file = await makeFile('file.bin', 40 * mebibyte)
  await start(site, file)
  await untilStored(site, 2)
  const session = await browser.newBrowserCDPSession()
  const { processInfo } = await session.send('SystemInfo.getProcessInfo')
  for (const { id } of processInfo) process.kill(id, 'SIGSTOP')
  store.faults.replace({ operation: 'UploadPart', times: 3, effect: { kind: 'expired' } })
  await new Promise((resolve) => setTimeout(resolve, 4_000))
  for (const { id } of processInfo) process.kill(id, 'SIGCONT')
  await expectStored(demo, await end(site), file)
})
