/** Files with handles in a headless browser: dropped as by a user, and allowed to be read again. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium, type Page } from '@playwright/test'
import { chromiumLaunch } from '../scripts/browser-path.js'
import type { DiskFile } from './files.ts'

/** A profile that lets this origin read files permanently, because nobody can answer the prompt in a headless browser. */
export async function profileThatAllows(origin: string): Promise<string> {
  const profile = await mkdtemp(join(tmpdir(), 'longhaul-handle-'))
  const exceptions = { file_system_read_guard: { [`${origin},*`]: { setting: 1 } } }
  await mkdir(join(profile, 'Default'))
  await writeFile(
    join(profile, 'Default', 'Preferences'),
    JSON.stringify({ profile: { content_settings: { exceptions } } }),
  )
  return profile
}

export function removeProfile(profile: string): Promise<void> {
  return rm(profile, { recursive: true, force: true, maxRetries: 5 })
}

export async function launch(profile: string): Promise<{ context: BrowserContext; page: Page }> {
  const context = await chromium.launchPersistentContext(profile, chromiumLaunch(chromium.executablePath()))
  return { context, page: context.pages()[0] ?? (await context.newPage()) }
}

/** Playwright cannot drop files from the disk, but the browser's own protocol can. */
export async function drop(page: Page, ...files: readonly Pick<DiskFile, 'path'>[]): Promise<void> {
  const session = await page.context().newCDPSession(page)
  const data = { items: [], files: files.map(({ path }) => path), dragOperationsMask: 1 }
  for (const type of ['dragEnter', 'dragOver', 'drop'] as const) {
    await session.send('Input.dispatchDragEvent', { type, x: 20, y: 20, data })
  }
}
