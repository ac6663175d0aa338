/** A dropped file keeps its handle: after a kill one click goes on, and nothing has to be picked again. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { chromiumLaunch } from '../scripts/browser-path.js'
import {
  count,
  type DiskFile,
  end,
  expect,
  expectStored,
  look,
  mebibyte,
  openSite,
  partsStored,
  slow,
  test,
  untilStored,
} from './fixtures.ts'

/** The user has allowed this origin to read files for good: nobody can answer the prompt in a headless browser. */
async function profileThatAllows(origin: string): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), 'longhaul-handle-'))
  const exceptions = { file_system_read_guard: { [`${origin},*`]: { setting: 1 } } }
  await mkdir(join(profile, 'Default'))
  await writeFile(
    join(profile, 'Default', 'Preferences'),
    JSON.stringify({ profile: { content_settings: { exceptions } } }),
  )
  return profile
}

async function launch(profile: string): Promise<{ context: BrowserContext; page: Page }> {
  const context = await chromium.launchPersistentContext(profile, chromiumLaunch(chromium.executablePath()))
  return { context, page: context.pages()[0] ?? (await context.newPage()) }
}

/** Playwright cannot drop files of the disk; the browser's own protocol can. */
async function drop(page: Page, file: DiskFile): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: [file.path], dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 20, y: 20, data })
  }
}

test('a dropped file goes on after a restart with one click', async ({ demo, store, makeFile }) => {
  slow(store)
  const file = await makeFile('file.bin', 30 * mebibyte)
  const profile = await profileThatAllows(demo.url)
  try {
    const first = await launch(profile)
    await openSite(first.page, demo)
    await drop(first.page, file)
    await first.page.waitForFunction(() => harness.running() === 1)
    await untilStored(first.page, 2)
    const { stored } = await look(first.page)
    await first.context.close()

    store.faults.clear()
    const second = await launch(profile)
    await openSite(second.page, demo)
    expect(await second.page.evaluate(() => harness.interrupted())).toMatchObject([{ needsFile: false }])
    await second.page.locator('#go-on').click()
    await expectStored(demo, await end(second.page), file)
    const parts = partsStored(store)
    for (const number of stored) expect(parts.filter((part) => part === number)).toHaveLength(1)
    expect(count(store, 'CreateMultipartUpload')).toBe(1)
    await second.context.close()
  } finally {
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
})
