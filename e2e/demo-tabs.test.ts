/** How the demo page shows uploads of other tabs and earlier visits, and its buttons for all uploads at once. */
import type { Page } from '@playwright/test'
import { expect, expectIdentical, mebibyte, row, slow, test, untilUnderway, upload } from './demo-page.ts'
import { drop, launch, profileThatAllows, removeProfile } from './handles.ts'

test('another tab’s upload is shown live, and is taken over when that tab closes', async ({
  demo,
  store,
  page,
  context,
  makeFile,
}) => {
  const file = await makeFile('far.bin', 160 * mebibyte)
  store.faults.add({ operation: 'UploadPart', effect: { kind: 'throttle', bytesPerSecond: 2 * mebibyte } })
  const owner = await context.newPage()
  await upload(owner, demo, file)
  await untilUnderway(owner, 'far.bin')
  await page.goto(demo.url)
  const far = page.locator('[data-testid=far-upload][data-name="far.bin"]')
  const confirmed = async (): Promise<number> => Number(await far.getAttribute('data-confirmed'))
  const first = await confirmed()
  expect(first).toBeGreaterThan(0)
  await expect.poll(confirmed, { timeout: 20_000 }).toBeGreaterThan(first)
  await page.getByTestId('file-input').setInputFiles(file.path)
  await expect(row(page, 'far.bin')).toContainText('Another tab is sending it')
  // There is no button here that resumes it.
  await expect(row(page, 'far.bin').getByTestId('resume')).toHaveCount(0)
  await owner.getByTestId('pause-all').click()
  await expect(far).toHaveAttribute('data-status', 'paused')
  await owner.close()
  await expect(far).toHaveCount(0)
  // This tab takes over, because the file was added here too.
  await expect(row(page, 'far.bin')).toHaveAttribute('data-status', /hashing|opening|uploading/)
  await page.reload()
  await expect(page.locator('[data-testid=interrupted][data-name="far.bin"]')).toBeVisible()
})

test('after a reload, the upload of a dropped file goes on with one click', async ({
  demo,
  store,
  makeFile,
}) => {
  const file = await makeFile('dropped.bin', 60 * mebibyte)
  const undo = slow(store)
  const profile = await profileThatAllows(demo.url)
  try {
    const { context, page } = await launch(profile)
    await page.goto(demo.url)
    await drop(page, file)
    await untilUnderway(page, 'dropped.bin')
    undo()
    await page.getByTestId('fault-kill').click()
    const left = page.locator('[data-testid=interrupted][data-name="dropped.bin"]')
    await expect(left).toHaveAttribute('data-needs-file', 'false')
    await left.getByTestId('interrupted-resume').click()
    await expectIdentical(page, demo, file, 'dropped.bin')
    await context.close()
  } finally {
    await removeProfile(profile)
  }
})

test('all uploads can be paused, resumed and, after a confirmation, cancelled together', async ({
  demo,
  store,
  page,
  makeFile,
}) => {
  slow(store)
  const names = ['one.bin', 'two.bin', 'three.bin']
  const files = await Promise.all(names.map((name) => makeFile(name, 40 * mebibyte)))
  await upload(page, demo, ...files)
  await page.getByTestId('pause-all').click()
  for (const name of names) await expect(row(page, name)).toHaveAttribute('data-status', 'paused')
  await expect(page.getByTestId('count')).toHaveText('0 of 3 files stored, 3 paused or failed')
  await page.getByTestId('resume-all').click()
  await expect(page.getByTestId('resume-all')).toHaveAttribute('aria-disabled', 'true')
  await page.getByTestId('cancel-all').click()
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('pause-all')).toHaveAttribute('aria-disabled', 'false')
  await page.getByTestId('cancel-all').click()
  await page.getByTestId('cancel-all-sure').click()
  for (const name of names) await expect(row(page, name)).toHaveAttribute('data-status', 'cancelled')
  await expect(page.getByTestId('count')).toHaveText('All cancelled')
  await page.getByTestId('clear-ended').click()
  await expect(page.getByTestId('upload')).toHaveCount(0)
})

/** A test cannot answer the browser's pickers. These stand-ins give files of the page's own file system. */
function pickersGiveOwnFiles(): void {
  const folder = async (): Promise<FileSystemDirectoryHandle> =>
    (await navigator.storage.getDirectory()).getDirectoryHandle('folder', { create: true })
  Object.assign(window, {
    showDirectoryPicker: folder,
    showOpenFilePicker: async () => [await (await folder()).getFileHandle('picked.bin')],
  })
}

async function writeOwnFile(page: Page, name: string, mebibytes: number): Promise<void> {
  await page.evaluate(
    async ([file, count]) => {
      const root = await navigator.storage.getDirectory()
      const folder = await root.getDirectoryHandle('folder', { create: true })
      const stream = await (await folder.getFileHandle(file, { create: true })).createWritable()
      for (let index = 0; index < count; index++) await stream.write(new Uint8Array(1024 * 1024).fill(index))
      await stream.close()
    },
    [name, mebibytes] as const,
  )
}

test('after a reload, the upload of a file from the browser’s picker goes on with one click', async ({
  demo,
  store,
  page,
}) => {
  await page.addInitScript(pickersGiveOwnFiles)
  await page.goto(demo.url)
  await writeOwnFile(page, 'picked.bin', 60)
  const undo = slow(store)
  await page.getByTestId('choose-files').click()
  await untilUnderway(page, 'picked.bin')
  undo()
  await page.getByTestId('fault-kill').click()
  await page.locator('[data-name="picked.bin"]').getByTestId('interrupted-resume').click()
  const verdict = row(page, 'picked.bin').getByTestId('verdict')
  await expect(verdict).toHaveAttribute('data-verdict', 'identical', { timeout: 60_000 })
})

test('all files of a chosen folder are uploaded', async ({ demo, store: _, page }) => {
  await page.addInitScript(pickersGiveOwnFiles)
  await page.goto(demo.url)
  for (const name of ['a.bin', 'b.bin']) await writeOwnFile(page, name, 1)
  await page.getByTestId('choose-folder').click()
  for (const name of ['a.bin', 'b.bin'])
    await expect(row(page, name).getByTestId('verdict')).toHaveAttribute('data-verdict', 'identical')
})
