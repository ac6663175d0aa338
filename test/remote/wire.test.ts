import { expect, test } from 'vitest'
import { CancelledError, HttpError, NetworkError, TooLargeError, UploadError } from '../../src/errors.ts'
import { fromWire, toWire } from '../../src/remote/wire.ts'

const busy = { endpoint: 'sign', status: 503, serviceCode: 'Busy', detail: 'm', retryAfter: 2_000 }

test.each([
  new NetworkError('down', { cause: new TypeError('failed to fetch') }),
  new HttpError(busy),
  new HttpError({ ...busy, status: 400 }),
  new TooLargeError(9, 8),
  new CancelledError(),
  new UploadError('unexpected', 'odd', { retryable: true, cause: 'a text' }),
])('%s is the same after the way between threads', (error) => {
  const wire = toWire(error)
  const same = fromWire(structuredClone(wire)) as UploadError
  expect(same).toBeInstanceOf(error.constructor)
  expect([same.name, same.message, same.code, same.retryable]).toEqual([
    error.name,
    error.message,
    error.code,
    error.retryable,
  ])
  expect({ ...same }).toEqual({ ...error })
  const { cause } = error
  expect(same.cause).toEqual(
    cause instanceof Error ? expect.objectContaining({ message: cause.message }) : cause,
  )
  expect(same.cause instanceof Error).toBe(cause instanceof Error)
})
