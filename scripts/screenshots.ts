/**
 * The README's pictures, taken from the running page: `npm run screenshots` writes docs/images/demo-*.webp. Each shows the same
 * scene with real uploads: one stored, one under way on a slow network, one paused, and one that an earlier visit left
 * unfinished.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Browser, chromium, type Locator, type Page } from 'playwright'
import { buildLibrary, buildPage } from '../demo/server/build.ts'
import { type Demo, startDemo } from '../demo/server/demo.ts'
import { mebibyte, writeRandom } from '../e2e/files.ts'
import { chromiumLaunch } from './browser-path.js'

type Shot = {
  readonly name: string
  readonly theme: 'light' | 'dark'
  readonly width: number
  readonly height: number
  /** Device pixels per CSS pixel. */
  readonly scale: number
}

const wide = { width: 1440, height: 1200, scale: 1 }
const phone = { width: 390, height: 844, scale: 2 }
const shots: readonly Shot[] = [
  { name: 'demo-wide-light', theme: 'light', ...wide },
  { name: 'demo-wide-dark', theme: 'dark', ...wide },
  { name: 'demo-phone-light', theme: 'light', ...phone },
  { name: 'demo-phone-dark', theme: 'dark', ...phone },
]

/** The most bytes of a picture, for readers on a slow line. */
const heaviest = 150_000
const images = fileURLToPath(new URL('../docs/images', import.meta.url))

const names = {
  left: 'interview-takes-3-to-7.mov',
  stored: 'site-plan.pdf',
  sending: 'aerial-survey-2026-11-24.tif',
  paused: 'backup-of-the-archive.tar.zst',
}

buildLibrary()
await buildPage()
await mkdir(images, { recursive: true })
const folder = await mkdtemp(join(tmpdir(), 'longhaul-screenshots-'))
const demo = await startDemo({ environment: {} })
const browser = await chromium.launch(chromiumLaunch(chromium.executablePath()))
try {
  for (const shot of shots) await take(browser, shot)
} finally {
  await browser.close()
  await demo.close()
  await rm(folder, { recursive: true, force: true })
}

async function take(browser: Browser, { name, theme, width, height, scale }: Shot): Promise<void> {
  const context = await browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: scale,
    colorScheme: theme,
    reducedMotion: 'reduce',
  })
  const page = await context.newPage()
  await setScene(page, demo)
  if (width >= 1100) await showTop(page)
  else await showFrom(page.locator('.uploads'))
  const picture = await captured(page)
  await context.close()
  await writeFile(join(images, `${name}.webp`), picture)
  console.log(`docs/images/${name}.webp: ${(picture.length / 1000).toFixed(0)} kB`)
  if (picture.length > heaviest)
    throw new Error(`Expected ${name}.webp to be at most ${heaviest} bytes, got ${picture.length}`)
}

/** Shows the page from its top to the end of the list. */
async function showTop(page: Page): Promise<void> {
  await page.evaluate(() => window.scrollTo(0, 0))
  const box = await page.locator('.desk').boundingBox()
  const { width } = page.viewportSize() ?? { width: 0 }
  const height = Math.ceil((box?.y ?? 0) + (box?.height ?? 0)) + 36
  await page.setViewportSize({ width, height })
}

/** Shows one screen that begins at the element. */
async function showFrom(start: Locator): Promise<void> {
  await start.evaluate((element) => window.scrollTo(0, element.getBoundingClientRect().top + scrollY - 20))
}

/** Takes a picture as WebP, which is small, and which Playwright itself does not offer. */
async function captured(page: Page): Promise<Buffer> {
  const cdp = await page.context().newCDPSession(page)
  const { data } = await cdp.send('Page.captureScreenshot', { format: 'webp', quality: 75 })
  return Buffer.from(data, 'base64')
}

async function setScene(page: Page, { url, store }: Demo): Promise<void> {
  const file = async (name: string, mebibytes: number): Promise<string> =>
    (await writeRandom(join(folder, name), mebibytes * mebibyte)).path
  const input = page.getByTestId('file-input')
  store?.faults.clear()
  await page.goto(url)
  await page.getByTestId('fault-slow').check()
  await input.setInputFiles(await file(names.left, 120))
  await untilStored(page, names.left, 0.4)
  await page.reload()
  await page.getByTestId('fault-slow').uncheck()
  await input.setInputFiles(await file(names.stored, 9))
  await page.locator('[data-verdict=identical]').waitFor()
  await page.getByTestId('fault-slow').check()
  await input.setInputFiles(await file(names.paused, 150))
  await untilStored(page, names.paused, 0.3)
  await row(page, names.paused).getByTestId('pause').click()
  await input.setInputFiles(await file(names.sending, 420))
  await untilStored(page, names.sending, 0.55)
}

function row(page: Page, name: string): Locator {
  return page.locator(`[data-testid=upload][data-name="${name}"]`)
}

/** @param share Of the file, from 0 to 1. */
async function untilStored(page: Page, name: string, share: number): Promise<void> {
  await page.waitForFunction(
    ([wanted, least]) => {
      const { confirmed, total } =
        document.querySelector<HTMLElement>(`[data-testid=upload][data-name="${wanted}"]`)?.dataset ?? {}
      return Number(confirmed) >= Number(least) * Number(total)
    },
    [name, share] as const,
    { timeout: 120_000 },
  )
}
