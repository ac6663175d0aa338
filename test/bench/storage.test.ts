import { expect, test } from 'vitest'
import { type Entry, trafficOf } from '../../bench/storage.ts'

const put: Entry = {
  sequence: 1,
  method: 'PUT',
  bytesReceived: 100,
  status: 200,
  headers: { origin: 'http://page' },
}

test("refused and cut requests count as wasted, and preflights and the backend's own requests do not count for the page", () => {
  const entries: readonly Entry[] = [
    put,
    { ...put, status: 503 },
    { ...put, status: 'cut', bytesReceived: 40 },
    { ...put, method: 'OPTIONS', bytesReceived: 0 },
    { ...put, method: 'POST', bytesReceived: 7, headers: {} },
    { ...put, method: 'POST', bytesReceived: 7 },
  ]
  expect(trafficOf(entries)).toEqual({ requests: 4, preflights: 1, bodyBytes: 240, lostBytes: 140 })
})

test('no requests add up to nothing', () => {
  expect(trafficOf([])).toEqual({ requests: 0, preflights: 0, bodyBytes: 0, lostBytes: 0 })
})
