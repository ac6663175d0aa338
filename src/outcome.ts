import type { UploadResult } from './ports.ts'

type Settlement = { readonly result: UploadResult } | { readonly reason: unknown }

/**
 * How it ends, once. The promise is made when somebody asks for it: ten thousand uploads in line need none, and a
 * failure that nobody awaits is not an unhandled rejection.
 */
export class Outcome {
  #settlement: Settlement | undefined
  #promise: Promise<UploadResult> | undefined
  #settle: (settlement: Settlement) => void = (settlement) => {
    this.#settlement ??= settlement
  }

  get promise(): Promise<UploadResult> {
    this.#promise ??= this.#make()
    return this.#promise
  }

  resolve(result: UploadResult): void {
    this.#settle({ result })
  }

  reject(reason: unknown): void {
    this.#settle({ reason })
  }

  #make(): Promise<UploadResult> {
    return new Promise<UploadResult>((resolve, reject) => {
      this.#settle = (settlement) =>
        'result' in settlement ? resolve(settlement.result) : reject(settlement.reason)
      if (this.#settlement !== undefined) this.#settle(this.#settlement)
    })
  }
}
