/** The parts of the XMLHttpRequest transport that can be tested without one. */
import { afterEach, describe, expect, test, vi } from 'vitest'
import { xhrTransport } from '../src/transport/xhr.ts'

afterEach(() => {
  vi.unstubAllGlobals()
  vi.restoreAllMocks()
})

describe('the transport may be silent about progress', () => {
  const sandboxed = {
    get serviceWorker(): never {
      throw new DOMException('Service worker is disabled because the context is sandboxed', 'SecurityError')
    },
  }
  test.each([
    ['in a page with a service worker', { serviceWorker: { controller: {} } }, {}, true, true],
    ['not in a page without', { serviceWorker: { controller: null } }, {}, true, false],
    ['not in a page on plain HTTP', {}, {}, false, false],
    ['not in a private window of a Firefox that has none there', {}, {}, true, false],
    ['not in a sandboxed frame', sandboxed, {}, true, false],
    ['in a worker that does not know of its page', {}, undefined, true, true],
    ['not in a worker of a page on plain HTTP', {}, undefined, false, false],
    ['not in a worker that knows of none', { serviceWorker: { controller: null } }, undefined, true, false],
  ])('%s', (_, navigator, document, isSecureContext, silent) => {
    vi.stubGlobal('navigator', navigator)
    vi.stubGlobal('document', document)
    vi.stubGlobal('isSecureContext', isSecureContext)
    expect(xhrTransport.mayBeSilent?.()).toBe(silent)
  })
})

test('a storage that takes more than ten seconds to answer the probe counts as not reached', async () => {
  const late = new AbortController()
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(late.signal)
  vi.stubGlobal(
    'fetch',
    (_: string, { signal }: { readonly signal: AbortSignal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
  )
  const reached = xhrTransport.reaches?.('https://storage.test', new AbortController())
  late.abort(new DOMException('late', 'TimeoutError'))
  expect(await reached).toBe(false)
  expect(timeout).toHaveBeenCalledWith(10_000)
})
