import { expect, test } from 'vitest'
import { parseContentRange } from '../../../bench/peers/chunk-range.ts'

test('a range tells its first and its last byte, and how many there are in all', () => {
  expect(parseContentRange('bytes 10-19/100')).toEqual({ from: 10, to: 19, total: 100 })
})

test.each([undefined, '', 'bytes */100', 'bytes 20-19/100', 'bytes 0-100/100', 'bytes=0-1/2'])(
  '%s is no range',
  (header) => {
    expect(parseContentRange(header)).toBeUndefined()
  },
)
