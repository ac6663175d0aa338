/** docs/recordings.md in a real browser: a recording goes to the disk and then to the storage, whatever happens to the page. */
import { createHash } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { GetObjectCommand } from '@aws-sdk/client-s3'
import type { Page } from '@playwright/test'
import type { Demo } from '../demo/server/demo.ts'
import { withApplication } from './document-site.ts'
import { expect, partsStored, slow, test } from './fixtures.ts'
import { launch, removeProfile } from './handles.ts'
import { application, beginRecording, held, kept, writeRecording } from './recordings-page.ts'

async function open(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await page.waitForFunction(() => 'recordings' in globalThis)
}

/** Waits until no recording is left on the disk. @returns The one stored object. */
async function stored(page: Page, demo: Demo): Promise<Buffer> {
  await expect.poll(() => page.evaluate(held), { timeout: 60_000 }).toEqual([])
  const keys = await page.evaluate(() => globalThis.keys)
  expect(keys).toHaveLength(1)
  const { Body } = await demo.s3.send(new GetObjectCommand({ Bucket: demo.bucket, Key: keys[0] }))
  return Buffer.from((await Body?.transformToByteArray()) ?? [])
}

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex')
/** The first bytes of a Matroska file (RFC 8794, section 11.2.1). */
const ebml = Buffer.from([0x1a, 0x45, 0xdf, 0xa3])

/** Two visits of one browser, which is closed in the middle of the first. @param first Its result goes to the second. */
async function visits<Left>(
  { demo, store }: Parameters<typeof withApplication>[1],
  first: (page: Page) => Promise<Left>,
  second: (page: Page, left: Left) => Promise<void>,
): Promise<void> {
  const profile = await mkdtemp(join(tmpdir(), 'longhaul-recordings-'))
  try {
    await withApplication(application, { demo, store }, async (url) => {
      const one = await launch(profile)
      await open(one.page, url)
      const left = await first(one.page)
      await one.context.close()
      const two = await launch(profile)
      await open(two.page, url)
      await second(two.page, left)
      await two.context.close()
    })
  } finally {
    await removeProfile(profile)
  }
}

/** Waits until this many recordings have bytes on the disk. */
function untilHeld(page: Page, recordings = 1): Promise<void> {
  const begun = async (): Promise<number> => (await page.evaluate(held)).filter(({ size }) => size > 0).length
  return expect.poll(begun, { timeout: 30_000 }).toBe(recordings)
}

test('a recording is written to disk while it is made, uploaded when it ends, and then removed', async ({
  demo,
  store,
  page,
}) => {
  await withApplication(application, { demo, store }, async (url) => {
    await open(page, url)
    // Collects every piece that the recorder gives.
    await page.evaluate(() => {
      const send = Worker.prototype.postMessage
      const pieces: Blob[] = []
      Object.assign(globalThis, { pieces })
      Worker.prototype.postMessage = function (this: Worker, message: unknown): void {
        if (message instanceof Blob) pieces.push(message)
        send.call(this, message)
      }
    })
    await page.evaluate(beginRecording)
    await untilHeld(page)
    // Sending what earlier visits left leaves alone the recording that is being made.
    await page.evaluate(() => recordings.sendAll())
    await page.evaluate(() => stopRecording())
    // The recorder gives its last piece after it has been stopped.
    const object = await stored(page, demo)
    const recorded = await page.evaluate(async () => {
      const { pieces } = globalThis as unknown as { readonly pieces: readonly Blob[] }
      return [...new Uint8Array(await new Blob([...pieces]).arrayBuffer())]
    })
    expect(object.subarray(0, 4)).toEqual(ebml)
    expect(object.equals(Buffer.from(recorded))).toBe(true)
  })
})

test('two recordings that begin at the same moment are stored separately', async ({ demo, store, page }) => {
  await withApplication(application, { demo, store }, async (url) => {
    await page.clock.setFixedTime('2026-11-27T12:00:00Z')
    await open(page, url)
    await page.evaluate(beginRecording)
    const first = await page.evaluateHandle(() => stopRecording)
    await page.evaluate(beginRecording)
    await untilHeld(page, 2)
    await first.evaluate((stop) => stop())
    await page.evaluate(() => stopRecording())
    await expect.poll(() => page.evaluate(held), { timeout: 30_000 }).toEqual([])
    expect(await page.evaluate(() => globalThis.keys)).toHaveLength(2)
  })
})

test('a recording is removed when it is stored, even if its upload failed and the user resumed it', async ({
  demo,
  store,
  page,
}) => {
  await withApplication(application, { demo, store }, async (url) => {
    await open(page, url)
    await page.evaluate(writeRecording, ['interview.webm', 1] as const)
    await page.route('**/api/uploads/**', (route) => route.fulfill({ status: 400, json: {} }))
    await page.evaluate(() => recordings.sendAll())
    await expect.poll(() => page.evaluate(() => recordings.states())).toEqual(['failed'])
    await page.unroute('**/api/uploads/**')
    await page.evaluate(() => recordings.resumeAll())
    await expect.poll(() => page.evaluate(held), { timeout: 30_000 }).toEqual([])
  })
})

test('if the worker cannot be loaded, the recording fails and says so', async ({ demo, store, page }) => {
  await withApplication(application, { demo, store }, async (url) => {
    await open(page, url)
    await page.route('**/recording-worker.ts', (route) => route.fulfill({ status: 404 }))
    await page.evaluate(beginRecording)
    await expect.poll(() => page.evaluate(() => failures)).toEqual(['the worker cannot be loaded'])
  })
})

test('what a page recorded before the browser was closed is uploaded at the next visit', async ({
  demo,
  store,
}) => {
  await visits(
    { demo, store },
    async (page) => {
      await page.evaluate(beginRecording)
      await untilHeld(page)
    },
    async (page) => {
      const [left] = await page.evaluate(held)
      await page.evaluate(() => recordings.sendAll())
      const object = await stored(page, demo)
      expect(object.subarray(0, 4)).toEqual(ebml)
      expect(sha256(object)).toBe(left?.sha256)
    },
  )
})

test('an interrupted upload of a recording goes on at the next visit without a click, and sends no part twice', async ({
  demo,
  store,
}) => {
  await visits(
    { demo, store },
    async (page) => {
      await page.evaluate(writeRecording, ['interview.webm', 100] as const)
      const [recording] = await page.evaluate(held)
      slow(store)
      await page.evaluate(() => recordings.sendAll())
      await expect.poll(() => partsStored(store).length, { timeout: 60_000 }).toBeGreaterThan(1)
      return { recording, parts: await page.evaluate(kept) }
    },
    async (page, left) => {
      store.faults.clear()
      await page.evaluate(() => recordings.sendAll())
      expect(sha256(await stored(page, demo))).toBe(left.recording?.sha256)
      const parts = partsStored(store)
      expect(left.parts.length).toBeGreaterThan(0)
      for (const number of left.parts) expect(parts.filter((part) => part === number)).toHaveLength(1)
    },
  )
})
