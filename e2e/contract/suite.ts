/** The end-to-end tests that every backend has to pass: a list of files, and a list of what can happen to them. */
import { basename } from 'node:path'
import {
  type DiskFile,
  end,
  expect,
  lastSequence,
  look,
  mebibyte,
  openSite,
  partSize,
  start,
  unfinished,
} from '../fixtures.ts'
import type { Driver, Stage } from './driver.ts'
import { disturb, expectArrived, objectCount, slow, takenPuts, testOn, untilHalfway } from './stage.ts'

const sizes = [0, 1, partSize - 1, partSize, partSize + 1, 3 * partSize]

const names = [
  'with  spaces and (brackets).bin',
  '100 % %2F %00 %.bin',
  '日本語 ελληνικά ñ.bin',
  '🚢👩‍🚀.bin',
  `"double" and 'single'.bin`,
  'a#b?c&d=e+f;g,h@i.bin',
  '.hidden',
  'ends with a dot.',
  'a..b.bin',
]

/** Four parts, or one slow PUT. */
const large = 4 * partSize

export function contractSuite(driver: Driver): void {
  const test = testOn(driver)
  test.describe(`${driver.name}:`, () => {
    files(driver, test)
    interruptions(driver, test)
    expiries(driver, test)
    badNetwork(driver, test)
    endings(driver, test)
  })
}

type Test = ReturnType<typeof testOn>

async function sendAndExpect(driver: Driver, stage: Stage, ...sent: DiskFile[]): Promise<void> {
  await start(stage.page, ...sent)
  for (const [index, file] of sent.entries())
    await expectArrived(driver, stage, await end(stage.page, index), file)
}

function files(driver: Driver, test: Test): void {
  test('files of every size arrive unchanged', async ({ stage, makeFile }) => {
    const made = await Promise.all(sizes.map((size) => makeFile(`${size}.bin`, size)))
    await sendAndExpect(driver, stage, ...made)
    expect(await unfinished(stage.demo)).toEqual([])
  })

  test('files arrive under their names', async ({ stage, makeFile }) => {
    const made = await Promise.all(names.map((name, index) => makeFile(name, 1_000 + index)))
    await start(stage.page, ...made)
    for (const [index, file] of made.entries()) {
      const ended = await end(stage.page, index)
      await expectArrived(driver, stage, ended, file)
      const name = basename(file.path)
      const expected = driver.renamed?.(name) ?? name
      if (ended.result) expect(await driver.nameOf(stage.demo, ended.result)).toBe(expected)
    }
  })
}

/** Expects that no acknowledged part was sent again since, or that a file in one piece was sent once, as a whole. */
function expectOnlyMissing(
  driver: Driver,
  stage: Stage,
  file: DiskFile,
  acknowledged: readonly number[],
  since: number,
): void {
  const again = takenPuts(stage.store, since)
  if (driver.inParts) {
    expect(again.filter(({ partNumber }) => acknowledged.includes(partNumber ?? 0))).toEqual([])
    expect(again.length).toBeLessThanOrEqual(4 - acknowledged.length)
  } else {
    expect(again.map(({ bytesReceived }) => bytesReceived)).toEqual([file.size])
  }
}

const goesOn = (driver: Driver): string =>
  driver.inParts
    ? 'only the parts that were not acknowledged are sent'
    : 'the file is sent again, because it goes in one piece'

function interruptions(driver: Driver, test: Test): void {
  test(`after a pause and a resume, ${goesOn(driver)}`, async ({ stage, makeFile }) => {
    const { page, store } = stage
    slow(store)
    const file = await makeFile('paused.bin', large)
    await start(page, file)
    await untilHalfway(driver, page)
    await page.evaluate(() => harness.pause(0))
    const { status, progress, stored } = await look(page)
    expect(status).toBe('paused')
    expect(progress.inFlight).toBe(0)
    store.faults.clear()
    const since = lastSequence(store)
    await page.evaluate(() => harness.resume(0))
    const ended = await end(page)
    await expectArrived(driver, stage, ended, file)
    expectOnlyMissing(driver, stage, file, stored, since)
    expect(ended.warnings).toEqual([])
  })

  test(`after a reload and a second pick, ${goesOn(driver)}`, async ({ stage, makeFile }) => {
    const { page, store, demo } = stage
    slow(store)
    const file = await makeFile('reloaded.bin', large)
    await start(page, file)
    await untilHalfway(driver, page)
    const { stored } = await look(page)
    await openSite(page, demo, driver.name)
    store.faults.clear()
    const left = await page.evaluate(() => harness.interrupted())
    expect(left.map(({ identity }) => identity.name)).toEqual(['reloaded.bin'])
    expect(left[0]?.confirmed).toBeGreaterThanOrEqual(stored.length * partSize)
    const since = lastSequence(store)
    await start(page, file)
    const ended = await end(page)
    await expectArrived(driver, stage, ended, file)
    expectOnlyMissing(driver, stage, file, stored, since)
    expect(ended.warnings).toEqual([])
    expect(await page.evaluate(() => harness.interrupted())).toEqual([])
  })
}

