import { expect, test } from 'vitest'
import { ago, bytes, duration, percent } from '../../demo/page/format.ts'

test.each([
  [0, '0 B'],
  [999, '999 B'],
  [1_000, '1.00 kB'],
  [1_500, '1.50 kB'],
  [9_996, '10.0 kB'],
  [99_960, '100 kB'],
  [999_499, '999 kB'],
  [999_500, '1.00 MB'],
  [104_857_600, '105 MB'],
  [5_000_000_000_000, '5.00 TB'],
])('%d bytes are shown with three significant digits: %s', (count, text) => {
  expect(bytes(count)).toBe(text.replace(' ', '\u00a0'))
})

test.each([
  [0, '1 s'],
  [59_400, '59 s'],
  [60_000, '1 min'],
  [125_000, '2 min 5 s'],
  [3_600_000, '1 h'],
  [4_800_000, '1 h 20 min'],
  [273_600_000, '3 d 4 h'],
])('%d milliseconds are shown in their two largest units: %s', (milliseconds, text) => {
  expect(duration(milliseconds).replaceAll('\u00a0', ' ')).toBe(text)
})

test('percent is 100 only if everything is done', () => {
  expect(percent(9_999, 10_000)).toBe(99)
  expect(percent(10_000, 10_000)).toBe(100)
  expect(percent(0, 0)).toBe(0)
})

test.each([
  [30_000, 'just now'],
  [-5_000, 'just now'],
  [60_000, '1 minute ago'],
  [7_200_000, '2 hours ago'],
  [86_400_000, 'yesterday'],
  [259_200_000, '3 days ago'],
])('%d milliseconds ago is shown as %s', (passed, text) => {
  expect(ago(1_000_000_000_000 - passed, 1_000_000_000_000)).toBe(text)
})
