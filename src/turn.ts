import type PQueue from 'p-queue'

/**
 * Runs an operation when the queue has room. When `stop` aborts before its turn, it leaves the queue and rejects; once
 * it runs, it keeps its place until it has really ended. (p-queue's own `signal` frees the place of a running task at
 * once, while its request is still being cut.)
 */
export async function inTurn<T>(
  queue: PQueue,
  stop: AbortSignal,
  operation: () => Promise<T>,
  priority = 0,
): Promise<T> {
  stop.throwIfAborted()
  const waiting = new AbortController()
  const leave = (): void => waiting.abort(stop.reason)
  stop.addEventListener('abort', leave)
  const start = (): Promise<T> => {
    stop.removeEventListener('abort', leave)
    return operation()
  }
  try {
    return await queue.add(start, { signal: waiting.signal, priority })
  } finally {
    stop.removeEventListener('abort', leave)
  }
}
