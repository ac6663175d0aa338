/** One upload by one contender in a fresh browser: what it took, and whether the store has the file. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, launchBrowser } from './browser.ts'
import type { Page } from './browser-page.ts'
import type { ContenderName } from './contenders.ts'
import type { BenchFile } from './file.ts'
import { watchMemory } from './memory.ts'
import type { PageReport } from './page/main.ts'
import { machineRests } from './rest.ts'
import type { Figures } from './rows.ts'
import type { Site } from './site.ts'
import type { Storage, Traffic } from './storage.ts'

/** Everything that the uploads share. */
export type Stage = {
  /** For the browsers' profiles. */
  readonly folder: string
  readonly file: BenchFile
  readonly width: number
  readonly storage: Storage
  readonly site: Site
}

export type Outcome = { readonly figures: Figures; readonly key: string }

/** Milliseconds, and for every mebibyte: ten times what it takes here. */
const patience = { base: 60_000, perMebibyte: 50 }

export async function uploadOnce(contender: ContenderName, stage: Stage): Promise<Outcome> {
  const browser = await launchBrowser(stage.folder)
  try {
    const page = await browser.open(stage.site.url)
    await page.evaluate(`bench.load(${JSON.stringify(contender)})`)
    await page.pickFile('input', stage.file.path)
    await machineRests()
    return await measure(page, browser, stage)
  } finally {
    await browser.close()
  }
}

async function measure(page: Page, browser: Browser, stage: Stage): Promise<Outcome> {
  const { file, storage, site, width } = stage
  // What came before does not count.
  await Promise.all([storage.traffic(), site.calls()])
  const before = await page.mainThread()
  const memory = watchMemory(browser.pid)
  const report = await within(
    patience.base + (file.size / 1024 ** 2) * patience.perMebibyte,
    page.evaluate(`bench.run(${JSON.stringify({ api: '/api', width })})`),
  ).finally(memory.stop)
  const after = await page.mainThread()
  const [traffic, calls] = await Promise.all([storage.traffic(), site.calls()])
  const { ms, hashMs, longTasks, longTaskMs, key } = report as PageReport
  const figures = {
    seconds: ms / 1000,
    hashSeconds: hashMs / 1000,
    longTasks,
    longTaskMs,
    scriptMs: after.script - before.script,
    taskMs: after.task - before.task,
    peakMiB: memory.stop() / 1024 ** 2,
    ...counted(traffic, calls, file.size),
  }
  return { figures, key }
}

function counted({ puts, preflights, putBytes }: Traffic, calls: number, size: number) {
  return { requests: puts + calls, preflights, resentBytes: putBytes - size }
}

function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  const late = sleep(milliseconds, undefined, { ref: false }).then(() => {
    throw new Error(`no end within ${Math.round(milliseconds / 1000)} s`)
  })
  return Promise.race([promise, late])
}
