import { expect, test } from 'vitest'
import { parseContentRange } from '../../../bench/peers/chunk-range.ts'

test('a range has its first byte, its last byte and the total', () => {
  expect(parseContentRange('bytes 10-19/100')).toEqual({ from: 10, to: 19, total: 100 })
})

test.each([undefined, '', 'bytes */100', 'bytes 20-19/100', 'bytes 0-100/100', 'bytes=0-1/2'])(
  '%s is not a range',
  (header) => {
    expect(parseContentRange(header)).toBeUndefined()
  },
)
