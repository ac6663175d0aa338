/** One page of the browser, as the bench uses it. */
import type { Cdp, Fields } from './cdp.ts'

/** CPU time of the main thread since the page began, in milliseconds. */
export type MainThread = {
  /** In functions that the browser calls. Code after an `await` is missing, because Chromium does not count it. */
  readonly script: number
  /** In everything. */
  readonly task: number
  /** Bytes of the script heap in use, including garbage. */
  readonly heap: number
}

export class Page {
  readonly #cdp: Cdp
  readonly #session: string

  constructor(cdp: Cdp, session: string) {
    this.#cdp = cdp
    this.#session = session
  }

  async load(url: string): Promise<void> {
    await this.#send('Page.enable')
    await Promise.all([
      this.#cdp.once('Page.loadEventFired', this.#session),
      this.#send('Page.navigate', { url }),
    ])
    await this.#send('Page.disable')
    // CPU time, because the clock would include what a busy machine does besides.
    await this.#send('Performance.enable', { timeDomain: 'threadTicks' })
  }

  /** Puts files from the disk into an input: real Files, read from the disk when they are sent. */
  async pickFiles(selector: string, paths: readonly string[]): Promise<void> {
    const input = await this.#run(`document.querySelector(${JSON.stringify(selector)})`, false)
    await this.#send('DOM.setFileInputFiles', { objectId: input['objectId'], files: paths })
  }

  /** @returns The expression's value, awaited, as JSON. Rejects with what it throws. */
  async evaluate(expression: string): Promise<unknown> {
    const { value } = await this.#run(expression, true)
    return value
  }

  async mainThread(): Promise<MainThread> {
    const { metrics } = await this.#send('Performance.getMetrics')
    const metric = (wanted: string): number =>
      (metrics as { name: string; value: number }[]).find(({ name }) => name === wanted)?.value ?? Number.NaN
    return {
      script: metric('ScriptDuration') * 1000,
      task: metric('TaskDuration') * 1000,
      heap: metric('JSHeapUsedSize'),
    }
  }

  /** Frees the memory that nothing holds any more. */
  async collectGarbage(): Promise<void> {
    await this.#send('HeapProfiler.collectGarbage')
  }

  async #run(expression: string, returnByValue: boolean): Promise<Fields> {
    const { result, exceptionDetails } = await this.#send('Runtime.evaluate', {
      expression,
      awaitPromise: true,
      returnByValue,
    })
    if (exceptionDetails !== undefined) throw new Error(describe(exceptionDetails as Thrown))
    return result as Fields
  }

  #send(method: string, params: Fields = {}): Promise<Fields> {
    return this.#cdp.send(method, params, this.#session)
  }
}

type Thrown = { readonly text: string; readonly exception?: { readonly description?: string } }

function describe({ text, exception }: Thrown): string {
  return `in the page: ${exception?.description ?? text}`
}
