/** Tasks of more than 50 ms on the main thread, as the browser reports them (W3C Long Tasks API). */
export type LongTasks = { readonly count: number; readonly ms: number }

/** @returns Ends it and tells what happened between the two times. */
export function watchLongTasks(): (from: number, to: number) => Promise<LongTasks> {
  const seen: PerformanceEntry[] = []
  const observer = new PerformanceObserver((list) => seen.push(...list.getEntries()))
  observer.observe({ type: 'longtask' })
  return async (from, to) => {
    // An entry is handed out some time after its task.
    await new Promise((resolve) => setTimeout(resolve, 100))
    seen.push(...observer.takeRecords())
    observer.disconnect()
    const during = seen.filter(({ startTime, duration }) => startTime + duration > from && startTime < to)
    return { count: during.length, ms: during.reduce((sum, { duration }) => sum + duration, 0) }
  }
}
