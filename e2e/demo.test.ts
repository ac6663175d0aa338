/** The demo page as a visitor uses it. */
import { readFile } from 'node:fs/promises'
import { expect, mebibyte, row, slow, test } from './demo-page.ts'

test('a picked file is uploaded, verified by its SHA-256, and can be downloaded unchanged', async ({
  demo,
  page,
  makeFile,
}) => {
  const [file, small] = [await makeFile('日本 & #1.bin', 30 * mebibyte), await makeFile('empty.txt', 0)]
  await page.goto(demo.url)
  await page.getByTestId('file-input').setInputFiles([file.path, small.path])
  for (const name of ['日本 & #1.bin', 'empty.txt']) {
    await expect(row(page, name).getByTestId('verdict')).toHaveAttribute('data-verdict', 'identical', {
      timeout: 60_000,
    })
  }
  const downloading = page.waitForEvent('download')
  await row(page, '日本 & #1.bin').getByTestId('download').click()
  const content = await readFile(await (await downloading).path())
  expect(content.equals(await readFile(file.path))).toBe(true)
})

test('the rate chart does not understate the rate of a file that is stored within a second', async ({
  demo,
  page,
  makeFile,
}) => {
  const file = await makeFile('fast.bin', 60 * mebibyte)
  await page.goto(demo.url)
  const begun = Date.now()
  await page.getByTestId('file-input').setInputFiles(file.path)
  await expect(row(page, 'fast.bin')).toHaveAttribute('data-status', 'done', { timeout: 60_000 })
  const rate = file.size / ((Date.now() - begun) / 1000)
  const highest = page.getByTestId('rate-chart').locator('dd').nth(1)
  // `rate` counts the whole time, from hashing to completion, so the bytes themselves moved faster.
  await expect
    .poll(async () => inBytes(await highest.textContent()), { timeout: 4_000 })
    .toBeGreaterThan(rate / 2)
})

function inBytes(rate: string | null): number {
  const [, number, unit = ''] = /^([\d.]+)\s(.)/.exec(rate ?? '') ?? []
  return Number(number) * { B: 1, k: 1e3, M: 1e6, G: 1e9 }[unit as 'B']
}

test('an upload can be paused, resumed and cancelled by its buttons', async ({ demo, page, makeFile }) => {
  slow(demo.store)
  const file = await makeFile('file.bin', 60 * mebibyte)
  await page.goto(demo.url)
  await page.getByTestId('file-input').setInputFiles(file.path)
  const upload = row(page, 'file.bin')
  await expect(upload).toHaveAttribute('data-status', 'uploading')
  await upload.getByTestId('pause').click()
  await expect(upload).toHaveAttribute('data-status', 'paused')
  await upload.getByTestId('resume').click()
  await expect(upload).toHaveAttribute('data-status', 'uploading')
  await upload.getByTestId('cancel').click()
  await expect(upload).toHaveAttribute('data-status', 'cancelled')
  demo.store?.faults.clear()
})

test('an upload left by an earlier visit is listed, and goes on when its file is picked again', async ({
  demo,
  page,
  makeFile,
}) => {
  slow(demo.store)
  const file = await makeFile('left.bin', 60 * mebibyte)
  await page.goto(demo.url)
  await page.getByTestId('file-input').setInputFiles(file.path)
  await expect
    .poll(async () => Number(await row(page, 'left.bin').getAttribute('data-confirmed')))
    .toBeGreaterThan(0)
  await page.reload()
  demo.store?.faults.clear()
  const left = page.locator('[data-testid=interrupted][data-name="left.bin"]')
  await expect(left).toBeVisible()
  expect(Number(await left.getAttribute('data-confirmed'))).toBeGreaterThan(0)
  await left.getByTestId('interrupted-resume-input').setInputFiles(file.path)
  await expect(row(page, 'left.bin').getByTestId('verdict')).toHaveAttribute('data-verdict', 'identical', {
    timeout: 60_000,
  })
  await expect(left).toHaveCount(0)
})

test('the server switch works by keyboard, is kept in the URL, and applies to the next file', async ({
  demo,
  page,
  makeFile,
}) => {
  await page.goto(demo.url)
  const choice = page.getByRole('group', { name: 'Server' })
  await choice.getByRole('radio', { name: 'Presigned' }).focus()
  for (const [index, label] of ['Fragno', 'bkend', 'Newton', 'Active Storage'].entries()) {
    await page.keyboard.press('ArrowRight')
    const radio = choice.getByRole('radio', { name: label })
    await expect(radio).toBeChecked()
    await expect(radio).toHaveAccessibleDescription(/./)
    const file = await makeFile(`by-${index}.bin`, mebibyte + index)
    await page.getByTestId('file-input').setInputFiles(file.path)
    const upload = row(page, `by-${index}.bin`)
    await expect(upload.getByTestId('verdict')).toHaveAttribute('data-verdict', 'identical')
    await expect(upload).toContainText(label)
    const downloading = page.waitForEvent('download')
    await upload.getByTestId('download').click()
    const content = await readFile(await (await downloading).path())
    expect(content.equals(await readFile(file.path))).toBe(true)
    await radio.focus()
  }
  await expect(page).toHaveURL(/\?backend=active-storage$/)
  await page.reload()
  await expect(page.getByTestId('backend')).toHaveAttribute('data-backend', 'active-storage')
})

test('an upload left by an earlier visit goes on with its own server', async ({ demo, page, makeFile }) => {
  slow(demo.store)
  const file = await makeFile('elsewhere.bin', 40 * mebibyte)
  await page.goto(`${demo.url}/?backend=newton`)
  await page.getByTestId('file-input').setInputFiles(file.path)
  await expect
    .poll(async () => Number(await row(page, 'elsewhere.bin').getAttribute('data-confirmed')))
    .toBeGreaterThan(0)
  await page.goto(demo.url)
  demo.store?.faults.clear()
  const left = page.locator('[data-testid=interrupted][data-name="elsewhere.bin"]')
  await expect(left).toContainText('Newton')
  await left.getByTestId('interrupted-resume-input').setInputFiles(file.path)
  const upload = row(page, 'elsewhere.bin')
  await expect(upload.getByTestId('verdict')).toHaveAttribute('data-verdict', 'identical', {
    timeout: 60_000,
  })
  await expect(upload).toContainText('Newton')
})
