/** One upload by one contender in a fresh browser: what it cost, and whether the store has the files. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, launchBrowser } from './browser.ts'
import type { Page } from './browser-page.ts'
import { type ContenderName, moduleOf } from './contenders.ts'
import { watchMemory } from './memory.ts'
import type { PageReport } from './page/main.ts'
import type { Receiver, Traffic } from './receiver.ts'
import { machineRests } from './rest.ts'
import type { Figures } from './rows.ts'
import { receiverOf, type Stage, settingsFor } from './stage.ts'

export type Outcome = {
  readonly figures: Figures
  /** Whether the store has exactly the files' bytes. */
  readonly ok: boolean
}

/** Milliseconds, plus some for every mebibyte: ten times as long as it takes here. */
const patience = { base: 60_000, perMebibyte: 50 }
/** Milliseconds between two looks at how much has been carried. */
const tick = 20

export async function uploadOnce(contender: ContenderName, stage: Stage): Promise<Outcome> {
  const browser = await launchBrowser(stage.folder)
  try {
    const page = await browser.open(stage.site.url)
    await prepare(page, contender, stage)
    await machineRests()
    return await new Run(contender, stage, browser, page).run()
  } finally {
    await browser.close()
  }
}

async function prepare(page: Page, contender: ContenderName, { files }: Stage): Promise<void> {
  await page.evaluate(`bench.load(${JSON.stringify(moduleOf(contender))})`)
  const paths = files.map(({ path }) => path)
  await page.pickFiles('input', paths)
}

class Run {
  readonly #contender: ContenderName
  readonly #stage: Stage
  readonly #browser: Browser
  readonly #page: Page
  readonly #receiver: Receiver

  constructor(contender: ContenderName, stage: Stage, browser: Browser, page: Page) {
    this.#contender = contender
    this.#stage = stage
    this.#browser = browser
    this.#page = page
    this.#receiver = receiverOf(contender, stage)
  }

  async run(): Promise<Outcome> {
    const { scenario, network, partSize } = this.#stage
    await this.#receiver.begin(scenario.faults?.(partSize) ?? [])
    await this.#stage.site.calls()
    await network.begin(scenario.stalls ? this.#total() / 2 : undefined)
    if (scenario.reloads) await this.#interrupt()
    const { figures, keys } = await this.#measure()
    await this.#receiver.begin([])
    return { figures, ok: await this.#arrived(keys) }
  }

  async #measure(): Promise<{ readonly figures: Figures; readonly keys: readonly string[] }> {
    const before = await this.#page.mainThread()
    const memory = watchMemory(this.#browser.pid)
    const report = await within(this.#patience(), this.#upload()).finally(memory.stop)
    const after = await this.#page.mainThread()
    const [traffic, calls] = await Promise.all([this.#receiver.traffic(), this.#stage.site.calls()])
    const { ms, hashMs = 0, longTasks, longTaskMs, keys } = report as PageReport
    const figures = {
      seconds: ms / 1000,
      hashSeconds: hashMs / 1000,
      longTasks,
      longTaskMs,
      scriptMs: after.script - before.script,
      taskMs: after.task - before.task,
      peakMiB: memory.stop() / 1024 ** 2,
      ...counted(traffic, calls, this.#total()),
    }
    return { figures, keys }
  }

  /** Starts, and loads the page again once half of the bytes are on their way or have arrived. */
  async #interrupt(): Promise<void> {
    const { network, site } = this.#stage
    let failure: unknown
    // It ends with the page.
    this.#upload().catch((error: unknown) => {
      failure = error
    })
    while (failure === undefined && (await network.carried()) < this.#total() / 2) await sleep(tick)
    if (failure !== undefined) throw failure
    await this.#page.load(site.url)
    await prepare(this.#page, this.#contender, this.#stage)
  }

  #upload(): Promise<unknown> {
    return this.#page.evaluate(`bench.run(${JSON.stringify(settingsFor(this.#contender, this.#stage))})`)
  }

  #patience(): number {
    const { scenario } = this.#stage
    if (scenario.patience !== undefined) return scenario.patience * 1000
    return patience.base + (this.#total() / 1024 ** 2) * patience.perMebibyte
  }

  #total(): number {
    return this.#stage.files.reduce((sum, { size }) => sum + size, 0)
  }

  async #arrived(keys: readonly string[]): Promise<boolean> {
    let isComplete = keys.length === this.#stage.files.length
    for (const [index, file] of this.#stage.files.entries()) {
      const key = keys[index]
      if (key === undefined) return false
      isComplete &&= await this.#receiver.has(file, key)
      await this.#receiver.remove(key)
    }
    return isComplete
  }
}

function counted({ requests, preflights, bodyBytes, lostBytes }: Traffic, calls: number, size: number) {
  return { requests: requests + calls, preflights, resentBytes: bodyBytes - size, lostBytes }
}

function within<T>(milliseconds: number, promise: Promise<T>): Promise<T> {
  const late = sleep(milliseconds, undefined, { ref: false }).then(() => {
    throw new Error(`no end within ${Math.round(milliseconds / 1000)} s`)
  })
  return Promise.race([promise, late])
}
