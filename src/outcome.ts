import type { UploadResult } from './ports.ts'

/**
 * How it ends, once. The promise is made when somebody asks for it, or at the end: ten thousand uploads in line need none, and a
 * failure that nobody awaits is not an unhandled rejection.
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

/** What can be awaited like a promise of its result, and anew after a failure. */
export abstract class Awaitable implements PromiseLike<UploadResult> {
  /** @internal Of now: who awaits it later awaits that of then. */
  protected outcome: Outcome = new Outcome()

  /** What has a tag of its own is left as it is by what makes proxies of all objects, as Vue does: `#private` does not work in them. */
  get [Symbol.toStringTag](): string {
    return 'Upload'
  }

  /** Awaiting the upload: its result, or the error or the reason that it ended with. */
  // biome-ignore lint/suspicious/noThenProperty: an upload can be awaited
  then<Fulfilled = UploadResult, Rejected = never>(
    onFulfilled?: ((result: UploadResult) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.outcome.promise.then(onFulfilled, onRejected)
  }

  /** As a promise's. */
  catch<Rejected>(
    onRejected: (reason: unknown) => Rejected | PromiseLike<Rejected>,
  ): Promise<UploadResult | Rejected> {
    return this.outcome.promise.catch(onRejected)
  }

  /** As a promise's. */
  finally(onFinally: () => void): Promise<UploadResult> {
    return this.outcome.promise.finally(onFinally)
  }
}
