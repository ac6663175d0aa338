import { expect, test } from 'vitest'
import { formatReading, type ReadingSample, readingRows, type Way } from '../../bench/reading/rows.ts'

const mebibyte = 1024 ** 2

function round(number: number, partSize: number, times: Readonly<Record<Way, number>>): ReadingSample[] {
  return (Object.entries(times) as [Way, number][]).map(([way, ms]) => {
    return { engine: 'Firefox', partSize, round: number, way, ms }
  })
}

const samples = [
  ...round(1, 5 * mebibyte, { limit: 100, 'read-twice': 200, 'read-once': 400 }),
  ...round(2, 5 * mebibyte, { limit: 90, 'read-twice': 100, 'read-once': 90 }),
  ...round(3, 5 * mebibyte, { limit: 80, 'read-twice': 100, 'read-once': 160 }),
  ...round(1, 64 * mebibyte, { limit: 80, 'read-twice': 80, 'read-once': 40 }),
]

test('a row has an engine and a part size, and ratios within its rounds', () => {
  expect(readingRows(samples)).toEqual([
    { engine: 'Firefox', partSize: 5 * mebibyte, twice: 0.8, once: 0.5, twiceWins: 2, rounds: 3, bareMs: 90 },
    { engine: 'Firefox', partSize: 64 * mebibyte, twice: 1, once: 2, twiceWins: 0, rounds: 1, bareMs: 80 },
  ])
})

test('the table says which way was faster, and how often', () => {
  const machine = { cores: 2, memoryMiB: 1, cpu: '', system: '', node: '', browser: 'Firefox 153' }
  expect(formatReading(machine, readingRows(samples)).split('\n').slice(-2)).toEqual([
    '| Firefox | 5 MiB | 90 | 0.8 | 0.5 | 2 of 3 |',
    '| Firefox | 64 MiB | 80 | 1 | 2 | 0 of 1 |',
  ])
})
