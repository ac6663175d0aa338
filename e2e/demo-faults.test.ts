/** The panel of faults, each by its own switch: the file arrives all the same, byte for byte, or rests and says so. */
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

test('offline, an upload rests and says so; it goes on by itself when the plug is back in', async ({
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

test('connections that are cut, before and after the part is stored, cost nothing but time', async ({
  demo,
  store,
  page,
  makeFile,
}) => {
  const file = await makeFile('cut.bin', 80 * mebibyte)
  await page.goto(demo.url)
  await page.getByTestId('fault-cuts').check()
  await upload(page, demo, file)
  // It is the server that has the order, so a reload keeps it.
  await expect(page.getByTestId('fault-cuts')).toBeChecked()
  await expectIdentical(page, demo, file, 'cut.bin')
  await page.getByTestId('fault-cuts').uncheck()
  const faults = new Set(store.log.entries().map(({ fault }) => fault))
  expect(faults).toContain('cut')
  expect(faults).toContain('cut-answer')
})

test('503s are waited out', async ({ demo, store, page, makeFile }) => {
  const file = await makeFile('busy.bin', 60 * mebibyte)
  await page.goto(demo.url)
  // By the keyboard, as every switch can be.
  await page.getByTestId('fault-busy').focus()
  await page.keyboard.press('Space')
  await expect(page.getByTestId('fault-busy')).toBeChecked()
  await page.getByTestId('file-input').setInputFiles(file.path)
  await expectIdentical(page, demo, file, 'busy.bin')
  await page.getByTestId('fault-busy').uncheck()
  expect(store.log.entries().filter(({ status }) => status === 503).length).toBeGreaterThan(0)
})

test('a slow network is slow, and the rate is plotted over time', async ({ demo, store, page, makeFile }) => {
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

test('URLs that expire under way are signed again', async ({ demo, store, page, makeFile }) => {
  const file = await makeFile('expired.bin', 160 * mebibyte)
  const undo = slow(store)
  await upload(page, demo, file)
  await untilUnderway(page, 'expired.bin')
  // A URL only says in which second it was signed, and those of the fault's own second are let off.
  const second = Math.floor(Date.now() / 1000)
  await expect.poll(() => Math.floor(Date.now() / 1000)).toBeGreaterThan(second)
  await page.getByTestId('fault-expire-urls').click()
  undo()
  await expectIdentical(page, demo, file, 'expired.bin')
  const refused = store.log.entries().filter(({ fault }) => fault === 'expired')
  expect(refused.map(({ status }) => status)).toContain(403)
})

test('a killed tab loses only what was on its way', async ({ demo, store, page, makeFile }) => {
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

test('where another file is picked for what was left, it is refused, and nothing is lost', async ({
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