function expiries(driver: Driver, test: Test): void {
  test('URLs that have expired are replaced', async ({ stage, makeFile }) => {
    disturb(stage.store, 2, { kind: 'expired' })
    await sendAndExpect(driver, stage, await makeFile('expired.bin', 2 * partSize))
  })

  if (driver.loseSessions !== undefined) {
    test('a session that the server has lost is replaced, with a warning', async ({ stage, makeFile }) => {
      const { page, store, demo } = stage
      slow(store)
      const file = await makeFile('lost.bin', large)
      await start(page, file)
      await untilHalfway(driver, page)
      await driver.loseSessions?.(demo)
      store.faults.clear()
      const ended = await end(page)
      await expectArrived(driver, stage, ended, file)
      expect(ended.warnings).toEqual(['session-lost'])
    })
  }

  test('a token that has expired is refreshed once for all files', async ({ stage, makeFile }) => {
    const made = await Promise.all(['a', 'b', 'c'].map((name) => makeFile(name, partSize + 1)))
    await driver.expireTokens(stage)
    await sendAndExpect(driver, stage, ...made)
    expect(await stage.page.evaluate(() => harness.refreshes())).toBe(1)
  })
}

function badNetwork(driver: Driver, test: Test): void {
  for (const step of driver.steps) {
    test(`a file arrives, with every byte sent once, although an answer to ${step} is lost`, async ({
      stage,
      makeFile,
    }) => {
      const file = await makeFile('answer.bin', partSize + 1)
      const order = await driver.order(stage, step, 'lost-answer')
      await sendAndExpect(driver, stage, file)
      expect(await order.hasHappened()).toBe(true)
      const bytes = takenPuts(stage.store).reduce((sum, { bytesReceived }) => sum + bytesReceived, 0)
      expect(bytes).toBe(file.size)
    })
  }

  test('a file arrives although answers to its bytes are lost', async ({ stage, makeFile }) => {
    disturb(stage.store, 2, { kind: 'cut-answer' })
    await sendAndExpect(driver, stage, await makeFile('bytes.bin', partSize + 1))
  })

  test('an upload waits out a busy server and a busy storage', async ({ stage, makeFile }) => {
    const orders = await Promise.all(driver.steps.map((step) => driver.order(stage, step, 'busy')))
    disturb(stage.store, 2, { kind: 'status', status: 503, code: 'SlowDown', retryAfter: 1 })
    await sendAndExpect(driver, stage, await makeFile('busy.bin', 2 * partSize))
    expect(await Promise.all(orders.map((order) => order.hasHappened()))).not.toContain(false)
    expect(stage.store.log.entries().filter(({ status }) => status === 503)).toHaveLength(2)
  })

  test('a file arrives although connections are cut mid-body', async ({ stage, makeFile }) => {
    disturb(stage.store, 3, { kind: 'cut', afterBytes: mebibyte })
    await sendAndExpect(driver, stage, await makeFile('cut.bin', 3 * partSize))
    expect(stage.store.log.entries().filter(({ status }) => status === 'cut')).toHaveLength(3)
  })
}

function endings(driver: Driver, test: Test): void {
  const left = driver.aborts ? 'the server discards the unfinished upload' : 'no object is stored'
  test(`after a cancel, ${left}, and the browser keeps nothing`, async ({ stage, makeFile }) => {
    const { page, store, demo } = stage
    const before = await objectCount(demo)
    const unfinishedBefore = await unfinished(demo)
    slow(store)
    await start(page, await makeFile('cancelled.bin', large))
    await untilHalfway(driver, page)
    await page.evaluate(() => harness.cancel(0))
    const ended = await end(page)
    expect(ended.error?.name).toBe('AbortError')
    expect(await unfinished(demo)).toEqual(unfinishedBefore)
    expect(await objectCount(demo)).toBe(before)
    expect(await page.evaluate(() => harness.interrupted())).toEqual([])
  })

  test("the page's secrets reach its own server and nothing else", async ({ stage, makeFile }) => {
    const { page, store, demo } = stage
    const [toServer, elsewhere]: [string[], string[]] = [[], []]
    page.on('request', (request) => {
      const seen = request.url().startsWith(demo.url) ? toServer : elsewhere
      seen.push(JSON.stringify([request.url(), request.headers()]))
    })
    slow(store)
    const file = await makeFile('secret.bin', large)
    await start(page, file)
    await untilHalfway(driver, page)
    const kept = await page.evaluate(() => harness.kept())
    store.faults.clear()
    const ended = await end(page)
    await expectArrived(driver, stage, ended, file)
    const secrets = await page.evaluate(() => harness.secrets())
    expect(secrets).not.toEqual([])
    expect(elsewhere).not.toEqual([])
    const storage = JSON.stringify(store.log.entries().filter(({ method }) => method === 'PUT'))
    for (const secret of secrets) {
      expect(toServer.join()).toContain(secret)
      expect([elsewhere.join(), storage, kept, JSON.stringify(ended)].join()).not.toContain(secret)
    }
    // Only IndexedDB keeps anything, and it keeps no URL but the page's own.
    expect(kept).toContain('secret.bin')
    expect(kept.replaceAll(page.url(), '')).not.toMatch(/X-Amz-|https?:/)
    const { localStorage, sessionStorage, caches } = JSON.parse(kept)
    expect({ localStorage, sessionStorage, caches }).toEqual({
      localStorage: {},
      sessionStorage: {},
      caches: [],
    })
  })
}
