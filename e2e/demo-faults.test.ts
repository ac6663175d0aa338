/** The fault panel, one switch at a time: the file still arrives byte for byte, or its upload pauses and says why. */
import {
  expect,
  expectIdentical,
  mebibyte,
  partsStored,
  row,
  slow,
  test,
  untilUnderway,
  upload,
} from './demo-page.ts'

test('an upload that goes offline pauses and says so, and goes on by itself when it is online again', async ({
  demo,
  store,
  page,
  makeFile,
}) => {
  const file = await makeFile('offline.bin', 60 * mebibyte)
  const undo = slow(store)
  await upload(page, demo, file)
  await untilUnderway(page, 'offline.bin')
  undo()
  await page.getByTestId('fault-unplugged').check()
  const upload_ = row(page, 'offline.bin')
  await expect(upload_).toHaveAttribute('data-status', 'paused')
  await expect(upload_.getByTestId('state')).toHaveText('Offline: resumes by itself')
  expect(Number(await upload_.getAttribute('data-confirmed'))).toBeGreaterThan(0)
  await page.getByTestId('fault-unplugged').uncheck()
  await expectIdentical(page, demo, file, 'offline.bin')
})

test('a file arrives although connections are cut before and after parts are stored', async ({
  demo,
  store,
  page,
  makeFile,
}) => {
  const file = await makeFile('cut.bin', 80 * mebibyte)
  await page.goto(demo.url)
  await page.getByTestId('fault-cuts').check()
  await upload(page, demo, file)
  // The server holds the fault, so it outlasts a reload.
  await expect(page.getByTestId('fault-cuts')).toBeChecked()
  await expectIdentical(page, demo, file, 'cut.bin')
  await page.getByTestId('fault-cuts').uncheck()
  const faults = new Set(store.log.entries().map(({ fault }) => fault))
  expect(faults).toContain('cut')
  expect(faults).toContain('cut-answer')
})

test('an upload waits out 503s', async ({ demo, store, page, makeFile }) => {
  const file = await makeFile('busy.bin', 60 * mebibyte)
  await page.goto(demo.url)
  // Every switch can be set by keyboard.
  await page.getByTestId('fault-busy').focus()
  await page.keyboard.press('Space')
  await expect(page.getByTestId('fault-busy')).toBeChecked()
  await page.getByTestId('file-input').setInputFiles(file.path)
  await expectIdentical(page, demo, file, 'busy.bin')
  await page.getByTestId('fault-busy').uncheck()
  expect(store.log.entries().filter(({ status }) => status === 503).length).toBeGreaterThan(0)
})

test('on a slow network, the chart plots the rate over time', async ({ demo, store, page, makeFile }) => {
  const file = await makeFile('slow.bin', 30 * mebibyte)
  await page.goto(demo.url)
  await page.getByTestId('fault-slow').check()
  await page.getByTestId('file-input').setInputFiles(file.path)
  await expect
    .poll(async () => Number(await page.getByTestId('rate-chart').getAttribute('data-samples')))
    .toBeGreaterThan(2)
  await expectIdentical(page, demo, file, 'slow.bin')
  await page.getByTestId('fault-slow').uncheck()
  await expect(page.getByTestId('rate-chart').locator('.rate-band')).toHaveCount(1)
  await expect(page.getByTestId('rate-chart').locator('figcaption')).toContainText(
    /Highest\d+(\.\d+)?\sMB\/s/,
  )
  const parts = store.log.entries().filter(({ operation }) => operation === 'UploadPart')
  expect(new Set(parts.map(({ fault }) => fault))).toEqual(new Set(['throttle']))
})

test('URLs that expire during an upload are signed again', async ({ demo, store, page, makeFile }) => {
  const file = await makeFile('expired.bin', 160 * mebibyte)
  const undo = slow(store)
  await upload(page, demo, file)
  await untilUnderway(page, 'expired.bin')
  // A URL tells only the second of its signing, and the fault spares URLs from its own second.
  const second = Math.floor(Date.now() / 1000)
  await expect.poll(() => Math.floor(Date.now() / 1000)).toBeGreaterThan(second)
  await page.getByTestId('fault-expire-urls').click()
  undo()
  await expectIdentical(page, demo, file, 'expired.bin')
  const refused = store.log.entries().filter(({ fault }) => fault === 'expired')
  expect(refused.map(({ status }) => status)).toContain(403)
})

test('a killed tab loses only the parts that were on their way', async ({ demo, store, page, makeFile }) => {
  const file = await makeFile('killed.bin', 60 * mebibyte)
  const undo = slow(store)
  await upload(page, demo, file)
  await untilUnderway(page, 'killed.bin')
  const before = partsStored(store, 'killed.bin')
  undo()
  await page.getByTestId('fault-kill').click()
  const left = page.locator('[data-testid=interrupted][data-name="killed.bin"]')
  await left.getByTestId('interrupted-resume-input').setInputFiles(file.path)
  await expectIdentical(page, demo, file, 'killed.bin')
  const parts = partsStored(store, 'killed.bin')
  for (const number of before) expect(parts.filter((part) => part === number)).toHaveLength(1)
})

test('if another file is picked for an interrupted upload, it is refused and nothing is lost', async ({
  demo,
  store,
  page,
  makeFile,
}) => {
  const [file, other] = [await makeFile('left.bin', 40 * mebibyte), await makeFile('other.bin', mebibyte)]
  const undo = slow(store)
  await upload(page, demo, file)
  await untilUnderway(page, 'left.bin')
  undo()
  await page.getByTestId('fault-kill').click()
  const left = page.locator('[data-testid=interrupted][data-name="left.bin"]')
  await left.getByTestId('interrupted-resume-input').setInputFiles(other.path)
  await expect(left.getByTestId('interrupted-error')).toContainText('That is another file')
  await left.getByTestId('interrupted-resume-input').setInputFiles(file.path)
  await expectIdentical(page, demo, file, 'left.bin')
})
