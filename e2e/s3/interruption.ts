/**
 * Aborts at Ctrl+C and at a request to end, so that everything is ended in order. The process does not end by itself then:
 * the caller has to end it when everything is cleaned up.
 */
export function interruption(): AbortSignal {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort())
  return interrupted.signal
}
