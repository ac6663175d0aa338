/** The demo page for people who cannot see it, use no mouse, or prefer less motion. */
import { mkdir, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Locator, Page } from '@playwright/test'
import type { AxeResults } from 'axe-core'
import type { Demo } from '../demo/server/demo.ts'
import type { ObjectStore } from '../demo/server/store/object-store.ts'
import { expect, mebibyte, row, slow, test, untilUnderway, upload } from './demo-page.ts'
import type { DiskFile } from './files.ts'

const axeFile = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

declare global {
  var axe: { run(): Promise<AxeResults> }
}

const widths = [390, 820, 1440]

/** What axe finds in both themes and three widths, each with the elements concerned. */
async function violations(page: Page): Promise<readonly string[]> {
  await page.addScriptTag({ path: axeFile })
  const found: string[] = []
  for (const theme of ['light', 'dark'])
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 })
      await page.evaluate((name) => {
        document.documentElement.dataset['theme'] = name
      }, theme)
      const results = await page.evaluate(() => globalThis.axe.run())
      for (const { id, nodes } of results.violations)
        found.push(`${theme} ${width}: ${id}: ${nodes.map(({ html }) => html).join(' ')}`)
    }
  return found
}

async function isWiderThanWindow(page: Page): Promise<boolean> {
  return page.evaluate(() => document.documentElement.scrollWidth > document.documentElement.clientWidth)
}

function backgroundOf(locator: Locator): Promise<string> {
  return locator.evaluate((element) => getComputedStyle(element).backgroundColor)
}

type Made = (name: string, size: number) => Promise<DiskFile>

/** Brings about an upload of every state: under way, paused, failed, done, cancelled, and left by an earlier visit. */
async function everyState(page: Page, demo: Demo, store: ObjectStore, makeFile: Made): Promise<void> {
  const undo = slow(store)
  await upload(page, demo, await makeFile('left.bin', 40 * mebibyte))
  await untilUnderway(page, 'left.bin')
  await page.reload()
  undo()
  store.faults.add(
    {
      operation: 'UploadPart',
      keyPattern: 'failed',
      effect: { kind: 'status', status: 400, code: 'InvalidRequest' },
    },
    { operation: 'UploadPart', keyPattern: 'running|paused|cancelled', effect: { kind: 'stall' } },
  )
  const names = ['done.bin', 'failed.bin', 'cancelled.bin', `paused ${'long '.repeat(40)}.bin`, 'running.bin']
  const files = await Promise.all(names.map((name) => makeFile(name, 12 * mebibyte)))
  await page.getByTestId('file-input').setInputFiles(files.map(({ path }) => path))
  await row(page, names[3] ?? '')
    .getByTestId('pause')
    .click()
  await row(page, 'cancelled.bin').getByTestId('cancel').click()
  await expect(row(page, 'failed.bin')).toHaveAttribute('data-status', 'failed')
  await expect(row(page, 'done.bin').getByTestId('verdict')).toHaveAttribute('data-verdict', 'identical')
  await expect(row(page, 'running.bin')).toHaveAttribute('data-status', 'uploading')
  await expect(page.getByTestId('interrupted')).toHaveCount(1)
  await page.getByTestId('fault-slow').check()
}

test('axe finds nothing on the empty page', async ({ demo, store: _, page }) => {
  await page.goto(demo.url)
  await expect(page.getByTestId('fault-slow')).toBeVisible()
  expect(await violations(page)).toEqual([])
})

test('axe finds nothing with an upload of every state, and the page is no wider than the window', async ({
  demo,
  store,
  page,
  makeFile,
}) => {
  await everyState(page, demo, store, makeFile)
  expect(await violations(page)).toEqual([])
  for (const width of [320, ...widths]) {
    await page.setViewportSize({ width, height: 900 })
    expect(await isWiderThanWindow(page)).toBe(false)
  }
  await page.getByTestId('cancel-all').click()
  expect(await violations(page)).toEqual([])
  await page.keyboard.press('Escape')
  await page.getByTestId('fault-slow').uncheck()
})

test('every control can be reached by Tab and shows its focus', async ({ demo, store: _, page }) => {
  await page.goto(demo.url)
  const reached = new Set<string>()
  for (let presses = 0; presses < 20; presses++) {
    await page.keyboard.press('Tab')
    const { name, outline } = await page.evaluate(() => {
      const element = document.activeElement
      // A hidden radio button is shown by its label.
      const shown = element?.matches('.unseen') ? element.closest('label') : element
      const name = element?.getAttribute('data-testid') ?? element?.getAttribute('name') ?? ''
      return { name, outline: shown ? getComputedStyle(shown).outlineStyle : 'none' }
    })
    if (name === '') continue
    reached.add(name)
    expect([name, outline]).toEqual([name, 'solid'])
  }
  for (const control of [
    'theme',
    'choose-folder',
    'choose-files',
    'backend',
    'fault-unplugged',
    'fault-cuts',
    'fault-busy',
    'fault-slow',
    'fault-expire-urls',
    'fault-kill',
  ])
    expect([...reached]).toContain(control)
})

test('nothing moves for users who prefer reduced motion', async ({ demo, store, page, makeFile }) => {
  await page.emulateMedia({ reducedMotion: 'reduce' })
  slow(store)
  await upload(page, demo, await makeFile('still.bin', 40 * mebibyte))
  await untilUnderway(page, 'still.bin')
  await page.getByTestId('fault-busy').check()
  await page.getByTestId('fault-busy').uncheck()
  expect(await page.evaluate(() => document.getAnimations().length)).toBe(0)
  const durations = await page.evaluate(() =>
    [...document.querySelectorAll('*')].map((element) => getComputedStyle(element).transitionDuration),
  )
  expect(new Set(durations)).toEqual(new Set(['0s']))
})

