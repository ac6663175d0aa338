/** Tasks of more than 50 ms on the main thread, as reported by the browser (W3C Long Tasks API). */
export type LongTasks = { readonly count: number; readonly ms: number }

/** @returns Ends the watch, and returns the tasks between the two times. */
export function watchLongTasks(): (from: number, to: number) => Promise<LongTasks> {
  const seen: PerformanceEntry[] = []
  const observer = new PerformanceObserver((list) => seen.push(...list.getEntries()))
  observer.observe({ type: 'longtask' })
  return async (from, to) => {
    // An entry comes some time after its task.
    await new Promise((resolve) => setTimeout(resolve, 100))
    seen.push(...observer.takeRecords())
    observer.disconnect()
    const during = seen.filter(({ startTime, duration }) => startTime + duration > from && startTime < to)
    return { count: during.length, ms: during.reduce((sum, { duration }) => sum + duration, 0) }
  }
}
