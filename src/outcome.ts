import type { UploadResult } from './ports.ts'

/**
 * How an upload ends, once. The promise is made when somebody asks for it, or at the end: ten thousand uploads in line
 * need none, and a failure that nobody awaits is not an unhandled rejection.
 */
export class Outcome {
  #promise: Promise<UploadResult> | undefined
  #settle: (end: Promise<UploadResult>) => void = (end) => {
    this.#promise ??= end
  }

  get promise(): Promise<UploadResult> {
    this.#promise ??= new Promise((resolve) => {
      this.#settle = resolve
    })
    return this.#promise
  }

  resolve(result: UploadResult): void {
    this.#settle(Promise.resolve(result))
  }

  reject(reason: unknown): void {
    const end = Promise.reject(reason)
    end.catch(() => {})
    this.#settle(end)
  }
}

/** Can be awaited like a promise of its result, and again after a failure. */
export abstract class Awaitable implements PromiseLike<UploadResult> {
  /** @internal The current one: after a resume, a new `await` gets a new outcome. */
  protected outcome: Outcome = new Outcome()

  /**
   * Vue and others wrap objects in proxies, in which `#private` does not work. They leave an object with a tag of its
   * own as it is.
   */
  get [Symbol.toStringTag](): string {
    return 'Upload'
  }

  /** Awaits the upload: its result, or the error or reason that it ended with. */
  // biome-ignore lint/suspicious/noThenProperty: an upload can be awaited
  then<Fulfilled = UploadResult, Rejected = never>(
    onFulfilled?: ((result: UploadResult) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.outcome.promise.then(onFulfilled, onRejected)
  }

  /** Like a promise's. */
  catch<Rejected>(
    onRejected: (reason: unknown) => Rejected | PromiseLike<Rejected>,
  ): Promise<UploadResult | Rejected> {
    return this.outcome.promise.catch(onRejected)
  }

  /** Like a promise's. */
  finally(onFinally: () => void): Promise<UploadResult> {
    return this.outcome.promise.finally(onFinally)
  }
}
