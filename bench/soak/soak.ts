/** One upload through several lives of a browser. Each but the last ends by SIGKILL. */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Browser, launchBrowser } from '../browser.ts'
import type { Page } from '../browser-page.ts'
import { memoryOf } from '../memory.ts'
import { type Bar, bar, barsOf, type Look, type Tenth, tenthsOf } from './judge.ts'
import type { CheckpointReport, PageLook } from './page.ts'
import type { SinkReport } from './sink.ts'

export type SoakOptions = {
  /** For the browser's profile. */
  readonly folder: string
  /** The addresses of the page and of the sink. */
  readonly url: string
  readonly file: string
  /** Bytes. */
  readonly size: number
  readonly partSize: number
  /** Shares of the parts after which the browser is killed, ascending. */
  readonly kills: readonly number[]
  readonly say: (line: string) => void
}

export type Life = {
  /** Parts that the store had when this life began, and when it ended. */
  readonly from: number
  readonly to: number
  readonly seconds: number
  /** What the life found. The first life finds nothing. */
  readonly checkpoint: CheckpointReport | undefined
}

export type SoakReport = {
  readonly size: number
  readonly partSize: number
  readonly parts: number
  readonly browser: string
  readonly lives: readonly Life[]
  /** Of the life that sent most. */
  readonly tenths: readonly Tenth[]
  readonly sink: SinkReport
  readonly bars: readonly Bar[]
}

/** Milliseconds between two looks. */
const tick = 500
/** Looks between two that collect garbage first. */
const cleanEvery = 4
/** Milliseconds without a new part after which nothing more is expected. */
const patience = 60_000

export function soak(options: SoakOptions): Promise<SoakReport> {
  return new Soak(options).run()
}

class Soak {
  readonly #options: SoakOptions
  readonly #parts: number
  readonly #lives: Life[] = []
  /** Of the life that sent most. */
  #looks: readonly Look[] = []
  #falls = 0
  #version = ''

  constructor(options: SoakOptions) {
    this.#options = options
    this.#parts = Math.ceil(options.size / options.partSize)
  }

  async run(): Promise<SoakReport> {
    for (const share of this.#options.kills) await this.#live(Math.round(share * this.#parts))
    await this.#live(undefined)
    const { size, partSize } = this.#options
    const tenths = tenthsOf(this.#looks)
    const sink = await this.#sink()
    const bars = [...barsOf(tenths), ...this.#bookkeeping(sink)]
    const parts = this.#parts
    return { size, partSize, parts, browser: this.#version, lives: this.#lives, tenths, sink, bars }
  }

  #bookkeeping(sink: SinkReport): readonly Bar[] {
    return [
      bar('parts that the store lacks or has besides', Math.abs(this.#parts - sink.stored), 0),
      bar('parts sent again although acknowledged, or wrong', sink.faultCount, 0),
      bar('completed uploads besides the one', Math.abs(1 - sink.completed), 0),
      bar('times that confirmed progress fell', this.#falls, 0),
    ]
  }

  /** @param until Parts in the store at which the browser is killed; `undefined` for a life to the end. */
  async #live(until: number | undefined): Promise<void> {
    const browser = await launchBrowser(this.#options.folder)
    try {
      this.#version = await browser.version()
      const page = await browser.open(this.#options.url)
      const isFirst = this.#lives.length === 0
      const checkpoint = isFirst
        ? undefined
        : ((await page.evaluate('soak.checkpoint()')) as CheckpointReport)
      const looks = await this.#upload(browser, page, until)
      if (until !== undefined) await this.#kill(browser)
      this.#record(looks, checkpoint)
    } finally {
      if (until === undefined) await browser.close()
      else await browser.kill()
    }
  }

  #record(looks: readonly Look[], checkpoint: CheckpointReport | undefined): void {
    const [from, to] = [looks[0]?.parts ?? 0, looks.at(-1)?.parts ?? 0]
    const before = (this.#looks.at(-1)?.parts ?? 0) - (this.#looks[0]?.parts ?? 0)
    if (to - from > before) this.#looks = looks
    this.#lives.push({ from, to, seconds: (looks.at(-1)?.at ?? 0) / 1000, checkpoint })
    const found =
      checkpoint === undefined
        ? ''
        : `, ${checkpoint.receipts} receipts loaded in ${checkpoint.loadMs.toFixed(0)} ms`
    this.#options.say(`life ${this.#lives.length}: from part ${from} to ${to}${found}`)
  }

  async #upload(browser: Browser, page: Page, until: number | undefined): Promise<readonly Look[]> {
    await page.pickFiles('input', [this.#options.file])
    const began = performance.now()
    await page.evaluate('soak.start()')
    const looks: Look[] = []
    let collecting = 0
    for (let lastNew = began; ; ) {
      const now = performance.now()
      const { stored } = await this.#sink()
      if (stored > (looks.at(-1)?.parts ?? -1)) lastNew = now
      const before = (await page.mainThread()).task
      const isClean = looks.length % cleanEvery === 0
      if (isClean) await page.collectGarbage()
      const { task, heap } = await page.mainThread()
      collecting += task - before
      const { all, page: own } = memoryOf(browser.pid)
      const taskMs = task - collecting
      looks.push({ parts: stored, at: now - began, taskMs, page: own, browser: all, heap, isClean })
      const { status, falls, error } = (await page.evaluate('soak.look()')) as PageLook
      if (error !== undefined) throw new Error(`the upload has failed: ${error}`)
      if (now > lastNew + patience)
        throw new Error(`nothing new for a minute, ${status}, ${stored} parts stored`)
      if (status === 'done') this.#falls += falls
      if (status === 'done' || (until !== undefined && stored >= until)) return looks
      // Looks more often near the kill, so that it comes where it should.
      await sleep(until !== undefined && stored > until - this.#parts / 20 ? tick / 10 : tick)
    }
  }

  async #kill(browser: Browser): Promise<void> {
    const at = Date.now()
    await browser.kill()
    await fetch(`${this.#options.url}/sink/killed/${at}`, { method: 'POST' })
    const { completed } = await this.#sink()
    if (completed > 0) throw new Error('the upload was over before it could be killed: take a larger file')
  }

  async #sink(): Promise<SinkReport> {
    return (await fetch(`${this.#options.url}/sink/report`)).json() as Promise<SinkReport>
  }
}
