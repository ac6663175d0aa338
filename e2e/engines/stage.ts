/** Fixtures of the suite: an engine, the demo's servers, a tab, files on disk, and the findings. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test as base, expect } from 'vitest'
import { type Demo, startDemo } from '../../demo/server/demo.ts'
import type { ObjectStore } from '../../demo/server/store/object-store.ts'
import { type DiskFile, objectSha256, writeRandom } from '../files.ts'
import type { End, Look } from '../harness.ts'
import { partSize, slow, unfinished } from '../store-log.ts'
import { buildEnginesPage } from './build-page.ts'
import { chromiumEngine, firefoxEngine } from './drivers/playwright.ts'
import { webkitEngine } from './drivers/webkit.ts'
import type { Engine, Profile, Tab } from './engine.ts'
import type { Findings } from './findings.ts'

const engines = { chromium: chromiumEngine, firefox: firefoxEngine, webkit: webkitEngine }

type Stage = {
  readonly engine: Engine
  readonly folder: string
  readonly page: string
  readonly demo: Demo
  readonly findings: Findings
  readonly store: ObjectStore
  readonly profile: Profile
  /** A tab without a page. */
  readonly tab: Tab
  readonly makeFile: (name: string, size: number) => Promise<DiskFile>
  /** Starts an upload of eight parts to a slow storage, and waits until this many are stored. */
  readonly begun: (parts: number) => Promise<DiskFile>
}

export const test = base.extend<Stage>({
  engine: [
    // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the names of the fixtures out of it
    async ({}, use) => {
      const make = engines[process.env['ENGINE'] as keyof typeof engines]
      const engine = await make()
      await use(engine)
      await engine.close()
    },
    { scope: 'file' },
  ],
  folder: [
    // biome-ignore lint/correctness/noEmptyPattern: as above
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'longhaul-engines-'))
      await use(folder)
      rmSync(folder, { recursive: true, force: true })
    },
    { scope: 'file' },
  ],
  page: [
    async ({ folder }, use) => {
      const page = join(folder, 'page')
      await buildEnginesPage(page)
      await use(page)
    },
    { scope: 'file' },
  ],
  demo: async ({ page }, use) => {
    const demo = await startDemo({ page, partSize, environment: {} })
    await use(demo)
    await demo.close()
  },
  findings: [
    async ({ engine }, use) => {
      const findings: Findings = { engine: engine.name, version: engine.version, found: {} }
      await use(findings)
      mkdirSync('test-results/engines', { recursive: true })
      writeFileSync(`test-results/engines/${engine.name}.json`, `${JSON.stringify(findings, null, 2)}\n`)
    },
    { scope: 'file' },
  ],
  store: async ({ demo }, use) => {
    await use(storeOf(demo))
  },
  profile: async ({ engine }, use) => {
    const profile = await engine.newProfile()
    await use(profile)
    await profile.close()
  },
  tab: async ({ profile }, use) => {
    await use(await profile.newTab())
  },
  makeFile: async ({ folder }, use) => {
    const own = mkdtempSync(join(folder, 'files-'))
    await use((name, size) => writeRandom(join(own, name), size))
    rmSync(own, { recursive: true, force: true })
  },
  begun: async ({ demo, tab, store, makeFile }, use) => {
    await use(async (parts) => {
      await openPage(tab, demo)
      slow(store, 10)
      const file = await makeFile('file.bin', 8 * partSize)
      await start(tab, file)
      await untilStored(tab, parts)
      return file
    })
  },
})

export function storeOf({ store }: Demo): ObjectStore {
  if (store === undefined) throw new Error('these tests need the embedded store')
  return store
}

type PageOptions = {
  readonly build?: 'script-tag'
  /** Options of the Uploader. */
  readonly options?: Readonly<Record<string, unknown>>
}

export async function openPage(tab: Tab, { url }: Demo, { build, options }: PageOptions = {}): Promise<void> {
  const address = new URL(url)
  if (build !== undefined) address.searchParams.set('build', build)
  if (options !== undefined) address.searchParams.set('options', JSON.stringify(options))
  await tab.open(address.href)
  await ready(tab)
}

export async function reloadPage(tab: Tab): Promise<void> {
  await tab.reload()
  await ready(tab)
}

function ready(tab: Tab): Promise<void> {
  return until(() => tab.evaluate(() => 'isReady' in globalThis), 'the page is there')
}

/** Waits for the condition, however slow the machine is. */
export async function until(holds: () => Promise<boolean> | boolean, what: string): Promise<void> {
  const started = performance.now()
  while (!(await holds())) {
    if (performance.now() - started > 60_000) throw new Error(`Waited a minute in vain until ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

/** Picks the files and starts their uploads. */
export async function start(tab: Tab, ...files: DiskFile[]): Promise<void> {
  await tab.pick(
    '#files',
    files.map(({ path }) => path),
  )
  await tab.evaluate((count) => {
    for (let index = 0; index < count; index++) harness.start(index)
  }, files.length)
}

export function look(tab: Tab, index = 0): Promise<Look> {
  return tab.evaluate((which) => harness.look(which), index)
}

export async function end(tab: Tab, index = 0): Promise<End> {
  await untilLook(
    tab,
    ({ status }) => /^(done|failed|cancelled)$/.test(status),
    'the upload has ended',
    index,
  )
  return tab.evaluate((which) => harness.end(which), index)
}

/** Waits until the upload looks as wanted. */
export async function untilLook(
  tab: Tab,
  fits: (look: Look) => boolean,
  what: string,
  index = 0,
): Promise<void> {
  await until(async () => fits(await look(tab, index)), what)
}

/** Waits until this many parts of the file are stored. */
export function untilStored(tab: Tab, count: number): Promise<void> {
  return untilLook(tab, ({ stored }) => stored.length >= count, `${count} parts are stored`)
}

/** Expects that the storage holds exactly the file's bytes, and nothing unfinished of the file. */
export async function expectStored(demo: Demo, ended: End, file: DiskFile): Promise<void> {
  expect(ended.error).toBeUndefined()
  const key = ended.result?.key ?? ''
  expect(await objectSha256(demo.s3, demo.bucket, key)).toBe(file.sha256)
  expect(ended.result?.size).toBe(file.size)
  expect(await unfinished(demo)).not.toContain(key)
}

export { expect }

export type Put = {
  readonly outcome: 'load' | 'error' | 'timeout' | 'abort'
  readonly status: number
  readonly events: number
  /** Bytes that the browser has counted as sent. */
  readonly sent: number
  /** The most bytes between two events. */
  readonly largestStep: number
  /** The most milliseconds between two events. */
  readonly longestGap: number
}

export type Read = { readonly first: string; readonly last: string; readonly lastModified: number }

declare global {
  /** Aborts the requests of `engine.beginMany`. */
  var endMany: () => void
  /** Defined by e2e/engines/page/features.js. */
  var engine: {
    features(): Promise<Readonly<Record<string, boolean>>>
    putPicked(url: string, timeout: number): Promise<Put>
    readPicked(): Promise<Read>
    beginMany(url: string, count: number): void
    digestPicked(): Promise<Readonly<Record<string, string>>>
  }
}
