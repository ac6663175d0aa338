import { afterEach, describe, expect, test, vi } from 'vitest'
import {
  BackendError,
  CancelledError,
  CorruptedError,
  CorsError,
  EtagHiddenError,
  errorClasses,
  FileChangedError,
  FileUnreadableError,
  HttpError,
  type HttpErrorDetails,
  inWords,
  NetworkError,
  OfflineError,
  SessionLostError,
  StalledError,
  TooLargeError,
  toUploadError,
  UnsureError,
  UploadError,
  UrlExpiredError,
} from '../src/errors.ts'
import { warnings } from '../src/warnings.ts'

afterEach(() => vi.unstubAllGlobals())

const cause = new Error('why')

function http(details: Partial<HttpErrorDetails>): HttpError {
  return new HttpError({ endpoint: 'complete', status: 400, serviceCode: undefined, detail: '', ...details })
}

describe('an error', () => {
  const rows: readonly (readonly [UploadError, string, string, boolean, string | RegExp])[] = [
    [new UploadError('in-use', 'taken'), 'UploadError', 'in-use', false, 'taken'],
    [new UploadError('unexpected', 'odd', { retryable: true }), 'UploadError', 'unexpected', true, 'odd'],
    [new NetworkError('no answer'), 'NetworkError', 'network', true, 'no answer'],
    [new StalledError('no byte'), 'StalledError', 'stalled', true, 'no byte'],
    [new OfflineError('no net'), 'OfflineError', 'network', true, 'no net'],
    [new UploadError('too-many', 'six'), 'UploadError', 'too-many', false, 'six'],
    [new UploadError('not-accepted', 'a.exe'), 'UploadError', 'not-accepted', false, 'a.exe'],
    [http({ status: 401 }), 'HttpError', 'unauthorized', false, 'complete answered 401'],
    [http({ status: 429 }), 'HttpError', 'throttled', true, 'complete answered 429'],
    [http({ detail: 'no' }), 'HttpError', 'http', false, 'complete answered 400 (no)'],
    [
      new BackendError({ endpoint: 'open', field: 'size', expected: 'a number', received: 'x' }),
      'BackendError',
      'backend',
      false,
      'open: expected `size` to be a number, got "x" (string)',
    ],
    [
      new UrlExpiredError(3, { cause }),
      'UrlExpiredError',
      'url-expired',
      true,
      'part 3: the storage refused every URL that was signed for it: why',
    ],
    [new CorsError('s3.test', { cause }), 'CorsError', 'cors', false, /^s3\.test can be reached, .*:\n\[/],
    [
      new EtagHiddenError(3),
      'EtagHiddenError',
      'etag-hidden',
      false,
      /^part 3 was stored, .* cannot read its ETag.*:\n\[/,
    ],
    [
      new SessionLostError(cause),
      'SessionLostError',
      'session-lost',
      true,
      'the server no longer knows the upload: why',
    ],
    [
      new FileUnreadableError('a/b.bin', { cause }),
      'FileUnreadableError',
      'file-unreadable',
      false,
      /^"a\/b\.bin" cannot be read/,
    ],
    [
      new CorruptedError(3, '"e"', 'ab'),
      'CorruptedError',
      'corrupted',
      true,
      /^part 3 is not what was sent: its ETag is "e", but the MD5 of what was sent is ab/,
    ],
    [new FileChangedError('another'), 'FileChangedError', 'file-changed', false, 'another'],
    [
      new UnsureError(cause),
      'UnsureError',
      'unsure',
      false,
      'the server may or may not have completed the upload: why',
    ],
    [
      new TooLargeError(5, 4),
      'TooLargeError',
      'too-large',
      false,
      'Expected a file of at most 4 bytes, got 5 bytes',
    ],
    [new CancelledError(), 'AbortError', 'cancelled', false, 'The upload was cancelled'],
  ]

  test.each(rows.map((row) => [row[2], ...row] as const))(
    'has its name, code, retryable flag and help: %s',
    (_, error, name, code, retryable, message) => {
      expect(error).toBeInstanceOf(UploadError)
      expect({ name: error.name, code: error.code, retryable: error.retryable }).toEqual({
        name,
        code,
        retryable,
      })
      expect(error.message).toMatch(
        typeof message === 'string' ? new RegExp(`^${escaped(message)}$`) : message,
      )
      expect(error.help).toMatch(/^[A-Z].*\.$/)
    },
  )

  test('carries the data that a page may want to show, and its cause', () => {
    expect(new BackendError({ endpoint: 'open', field: 'size', expected: 'a', received: 1 })).toMatchObject({
      endpoint: 'open',
      field: 'size',
      expected: 'a',
    })
    const server = { endpoint: 'open', status: 503, serviceCode: 'A', retryAfter: 5, date: 7 }
    expect(http(server)).toMatchObject(server)
    expect(new UrlExpiredError(1, { cause, clockSkew: 5 })).toMatchObject({ cause, clockSkew: 5 })
    expect(new TooLargeError(5, 4)).toMatchObject({ size: 5, limit: 4 })
    expect(new FileUnreadableError('a', { cause })).toMatchObject({ file: 'a', cause })
    expect(new CorruptedError(3, '', '').partNumber).toBe(3)
    for (const error of [new SessionLostError(cause), new UnsureError(cause), new CorsError('s', { cause })])
      expect(error.cause).toBe(cause)
  })

  test('gets its class back by its name after it has crossed between threads', () => {
    const crossing = rows.map(([error]) => error).filter(({ name }) => !/^(Upload|Offline)Error$/.test(name))
    for (const error of crossing) expect(error).toBeInstanceOf(errorClasses[error.name])
    expect(new Set(Object.keys(errorClasses))).toEqual(new Set(crossing.map(({ name }) => name)))
  })

  test('about a missing CORS rule shows one to paste, for this page or any', () => {
    vi.stubGlobal('origin', 'https://app.test')
    const rules = [new CorsError('s3.test').message, new EtagHiddenError(1).message]
    vi.stubGlobal('origin', undefined)
    for (const message of [...rules, new EtagHiddenError(1).message]) {
      const [rule] = JSON.parse(message.slice(message.indexOf('\n[')))
      expect(rule).toMatchObject({ AllowedMethods: ['PUT'], AllowedHeaders: ['*'], ExposeHeaders: ['ETag'] })
      expect(rule.AllowedOrigins).toEqual([
        rules.includes(message) ? 'https://app.test' : 'https://your-app.example',
      ])
    }
  })

  test('about an expired URL mentions a clock that is off by a minute or more', () => {
    const told = (clockSkew?: number) =>
      new UrlExpiredError(1, { clockSkew }).message.split('signed for it')[1]
    expect([undefined, 0, 59_999, -59_999].map(told)).toEqual(['', '', '', ''])
    expect(told(60_000)).toBe("; this machine's clock is 60 s behind the storage's")
    expect(told(-90_400)).toBe("; this machine's clock is 90 s ahead of the storage's")
  })
})

describe('the answer of a server', () => {
  test.each([
    [{ status: 400 }, 'http', false],
    [{ status: 401 }, 'unauthorized', false],
    [{ status: 403 }, 'http', false],
    [{ status: 408 }, 'http', true],
    [{ status: 429 }, 'throttled', true],
    [{ status: 409 }, 'http', false],
    [{ status: 425 }, 'http', true],
    // It was not this page that closed the request, but something between two servers.
    [{ status: 499 }, 'http', true],
    [{ status: 409, serviceCode: 'OperationAborted' }, 'http', true],
    [{ status: 409, serviceCode: 'ConditionalRequestConflict' }, 'http', false],
    [{ status: 500 }, 'http', true],
    [{ status: 503 }, 'http', true],
    [{ status: 503, retryAfter: 0 }, 'throttled', true],
    [{ status: 500, retryAfter: 1 }, 'http', true],
    [{ status: 200, serviceCode: 'InternalError' }, 'http', true],
    [{ status: 200, serviceCode: 'ServiceUnavailable' }, 'http', true],
    [{ status: 200, serviceCode: 'SlowDown' }, 'throttled', true],
    [{ status: 503, serviceCode: 'SlowDownRead' }, 'throttled', true],
    [{ status: 400, serviceCode: 'RequestTimeout' }, 'http', true],
    [{ status: 400, serviceCode: 'NoSuchUpload' }, 'http', false],
    [{ status: 500, retryable: false }, 'http', false],
    [{ status: 409, retryable: true }, 'http', true],
  ] as const)('%j is %s, and retryable: %s', (details, code, retryable) => {
    const error = http(details)
    expect({ code: error.code, retryable: error.retryable }).toEqual({ code, retryable })
  })

  test.each([
    [{}, 'complete answered 400'],
    [{ serviceCode: 'A' }, 'complete answered 400 (A)'],
    [{ serviceCode: 'A', detail: 'b' }, 'complete answered 400 (A: b)'],
    [
      { detail: 'see https://s3.test/a?X-Amz-Signature=secret&b=1 "https://s3.test/b?c" there' },
      'complete answered 400 (see https://s3.test/a "https://s3.test/b" there)',
    ],
  ])('is described with its code and message, and without the queries of URLs: %j', (details, message) => {
    expect(http(details).message).toBe(message)
  })
})

describe('a thrown value', () => {
  test("stays as it is if it is longhaul's own error, and otherwise becomes the cause of one", () => {
    const own = new NetworkError('a')
    expect(toUploadError(own)).toBe(own)
    expect(toUploadError(cause)).toMatchObject({ code: 'unexpected', message: 'why', cause })
    expect(toUploadError('text')).toMatchObject({ code: 'unexpected', message: 'text', cause: 'text' })
    // The form in which ky reports it, which an application may use for an endpoint of its own.
    const failed = new Error('Request failed with status code 500: POST https://app.test/a?token=secret')
    for (const error of [toUploadError(failed), toUploadError(String(failed)), new UnsureError(failed)])
      expect(error.message).toMatch(/POST https:\/\/app\.test\/a$/)
    const without = Object.create(null)
    expect(toUploadError(without)).toMatchObject({
      code: 'unexpected',
      message: '{} (object)',
      cause: without,
    })
    expect(new SessionLostError('no error').message).toBe('the server no longer knows the upload')
  })

  test.each([
    'Failed to fetch',
    'fetch failed',
    'NetworkError when attempting to fetch resource.',
    'Load failed',
    'The Internet connection appears to be offline.',
    'The network connection was lost.',
    'The request timed out.',
  ])("from an engine's fetch without an answer is a network error: %s", (message) => {
    const error = new TypeError(message)
    expect(toUploadError(error)).toMatchObject({
      name: 'NetworkError',
      code: 'network',
      message,
      cause: error,
    })
    expect(toUploadError(new Error(message))).toMatchObject({ code: 'unexpected' })
  })

  test("from the application's own timeout is a network error too", () => {
    const error = new DOMException('The operation was aborted due to timeout', 'TimeoutError')
    expect(toUploadError(error)).toMatchObject({ name: 'NetworkError', retryable: true, cause: error })
  })

  test.each(['x is not a function', 'Failed to fetch dynamically imported module: /a.js', 'so: Load failed'])(
    'of any other kind is not a network error: %s',
    (message) => expect(toUploadError(new TypeError(message))).toMatchObject({ code: 'unexpected' }),
  )
})

test.each([
  [undefined, 'undefined'],
  [null, 'null'],
  [7, '7 (number)'],
  [true, 'true (boolean)'],
  ['a', '"a" (string)'],
  [() => 1, 'a function'],
  [[1], '[1] (array)'],
  [{ a: 1 }, '{"a":1} (Object)'],
  [{ constructor: 'a' }, '{"constructor":"a"} (object)'],
  [new Map(), '{} (Map)'],
  [{ toJSON: () => undefined }, ' (Object)'],
  [{ a: 1n }, ' (Object)'],
  ['x'.repeat(80), `"${'x'.repeat(80)}" (string)`],
  ['x'.repeat(81), `"${'x'.repeat(80)}…" (string)`],
  ['https://s3.test/a?X-Amz-Signature=secret b', '"https://s3.test/a b" (string)'],
])('a value received in place of the expected one is described in words (%#)', (value, words) => {
  expect(inWords(value)).toBe(words)
})

test('each warning has a message', () => {
  for (const words of Object.values(warnings)) expect(words).toMatch(/^[A-Z].{20}/)
  expect(Object.keys(warnings)).toHaveLength(7)
})

function escaped(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')
}
