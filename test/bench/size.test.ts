import { describe, expect, test } from 'vitest'
import { formatSize, parseSize } from '../../bench/size.ts'

const mebibyte = 1024 ** 2

describe('parseSize', () => {
  test.each([
    ['512MiB', 512 * mebibyte],
    ['2GiB', 2048 * mebibyte],
    ['64 KiB', 64 * 1024],
    ['5kB', 5000],
    ['1.5MiB', 1.5 * mebibyte],
    ['512mib', 512 * mebibyte],
    ['8388608', 8 * mebibyte],
    ['100 B', 100],
    ['0', 0],
  ])('%s is %i bytes', (text, bytes) => {
    expect(parseSize(text)).toBe(bytes)
  })

  test.each(['', 'MiB', '-1MiB', '1e3', '5 apples', '1.5', '0.3kiB', '1 2MiB', '99999999999GiB', 'NaN'])(
    'refuses "%s"',
    (text) => {
      expect(parseSize(text)).toBeUndefined()
    },
  )
})

describe('formatSize', () => {
  test('shows mebibytes, and bytes below one mebibyte', () => {
    expect([512 * mebibyte, 1.25 * mebibyte, 1000].map(formatSize)).toEqual([
      '512 MiB',
      '1.3 MiB',
      '1000 bytes',
    ])
  })
})
