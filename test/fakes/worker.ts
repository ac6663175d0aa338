/** A worker without a thread. Messages between its two ends arrive later, and as copies. */
import type { MessageTarget } from '../../src/remote/index.ts'

type End = EventTarget & MessageTarget

export type FakeWorker = {
  /** The page's end. */
  readonly worker: Worker & { readonly isTerminated: boolean }
  /** The end of the worker's script. */
  readonly scope: MessageTarget
}

export function fakeWorker(): FakeWorker {
  let isTerminated = false
  const page = new EventTarget()
  const script = new EventTarget()
  const post = (to: EventTarget) => (message: unknown) => {
    const data = copyOf(message)
    queueMicrotask(() => {
      if (!isTerminated) to.dispatchEvent(new MessageEvent('message', { data }))
    })
  }
  const terminate = (): void => {
    isTerminated = true
  }
  const worker = Object.assign(page, {
    postMessage: post(script),
    terminate,
    get isTerminated() {
      return isTerminated
    },
  })
  Object.defineProperty(worker, 'isTerminated', { get: () => isTerminated })
  const scope: End = Object.assign(script, { postMessage: post(page) })
  return { worker: worker as unknown as FakeWorker['worker'], scope }
}

/**
 * Copies like the structured clone algorithm (HTML), which in Node knows neither Files nor their handles. An error
 * would lose its class there.
 */
export function copyOf(value: unknown): unknown {
  if (value instanceof File || typeof Object(value)['getFile'] === 'function') return value
  if (value instanceof Error) throw new TypeError('an error was posted as it is')
  if (Array.isArray(value)) return value.map(copyOf)
  if (typeof value !== 'object' || value === null) return structuredClone(value)
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, copyOf(inner)]))
}
