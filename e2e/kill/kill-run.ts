/**
 * One upload in a browser that is killed on the way. A real Chromium with a profile on disk gets a SIGKILL at a random moment
 * and is started again on the same profile, until the upload is done. Throws if a promise was not kept.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { type BrowserContext, chromium, type Page } from 'playwright'
import type { Demo } from '../../demo/server/demo.ts'
import type { LogEntry, ObjectStore } from '../../demo/server/store/object-store.ts'
import { chromiumLaunch } from '../../scripts/browser-path.js'
import { type DiskFile, objectSha256 } from '../files.ts'
import { seeded } from '../random.ts'

export type KillReport = {
  readonly seed: number
  /** The upload's state at each kill. */
  readonly killedIn: readonly string[]
  /** Parts whose answer the page had seen for 100 ms before a kill, by its own clock. */
  readonly acknowledged: number
  /** Parts that were stored more than once, all because their answer came less than 100 ms before a kill. */
  readonly resent: number
}

/** A part whose answer the page has seen for 100 ms. `sequence` is its entry in the store's log. */
type Seen = { readonly number: number; readonly at: number; readonly sequence: number; killedAfter?: number }

export async function killRun(
  seed: number,
  demo: Demo,
  store: ObjectStore,
  file: DiskFile,
): Promise<KillReport> {
  const profile = await mkdtemp(join(tmpdir(), 'longhaul-kill-'))
  store.log.clear()
  store.faults.replace(
    { operation: 'UploadPart', effect: { kind: 'throttle', bytesPerSecond: 3 * 1024 * 1024 } },
    { operation: 'CompleteMultipartUpload', effect: { kind: 'delay', milliseconds: 1_500 } },
  )
  try {
    return await new KillRun(seed, demo, store, file, profile).toTheEnd()
  } finally {
    store.faults.clear()
    await rm(profile, { recursive: true, force: true, maxRetries: 5 })
  }
}

type Life = { readonly context: BrowserContext; readonly page: Page; readonly pid: number }

class KillRun {
  readonly #seed: number
  readonly #demo: Demo
  readonly #store: ObjectStore
  readonly #file: DiskFile
  readonly #profile: string
  readonly #random: () => number
  readonly #seen: Seen[] = []
  readonly #killedIn: string[] = []
  readonly #acknowledged: Seen[] = []
  #count = 0

  constructor(seed: number, demo: Demo, store: ObjectStore, file: DiskFile, profile: string) {
    this.#seed = seed
    this.#demo = demo
    this.#store = store
    this.#file = file
    this.#profile = profile
    this.#random = seeded(seed)
  }

  async toTheEnd(): Promise<KillReport> {
    const kills = 1 + Math.floor(this.#random() * 2)
    for (let kill = 0; kill < kills; kill++) await this.#liveAndDie()
    const key = await this.#liveToTheEnd()
    this.#requireNothingAcknowledgedTwice()
    const stored = await objectSha256(this.#demo.s3, this.#demo.bucket, key)
    if (stored !== this.#file.sha256) throw this.#broken(`the object ${key} is not the file`)
    const puts = this.#stored().map(({ uploadId, partNumber }) => `${uploadId} ${partNumber}`)
    return {
      seed: this.#seed,
      killedIn: this.#killedIn,
      acknowledged: this.#count,
      resent: puts.length - new Set(puts).size,
    }
  }

  async #liveAndDie(): Promise<void> {
    const life = await this.#open()
    await this.#start(life.page)
    await this.#untilTheMoment(life.page)
    this.#killedIn.push(await life.page.evaluate(() => harness.look(0).status))
    const killedAt = Date.now()
    await kill(life)
    this.#acknowledge(killedAt)
  }

  async #liveToTheEnd(): Promise<string> {
    const { context, page } = await this.#open()
    await this.#start(page)
    const ended = await page.evaluate(() => harness.end(0))
    await context.close()
    if (ended.result === undefined) throw this.#broken(`ended as ${JSON.stringify(ended.error)}`)
    return ended.result.key
  }

  /** A quarter of the kills hit the completion, the others any moment of the first few seconds. */
  async #untilTheMoment(page: Page): Promise<void> {
    if (this.#random() < 0.25) {
      await page.waitForFunction(() => /completing|done/.test(harness.look(0).status))
      await page.waitForTimeout(this.#random() * 1_000)
    } else await page.waitForTimeout(this.#random() * 3_500)
  }

  async #open(): Promise<Life> {
    const options = chromiumLaunch(chromium.executablePath())
    const context = await chromium.launchPersistentContext(this.#profile, options)
    const pid = await browserProcess(context)
    const page = context.pages()[0] ?? (await context.newPage())
    await page.exposeFunction('partSeen', (number: number) => {
      const sequence = this.#stored().findLast(({ partNumber }) => partNumber === number)?.sequence ?? 0
      this.#seen.push({ number, at: Date.now(), sequence })
    })
    await page.goto(this.#demo.url)
    await page.waitForFunction(() => 'harness' in globalThis)
    return { context, page, pid }
  }

  async #start(page: Page): Promise<void> {
    await page.locator('#files').setInputFiles(this.#file.path)
    await page.evaluate(() => harness.start(0))
  }

  /**
   * Parts whose answer the page had seen for 100 ms must never be sent again. If the store had completed the upload before
   * the kill, the page may have finished it, and then the next start is another upload.
   */
  #acknowledge(killedAt: number): void {
    const isOver = this.#store.log.entries().some(({ operation, status, time, milliseconds }) => {
      return operation === 'CompleteMultipartUpload' && status === 200 && time + milliseconds <= killedAt
    })
    const seen = this.#seen.splice(0)
    this.#acknowledged.push(...seen.map((one) => ({ ...one, killedAfter: killedAt - one.at })))
    this.#count += seen.length
    if (!isOver) return
    this.#requireNothingAcknowledgedTwice()
    this.#acknowledged.length = 0
  }

  #requireNothingAcknowledgedTwice(): void {
    for (const { number, sequence, killedAfter } of this.#acknowledged) {
      const again = this.#stored().some((entry) => entry.partNumber === number && entry.sequence > sequence)
      if (again)
        throw this.#broken(`part ${number} was acknowledged ${killedAfter} ms before a kill, and sent again`)
    }
  }

  #stored(): readonly LogEntry[] {
    return this.#store.log
      .entries()
      .filter(({ operation, status }) => operation === 'UploadPart' && status === 200)
  }

  #broken(what: string): Error {
    return new Error(
      `seed ${this.#seed} (${basename(this.#file.path)}, killed in ${this.#killedIn.join(', ')}): ${what}`,
    )
  }
}

/** Asked before it is needed, because under load the answer takes longer than the moment to hit. */
export async function browserProcess(context: BrowserContext): Promise<number> {
  const session = await context.browser()?.newBrowserCDPSession()
  const { processInfo = [] } = (await session?.send('SystemInfo.getProcessInfo')) ?? {}
  const main = processInfo.find(({ type }) => type === 'browser')
  if (main === undefined) throw new Error('no browser process')
  return main.id
}

/** Kills the whole browser without warning. */
export async function kill({ context, pid }: Life): Promise<void> {
  const closed = new Promise((resolve) => context.once('close', resolve))
  process.kill(pid, 'SIGKILL')
  await closed
}
