/**
 * Aborts at Ctrl+C and at a request to end, so that what was started is ended in order. The process does not end by itself
 * then: whoever asks for the signal does that, when everything is cleared up.
 */
export function interruption(): AbortSignal {
  const interrupted = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupted.abort())
  return interrupted.signal
}