test('with forced colours, the chosen server and the progress bars remain visible', async ({
  demo,
  store,
  page,
  makeFile,
}) => {
  await page.emulateMedia({ forcedColors: 'active' })
  const undo = slow(store)
  await upload(page, demo, await makeFile('forced.bin', 40 * mebibyte))
  await untilUnderway(page, 'forced.bin')
  const canvas = await backgroundOf(page.locator('body'))
  for (const shown of ['.road-solid', '.sign-bar-fill', '.backend-choices label:has(:checked)'])
    expect([shown, await backgroundOf(page.locator(shown).first())]).not.toEqual([shown, canvas])
  const chosen = page.locator('.backend-choices label')
  expect(await backgroundOf(chosen.first())).not.toBe(await backgroundOf(chosen.last()))
  undo()
  await expect(row(page, 'forced.bin')).toHaveAttribute('data-status', 'done')
})

test('files of the same name in two folders have different headings and buttons', async ({
  demo,
  store: _,
  page,
}, testInfo) => {
  const folder = testInfo.outputPath('photos')
  for (const inner of ['2025', '2026']) {
    await mkdir(join(folder, inner), { recursive: true })
    await writeFile(join(folder, inner, 'a.txt'), inner)
  }
  await page.goto(demo.url)
  await page.getByTestId('folder-input').setInputFiles(folder)
  for (const path of ['photos/2025/a.txt', 'photos/2026/a.txt']) {
    await expect(page.getByRole('heading', { name: path, exact: true })).toBeVisible()
    await expect(page.getByRole('button', { name: `Remove ${path}` })).toBeVisible()
    await expect(page.getByText(`Download ${path}`)).toBeVisible()
  }
})

function focused(page: Page): Promise<string | undefined> {
  return page.evaluate(() => (document.activeElement as HTMLElement).dataset['testid'])
}

test('when a focused button disappears, the focus moves to the next useful control', async ({
  demo,
  store,
  page,
  makeFile,
}) => {
  slow(store)
  const file = await makeFile('keys.bin', 40 * mebibyte)
  await upload(page, demo, file)
  await untilUnderway(page, 'keys.bin')
  await page.reload()
  await page.getByTestId('interrupted-forget').press('Enter')
  await expect(page.getByTestId('interrupted')).toHaveCount(0)
  await expect.poll(() => focused(page)).toBe('choose-files')
  await page.getByTestId('file-input').setInputFiles(file.path)
  await row(page, 'keys.bin').getByTestId('cancel').press('Enter')
  await expect(row(page, 'keys.bin')).toHaveAttribute('data-status', 'cancelled')
  expect(await focused(page)).toBe('remove')
  await page.keyboard.press('Enter')
  await expect(row(page, 'keys.bin')).toHaveCount(0)
  await expect.poll(() => focused(page)).toBe('choose-files')
})

test('when a file is stored, the focus moves from its Pause button to Remove', async ({
  demo,
  store,
  page,
  makeFile,
}) => {
  slow(store)
  await upload(page, demo, await makeFile('focus.bin', 40 * mebibyte))
  await untilUnderway(page, 'focus.bin')
  await row(page, 'focus.bin').getByTestId('pause').press('Enter')
  await expect(row(page, 'focus.bin')).toHaveAttribute('data-status', 'paused')
  await page.keyboard.press('Enter')
  expect(await focused(page)).toMatch(/^(pause|resume)$/)
  await expect(row(page, 'focus.bin')).toHaveAttribute('data-status', 'done')
  await expect.poll(() => focused(page)).toBe('remove')
})

test('a right-to-left file name is laid out in its own direction', async ({
  demo,
  store: _,
  page,
  makeFile,
}) => {
  const name = 'تقرير (1).pdf'
  await upload(page, demo, await makeFile(name, 1_000))
  const [letters = 0, extension = 0] = await row(page, name)
    .locator('h3')
    .evaluate(({ firstChild }) =>
      [0, 10].map((at) => {
        const range = document.createRange()
        range.setStart(firstChild as Text, at)
        range.setEnd(firstChild as Text, at + 3)
        return range.getBoundingClientRect().left
      }),
    )
  expect(extension).toBeLessThan(letters)
})

test('thirty files at once are announced in a few sentences', async ({ demo, store: _, page, makeFile }) => {
  const names = Array.from({ length: 30 }, (_, index) => `file-${index}.bin`)
  const files = await Promise.all(names.map((name) => makeFile(name, 1000)))
  await page.goto(demo.url)
  await page.evaluate(() => {
    const said: string[] = []
    Object.assign(globalThis, { said })
    const region = document.querySelector('[data-testid=announcements]')
    new MutationObserver(() => said.push(region?.textContent ?? '')).observe(region ?? document, {
      childList: true,
      characterData: true,
      subtree: true,
    })
  })
  const began = Date.now()
  await page.getByTestId('file-input').setInputFiles(files.map(({ path }) => path))
  for (const name of names)
    await expect(row(page, name).getByTestId('verdict')).toHaveAttribute('data-verdict', 'identical')
  await expect(page.getByTestId('announcements')).toContainText('identical')
  const said = await page.evaluate(() => (globalThis as { said?: string[] }).said ?? [])
  expect(said.length).toBeLessThanOrEqual(1 + (Date.now() - began) / 5_000)
  for (const text of said) expect(text.split('. ').length).toBeLessThanOrEqual(4)
})
