import type { UploadResult } from './ports.ts'

/** How it ends, once: a promise whose failure, when nobody awaits it, is not an unhandled rejection. */
export class Outcome {
  resolve: (result: UploadResult) => void = () => {}
  reject: (reason: unknown) => void = () => {}
  readonly promise: Promise<UploadResult> = new Promise((resolve, reject) => {
    this.resolve = resolve
    this.reject = reject
  })

  constructor() {
    this.promise.catch(() => {})
  }
}
